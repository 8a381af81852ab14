"""A copy of the published week for each test that asks for it."""

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
    settings = copy_warehouse(postgres_server, tmp_path, published_week)
    use_warehouse(settings, monkeypatch)
    star = StarWarehouse(settings)
    yield star
    star.admin.close()
    settings_module.load_settings.cache_clear()
    drop_warehouse(postgres_server, settings)
