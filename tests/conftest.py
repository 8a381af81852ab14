"""One embedded Postgres per test session; each test that asks for a warehouse gets a database of its own."""

import itertools
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import psycopg
import pytest
from fake_api import FakeApi

from social_crm import settings as settings_module
from social_crm.database import prepare
from social_crm.local import postgres
from social_crm.settings import Settings
from social_crm.sources import SOURCES

SHARED_DATA = Path(os.environ.get("SHARED_DATA_DIR", Path(__file__).resolve().parents[2] / "shared/data"))
# Airflow writes its configuration where it is first imported; never into the home of whoever runs the tests.
os.environ["AIRFLOW_HOME"] = str(Path(__file__).resolve().parents[1] / "var/airflow-tests")
_database_numbers = itertools.count(1)


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[postgres.EmbeddedServer]:
    """Start the server on a throw-away directory and stop it at the end."""
    # Not below pytest's own folder, which each session closes to other users; as root, the server is one.
    directory = tempfile.TemporaryDirectory(prefix="warehouse-tests-", ignore_cleanup_errors=True)
    data_dir = Path(directory.name) / "data"
    # Durability is what a throw-away server can do without; crash tests kill our processes, not this one.
    yield postgres.start(data_dir, options={"fsync": "off", "synchronous_commit": "off"})
    postgres.stop(data_dir)
    directory.cleanup()


def make_warehouse(server: postgres.EmbeddedServer, directory: Path) -> Settings:
    """Create an empty, prepared warehouse database and return the settings that point at it."""
    name = f"warehouse_{next(_database_numbers)}"
    with psycopg.connect(server.url(), autocommit=True) as admin:
        admin.execute(f"create database {name}")  # type: ignore[arg-type]
    settings = Settings(
        warehouse_admin_url=server.url(name),
        warehouse_loader_url=server.url(name, "loader", "loader-test"),
        warehouse_transformer_url=server.url(name, "transformer", "transformer-test"),
        warehouse_reader_url=server.url(name, "bi_reader", "reader-test"),
        pseudonym_key="test-pseudonym-key",
        data_docs_dir=directory / "data_docs",
        dbt_target_dir=directory / "dbt",
    )
    prepare(settings, SOURCES)
    return settings


def use_warehouse(settings: Settings, patch: pytest.MonkeyPatch) -> None:
    """Make a warehouse the one `load_settings` returns, here and in child processes."""
    for name, value in vars(settings).items():
        patch.setenv(name.upper() if name.startswith("warehouse_") else f"WAREHOUSE_{name.upper()}", str(value))
    settings_module.load_settings.cache_clear()


@pytest.fixture
def warehouse(
    postgres_server: postgres.EmbeddedServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Settings]:
    """Give the test an empty prepared warehouse, and make it the one `load_settings` returns."""
    settings = make_warehouse(postgres_server, tmp_path)
    use_warehouse(settings, monkeypatch)
    yield settings
    settings_module.load_settings.cache_clear()


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """Return the folder of real test data; tests that need it skip where it is absent."""
    if not SHARED_DATA.is_dir():
        pytest.skip(f"real test data not present at {SHARED_DATA}")
    return SHARED_DATA


@pytest.fixture
def fake_api() -> Iterator[FakeApi]:
    """Give the test an HTTP server of its own on loopback, to be told how to answer."""
    with FakeApi() as api:
        yield api


@pytest.fixture
def naps(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """Let connectors wait no real time before a retry, and return the seconds they would have waited."""
    seconds: list[float] = []
    # tenacity's own name for the module: `time.sleep` itself stays, for servers that stall.
    monkeypatch.setattr("tenacity.nap.time", SimpleNamespace(sleep=seconds.append))
    return seconds
