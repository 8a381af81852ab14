"""Stars that are ready: for each test that asks, a copy of the published week or of one without a record."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from star_warehouse import StarWarehouse, star_of

from social_crm.local import postgres
from social_crm.settings import Settings


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
