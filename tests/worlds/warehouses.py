"""Warehouses for tests, on the session's Postgres: empty ones, and copies of those that take long to build.

A name is used again once its warehouse is dropped: dbt keeps what it parsed per database name, and parsing everything
again for each test would cost more than most tests.
"""

import itertools
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any

import psycopg
import pytest
from psycopg import sql

from social_crm import settings as settings_module
from social_crm.database import connect
from social_crm.database.preparation import admit_roles, prepare
from social_crm.local import postgres
from social_crm.settings import Settings
from social_crm.sources import SOURCES

_in_use: set[str] = set()


def make_warehouse(server: postgres.EmbeddedServer, directory: Path) -> Settings:
    """Create an empty, prepared warehouse database and return the settings that point at it."""
    return copy_warehouse(server, directory, prepared(server))


def copy_warehouse(server: postgres.EmbeddedServer, directory: Path, original: Settings) -> Settings:
    """Create a copy of a warehouse, including moments of reading; this ends all connections to the original."""
    name = next(name for number in itertools.count(1) if (name := f"warehouse_{number}") not in _in_use)
    _in_use.add(name)
    settings = _settings_of(server, name, directory)
    with psycopg.connect(server.url(), autocommit=True) as admin:
        _end_sessions(admin, original)
        create = sql.SQL("create database {} template {} strategy file_copy")
        admin.execute(create.format(sql.Identifier(name), sql.Identifier(_name_of(original))))
    with connect(settings.warehouse_admin_url) as admin:
        admit_roles(admin)
    return settings


def keep_as(server: postgres.EmbeddedServer, settings: Settings, name: str) -> Settings:
    """Rename a warehouse that will only be copied from now on, and free its old name."""
    with psycopg.connect(server.url(), autocommit=True) as admin:
        _end_sessions(admin, settings)
        rename = sql.SQL("alter database {} rename to {}")
        admin.execute(rename.format(sql.Identifier(_name_of(settings)), sql.Identifier(name)))
    _in_use.discard(_name_of(settings))
    return _settings_of(server, name, settings.data_docs_dir.parent)


@contextmanager
def in_place_of(server: postgres.EmbeddedServer, original: Settings, other: Settings) -> Iterator[None]:
    """Redirect the original warehouse's name to another warehouse until the end."""
    _swap(server, original, other)
    try:
        yield
    finally:
        _swap(server, original, other)


def _swap(server: postgres.EmbeddedServer, one: Settings, other: Settings) -> None:
    here, there = _name_of(one), _name_of(other)
    with psycopg.connect(server.url(), autocommit=True) as admin:
        for settings in (one, other):
            _end_sessions(admin, settings)
        for name, becomes in ((here, "swapped"), (there, here), ("swapped", there)):
            rename = sql.SQL("alter database {} rename to {}")
            admin.execute(rename.format(sql.Identifier(name), sql.Identifier(becomes)))


@cache
def prepared(server: postgres.EmbeddedServer) -> Settings:
    """Create the empty warehouse that all others are copied from."""
    settings = _settings_of(server, "prepared", server.data_dir.parent)
    with psycopg.connect(server.url(), autocommit=True) as admin:
        admin.execute("create database prepared")
    prepare(settings, SOURCES)
    return settings


def _settings_of(server: postgres.EmbeddedServer, name: str, directory: Path) -> Settings:
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


def _name_of(settings: Settings) -> str:
    return settings.warehouse_admin_url.rpartition("/")[2]


def _end_sessions(admin: psycopg.Connection, settings: Settings) -> None:
    sessions = "select pg_terminate_backend(pid, 5000) from pg_stat_activity where datname = %s"
    admin.execute(sessions, [_name_of(settings)])


def drop_warehouse(server: postgres.EmbeddedServer, settings: Settings) -> None:
    """Drop a warehouse, even if somebody is connected, and free its name."""
    with psycopg.connect(server.url(), autocommit=True) as admin:
        admin.execute(sql.SQL("drop database {} with (force)").format(sql.Identifier(_name_of(settings))))
    _in_use.discard(_name_of(settings))


def use_warehouse(settings: Settings, patch: pytest.MonkeyPatch) -> None:
    """Make `load_settings` return a warehouse, here and in child processes."""
    for name, value in settings.as_environment().items():
        patch.setenv(name, value)
    settings_module.load_settings.cache_clear()


@contextmanager
def in_use(settings: Settings) -> Iterator[None]:
    """Make `load_settings` return a warehouse until the end."""
    try:
        with pytest.MonkeyPatch.context() as patch:
            use_warehouse(settings, patch)
            yield
    finally:
        settings_module.load_settings.cache_clear()


@contextmanager
def copy_in_use(server: postgres.EmbeddedServer, original: Settings, directory: Path) -> Iterator[Settings]:
    """Copy a warehouse, make `load_settings` return the copy, and drop it at the end."""
    settings = copy_warehouse(server, directory, original)
    try:
        with in_use(settings):
            yield settings
    finally:
        drop_warehouse(server, settings)


def ask(settings: Settings, query: str) -> str:
    """Return the single value that a query finds, with numbers as people write them."""
    (value,) = ask_all(settings, query)
    return f"{value:,}" if isinstance(value, int) else str(value)


def ask_all(settings: Settings, query: str) -> list[Any]:
    """Return the first column of a query's result."""
    with connect(settings.warehouse_admin_url) as admin:
        return [row[0] for row in admin.execute(query.encode())]
