"""Warehouses for each test that asks: a copy of the published week or of one without a record, or an empty one."""

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from social_crm.local import postgres
from social_crm.settings import Settings
from worlds.erased_person import arrive
from worlds.star_warehouse import StarWarehouse, kept_star, star_of


@pytest.fixture
def week(postgres_server: postgres.EmbeddedServer, published_week: Settings, tmp_path: Path) -> Iterator[StarWarehouse]:
    """Give the test a copy of the published week, and make it the warehouse that `load_settings` returns."""
    with star_of(postgres_server, published_week, tmp_path) as star:
        yield star


@pytest.fixture
def star(postgres_server: postgres.EmbeddedServer, published_void: Settings, tmp_path: Path) -> Iterator[StarWarehouse]:
    """Give the test a published star without a record, into which it lands its own."""
    with star_of(postgres_server, published_void, tmp_path) as star:
        yield star


@pytest.fixture(scope="session")
def arrived(
    postgres_server: postgres.EmbeddedServer, published_void: Settings, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Settings]:
    """Publish one person's story once for all tests that erase her."""
    with kept_star(postgres_server, published_void, tmp_path_factory.mktemp("arrived"), "arrived", arrive) as settings:
        yield settings


@pytest.fixture
def told(postgres_server: postgres.EmbeddedServer, arrived: Settings, tmp_path: Path) -> Iterator[StarWarehouse]:
    """Give the test a copy of the star that tells one person's story."""
    with star_of(postgres_server, arrived, tmp_path) as star:
        yield star


@pytest.fixture
def landed(warehouse: Settings) -> Iterator[StarWarehouse]:
    """Give the test an empty warehouse to land in."""
    star = StarWarehouse(warehouse)
    with closing(star.admin):
        yield star
