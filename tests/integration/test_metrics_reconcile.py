"""Every metric is one number, whoever is asked: MetricFlow, Superset's dataset, or an oracle written apart."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

import pytest
import yaml
from metric_oracle import FACTS, Fact
from psycopg.rows import dict_row
from real_flow import land_source, transform
from sample_company import move_clock, running_company
from warehouses import make_warehouse, use_warehouse

from social_crm import settings as settings_module
from social_crm.dashboards.assets import dataset_file
from social_crm.dashboards.joins import dimension_column
from social_crm.dashboards.metric_query import MetricQueries
from social_crm.dashboards.semantics import Semantics, read_semantics
from social_crm.database import connect
from social_crm.local import postgres
from social_crm.settings import Settings, load_settings
from social_crm.sources.model import Window

MONTH = "metric_time__month"
Rows = list[dict[str, Any]]
Answers = dict[str, dict[str, float | None]]


@pytest.fixture(scope="module")
def star(postgres_server: postgres.EmbeddedServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Settings]:
    """Land the sample company's fourteen days as one window and publish them."""
    with (
        running_company(tmp_path_factory.mktemp("company")) as company,
        pytest.MonkeyPatch.context() as patch,
    ):
        settings = make_warehouse(postgres_server, tmp_path_factory.mktemp("warehouse"))
        use_warehouse(settings, patch)
        move_clock(company, "2026-11-09T01:00:00Z")
        window = Window(datetime.fromisoformat("2026-10-26T00:00:00Z"), datetime.fromisoformat("2026-11-09T00:00:00Z"))
        for source, connection in company.items():
            land_source(source, connection, window)
        transform()
        yield settings
    settings_module.load_settings.cache_clear()


@pytest.fixture(scope="module")
def semantics() -> Semantics:
    return read_semantics()


@pytest.fixture(scope="module")
def metricflow(semantics: Semantics) -> MetricQueries:
    return MetricQueries(semantics)


def ask(query: str) -> Rows:
    """Return the rows that a BI user gets, each by name."""
    with connect(load_settings().warehouse_reader_url) as reader:
        return reader.cursor(row_factory=dict_row).execute(query.encode()).fetchall()


def by_group(rows: Rows, names: list[str]) -> Answers:
    """Return numbers by group; of a month, of any type, its year and month."""
    group = next(iter(set(rows[0]) - set(names)))
    found = {}
    for row in rows:
        key = row[group].strftime("%Y-%m") if hasattr(row[group], "strftime") else str(row[group])
        found[key] = {name: None if row[name] is None else float(row[name]) for name in names}
    return found


def ask_metricflow(queries: MetricQueries, names: list[str], group: str) -> Answers:
    return by_group(ask(queries.sql(names, [group])), names)


def ask_dataset(dataset: dict[str, Any], names: list[str], group: str) -> Answers:
    """Ask as Superset does: an aggregate of the dataset's query, by a column or by the month of its time column."""
    if group == MONTH:
        column = f"date_trunc('month', {dataset['main_dttm_col']})"
    else:
        column = dimension_column(*group.split("__")[-2:])
    expressions = {metric["metric_name"]: metric["expression"] for metric in dataset["metrics"]}
    listed = ", ".join(f"{expressions[name]} as {name}" for name in names)
    return by_group(ask(f"select {column} as grouped, {listed} from ({dataset['sql']}) as dataset group by 1"), names)


def ask_oracle(fact: Fact, names: list[str], group: str) -> Answers:
    column = f"date_trunc('month', {fact.month}::timestamp)" if group == MONTH else dict(fact.groups)[group]
    rows = ask(fact.sql(column))
    return by_group([{**fact.answer(row), "grouped": row["grouped"]} for row in rows], names)


def test_the_oracle_knows_every_metric(semantics: Semantics) -> None:
    known = {dataset: {*fact.counts, *fact.shares, *fact.percentiles, *fact.derived} for dataset, fact in FACTS.items()}
    assert known == {
        dataset: {metric.name for metric in semantics.metrics_of(dataset) if metric.expression}
        for dataset in semantics.models
        if semantics.metrics_of(dataset)
    }


@pytest.mark.parametrize("name", FACTS)
def test_metricflow_superset_and_the_oracle_agree_to_the_last_digit(
    name: str, star: Settings, metricflow: MetricQueries, semantics: Semantics
) -> None:
    fact = FACTS[name]
    dataset = yaml.safe_load(dataset_file(name).read_text())
    names = [metric["metric_name"] for metric in dataset["metrics"]]
    for group in (*dict(fact.groups), MONTH):
        expected = ask_oracle(fact, names, group)
        assert expected
        assert ask_dataset(dataset, names, group) == expected
        assert ask_metricflow(metricflow, names, group) == expected
