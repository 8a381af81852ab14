"""Stars that are ready: for each test that asks, a copy of the published week or of one without a record."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from star_warehouse import StarWarehouse
from warehouses import copy_warehouse, drop_warehouse, use_warehouse

from social_crm import settings as settings_module
from social_crm.local import postgres
from social_crm.settings import Settings


@pytest.fixture
def week(
    postgres_server: postgres.EmbeddedServer, published_week: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[StarWarehouse]:
    """Give the test a copy of the published week, and make it the warehouse that `load_settings` returns."""
    yield from _copied(postgres_server, published_week, tmp_path, monkeypatch)


@pytest.fixture
def star(
    postgres_server: postgres.EmbeddedServer, published_void: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[StarWarehouse]:
    """Give the test a published star without a record, into which it lands its own."""
    yield from _copied(postgres_server, published_void, tmp_path, monkeypatch)


def _copied(
    server: postgres.EmbeddedServer, original: Settings, directory: Path, patch: pytest.MonkeyPatch
) -> Iterator[StarWarehouse]:
    settings = copy_warehouse(server, directory, original)
    use_warehouse(settings, patch)
    star = StarWarehouse(settings)
    yield star
    star.admin.close()
    settings_module.load_settings.cache_clear()
    drop_warehouse(server, settings)
