"""Number tiles of an empty warehouse show unknown, never 0. The browser draws three dashboards of it."""

from collections.abc import Iterator
from typing import Any

import psycopg
import pytest
import yaml

from social_crm.dashboards.__main__ import DASHBOARDS
from social_crm.dashboards.assets import BI_DIR
from social_crm.dashboards.charts import Chart
from social_crm.database import connect
from social_crm.settings import Settings

TILES = [chart for board in DASHBOARDS for chart in board.charts() if chart.viz_type == "big_number_total"]
# What is known although nothing was said: until when.
KNOWN = {"Known up to (UTC)"}


@pytest.fixture(scope="module")
def bi(published_void: Settings) -> Iterator[psycopg.Connection[Any]]:
    with connect(published_void.warehouse_reader_url) as reader:
        yield reader


def test_there_are_tiles() -> None:
    assert len(TILES) > 30
    assert {tile.title for tile in TILES} > KNOWN


@pytest.mark.parametrize("tile", TILES, ids=lambda tile: tile.key)
def test_a_tile_knows_nothing_of_nothing(tile: Chart, bi: psycopg.Connection[Any]) -> None:
    [file] = BI_DIR.glob(f"datasets/*/{tile.dataset}.yaml")
    dataset, metric = yaml.safe_load(file.read_text(encoding="utf-8")), tile.params["metric"]
    named = {one["metric_name"]: one["expression"] for one in dataset["metrics"]}
    expression = named[metric] if isinstance(metric, str) else metric["sqlExpression"]
    rows = f"({dataset['sql']})" if dataset["sql"] else f"{dataset['schema']}.{dataset['table_name']}"
    row = bi.execute(f"select {expression} from {rows} as rows".encode()).fetchone()
    assert row is not None
    assert (row[0] is not None) == (tile.title in KNOWN)
