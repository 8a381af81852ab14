"""A published week: built once a session, and copied for each test that asks for it."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from star_warehouse import StarWarehouse
from warehouses import copy_warehouse, drop_warehouse, keep_as, make_warehouse, use_warehouse

from social_crm import settings as settings_module
from social_crm.local import postgres
from social_crm.settings import Settings


@pytest.fixture(scope="session")
def published_week(postgres_server: postgres.EmbeddedServer, tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """Land, transform and publish the seven days of `star_world`; to be copied, and left as it is."""
    settings = make_warehouse(postgres_server, tmp_path_factory.mktemp("published_week"))
    with pytest.MonkeyPatch.context() as patch:
        use_warehouse(settings, patch)
        star = StarWarehouse(settings)
        star.land_days(seed=7)
        star.transform()
        star.admin.close()
    settings_module.load_settings.cache_clear()
    return keep_as(postgres_server, settings, "published_week")


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
