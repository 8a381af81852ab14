"""Empty warehouses for tests, on the session's Postgres.

A name is used again once its warehouse is dropped: dbt keeps what it parsed per database name, and parsing everything
anew for each test would cost more than most tests.
"""

import itertools
from pathlib import Path

import psycopg
import pytest
from psycopg import sql

from social_crm import settings as settings_module
from social_crm.database import prepare
from social_crm.local import postgres
from social_crm.settings import Settings
from social_crm.sources import SOURCES

_in_use: set[str] = set()


def make_warehouse(server: postgres.EmbeddedServer, directory: Path) -> Settings:
    """Create an empty, prepared warehouse database and return the settings that point at it."""
    settings = _create(server, directory, "template1")
    prepare(settings, SOURCES)
    return settings


def copy_warehouse(server: postgres.EmbeddedServer, directory: Path, original: Settings) -> Settings:
    """Create a copy of a warehouse, moments of reading included; whoever is connected to the original loses it."""
    name = original.warehouse_admin_url.rpartition("/")[2]
    with psycopg.connect(server.url(), autocommit=True) as admin:
        admin.execute("select pg_terminate_backend(pid, 5000) from pg_stat_activity where datname = %s", [name])
    return _create(server, directory, name)


def _create(server: postgres.EmbeddedServer, directory: Path, template: str) -> Settings:
    name = next(name for number in itertools.count(1) if (name := f"warehouse_{number}") not in _in_use)
    _in_use.add(name)
    with psycopg.connect(server.url(), autocommit=True) as admin:
        create = sql.SQL("create database {} template {}")
        admin.execute(create.format(sql.Identifier(name), sql.Identifier(template)))
    return Settings(
        warehouse_admin_url=server.url(name),
        warehouse_loader_url=server.url(name, "loader", "loader-test"),
        warehouse_transformer_url=server.url(name, "transformer", "transformer-test"),
        warehouse_reader_url=server.url(name, "bi_reader", "reader-test"),
        pseudonym_key="test-pseudonym-key",
        data_docs_dir=directory / "data_docs",
        dbt_target_dir=server.data_dir.parent / f"dbt_{name}",
        bi_secret="test-bi-secret",
    )


def drop_warehouse(server: postgres.EmbeddedServer, settings: Settings) -> None:
    """Drop a warehouse, whoever is still connected, and give its name free."""
    name = settings.warehouse_admin_url.rpartition("/")[2]
    with psycopg.connect(server.url(), autocommit=True) as admin:
        admin.execute(sql.SQL("drop database {} with (force)").format(sql.Identifier(name)))
    _in_use.discard(name)


def use_warehouse(settings: Settings, patch: pytest.MonkeyPatch) -> None:
    """Make a warehouse the one `load_settings` returns, here and in child processes."""
    for name, value in vars(settings).items():
        patch.setenv(name.upper() if name.startswith("warehouse_") else f"WAREHOUSE_{name.upper()}", str(value))
    settings_module.load_settings.cache_clear()
