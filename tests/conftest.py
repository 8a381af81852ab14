"""One embedded Postgres per test session; each test that asks for a warehouse gets a database of its own."""

import fcntl
import gc
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from psycopg import sql
from xdist.scheduler import LoadFileScheduling

from acceptance import Harness, harness_of
from quick_dbt import quickly
from servers.fake_api import FakeApi
from social_crm.dashboards.semantics import Semantics, read_semantics
from social_crm.database import connect
from social_crm.garbage_collection import GARBAGE_THRESHOLD
from social_crm.local import postgres
from social_crm.settings import Settings
from social_crm.sources.model import Connection, Source
from social_crm.transform import dbt_runner
from worlds.warehouses import copy_in_use, prepared

SHARED_DATA = Path(os.environ.get("SHARED_DATA_DIR", Path(__file__).resolve().parents[2] / "shared/data"))
# Airflow writes its configuration where it is first imported; never into the home of the person who runs the tests.
os.environ["AIRFLOW_HOME"] = str(Path(__file__).resolve().parents[1] / "var/airflow-tests")


# Whatever a session imports and parses lives to its end; Python's default garbage collection of it takes a tenth of the
# time.
gc.set_threshold(GARBAGE_THRESHOLD, *gc.get_threshold()[1:])
# Before any test module imports it by name.
dbt_runner.invoke_dbt = quickly(dbt_runner.invoke_dbt)

# Files that take minutes first: at the end, one worker would still have such a file and the other nothing.
LONGEST_FIRST = ("browser", "faults", "integration", "dags")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Sort files by their folder."""
    ranks = {folder: rank for rank, folder in enumerate(LONGEST_FIRST)}
    items.sort(key=lambda item: ranks.get(item.path.parent.name, len(ranks)))


class OneSuperset(LoadFileScheduling):
    """Give each worker whole files, and one the whole browser folder, because installing Superset takes a minute."""

    def _split_scope(self, nodeid: str) -> str:
        return "browser" if nodeid.startswith("tests/browser/") else super()._split_scope(nodeid)


def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> OneSuperset:
    """Tell pytest-xdist what belongs together."""
    return OneSuperset(config, log)


def roomy_memory() -> str | None:
    """Return an in-memory folder if it has room, which is not so in every container.

    A test's warehouse is a copy of some two thousand small files: 0.1 s there, 2 s on a virtual machine's disk.
    """
    memory = "/dev/shm"
    is_roomy = os.access(memory, os.W_OK) and shutil.disk_usage(memory).free > 4 * 2**30
    return memory if is_roomy else None


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[postgres.EmbeddedServer]:
    """Start the server on a throw-away directory and stop it at the end."""
    # Not below pytest's own folder, which each session closes to other users; as root, the server is another user.
    directory = tempfile.TemporaryDirectory(prefix="warehouse-tests-", dir=roomy_memory(), ignore_cleanup_errors=True)
    data_dir = Path(directory.name) / "data"
    # A throw-away server needs no durability; crash tests kill our processes, not this one.
    options = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}
    # Tables that a transaction creates and fills are then not logged.
    options |= {"wal_level": "minimal", "max_wal_senders": "0"}
    # dbt signs in again for every model: 4,096 rounds of hashing and pages of shared memory took a seventh of the CPU.
    options |= {"scram_iterations": "1", "shared_buffers": "32MB"}
    server = postgres.start(data_dir, options=options)
    with connect(server.url()) as admin:
        admin.execute(sql.SQL("alter role postgres password {}").format(server.password))
    yield server
    postgres.stop(data_dir)
    directory.cleanup()


@pytest.fixture
def warehouse(postgres_server: postgres.EmbeddedServer, tmp_path: Path) -> Iterator[Settings]:
    """Give the test an empty prepared warehouse, and make it the one `load_settings` returns."""
    with copy_in_use(postgres_server, prepared(postgres_server), tmp_path) as settings:
        yield settings


@pytest.fixture(scope="module")
def company(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Connection]]:
    """Start the sample server, and yield a connection to each of its sources."""
    from worlds.sample_company import running_company

    with running_company(tmp_path_factory.mktemp("company")) as connections:
        yield connections


@pytest.fixture(scope="session")
def parsed_project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a dbt target directory of this worker, in which the first test to need it has parsed the project.

    From scratch that takes 10 s, from there 1 s; models that this process runs after it need no parsing at all.
    """
    shared, own = tmp_path_factory.getbasetemp(), tmp_path_factory.mktemp("parsed_project")
    if "PYTEST_XDIST_WORKER" in os.environ:
        shared = shared.parent
    with (shared / "parsing").open("w") as parsing:
        fcntl.flock(parsing, fcntl.LOCK_EX)
        if not (shared / "parsed").exists():
            dbt_runner.parse_without_warehouse(own)
            # A killed worker leaves no partial copy.
            shutil.copytree(own, shared / "copying", dirs_exist_ok=True).rename(shared / "parsed")
            return own
    shutil.copytree(shared / "parsed", own, dirs_exist_ok=True)
    dbt_runner.parse_without_warehouse(own)
    return own


@pytest.fixture(scope="session")
def semantics(parsed_project: Path) -> Semantics:
    """Return what the dbt project says of models and metrics."""
    return read_semantics(parsed_project)


@pytest.fixture(scope="session")
def published_void(
    parsed_project: Path, postgres_server: postgres.EmbeddedServer, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Settings]:
    """Publish the star of a day without messages; to be copied, not changed."""
    # Not every test session builds a star, and the imports take seconds.
    from worlds.star_warehouse import StarWarehouse, kept_star

    def tell(star: StarWarehouse) -> None:
        star.land("phone.calls", [], day=-1)
        star.transform()

    directory = tmp_path_factory.mktemp("published_void")
    with kept_star(postgres_server, prepared(postgres_server), directory, "published_void", tell) as settings:
        yield settings


@pytest.fixture(scope="session")
def published_week(
    postgres_server: postgres.EmbeddedServer, published_void: Settings, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Settings]:
    """Land, transform and publish the seven days of `star_world`; to be copied, not changed."""
    from worlds.star_warehouse import StarWarehouse, kept_star

    def tell(star: StarWarehouse) -> None:
        star.land_days(seed=7)
        star.transform()

    directory = tmp_path_factory.mktemp("published_week")
    with kept_star(postgres_server, published_void, directory, "published_week", tell) as settings:
        yield settings


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """Return the folder of real test data; tests that need it are skipped if it is absent."""
    if not SHARED_DATA.is_dir():
        pytest.skip(f"real test data not present at {SHARED_DATA}")
    return SHARED_DATA


@pytest.fixture
def fake_api() -> Iterator[FakeApi]:
    """Give the test its own HTTP server on loopback, whose answers it sets."""
    with FakeApi() as api:
        yield api


@pytest.fixture
def naps(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """Let connectors not really wait before a retry, and return the seconds that they would have waited."""
    seconds: list[float] = []
    # tenacity's own name for the module: `time.sleep` itself stays, for servers that stall.
    monkeypatch.setattr("tenacity.nap.time", SimpleNamespace(sleep=seconds.append))
    return seconds


@pytest.fixture
def play(
    fake_api: FakeApi, naps: list[float], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Callable[[Source], Harness]:
    """Simulate a source by its harness, without real waiting times."""
    return lambda source: harness_of(source)(fake_api, tmp_path, monkeypatch)
