"""Every metric is one number, whoever is asked: MetricFlow, Superset's dataset, or an oracle written apart."""

from collections import Counter
from collections.abc import Iterator
from datetime import datetime
from typing import Any

import pytest
import yaml
from psycopg.rows import dict_row

from oracles.metric_oracle import FACTS, PLACES, Fact
from social_crm.dashboards.assets import dataset_file
from social_crm.dashboards.joins import dimension_column
from social_crm.dashboards.metric_query import MetricQueries
from social_crm.dashboards.semantics import Semantics
from social_crm.database import connect
from social_crm.local import postgres
from social_crm.settings import Settings, load_settings
from social_crm.sources import SOURCES
from social_crm.sources.model import Window
from worlds.real_flow import land_source, transform
from worlds.sample_company import Connections, move_clock
from worlds.warehouses import copy_in_use

MONTH = "metric_time__month"
Rows = list[dict[str, Any]]
Answers = dict[str, dict[str, float | None]]


@pytest.fixture(scope="module")
def star(
    postgres_server: postgres.EmbeddedServer,
    published_void: Settings,
    company: Connections,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Settings]:
    """Land the sample company's fourteen days as one window and publish them."""
    with copy_in_use(postgres_server, published_void, tmp_path_factory.mktemp("warehouse")) as settings:
        move_clock(company, "2026-11-09T01:00:00Z")
        window = Window(datetime.fromisoformat("2026-10-26T00:00:00Z"), datetime.fromisoformat("2026-11-09T00:00:00Z"))
        for source, connection in company.items():
            land_source(source, connection, window)
        transform()
        yield settings


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
    parts = {dataset: (fact.counts, fact.shares, fact.percentiles, fact.derived) for dataset, fact in FACTS.items()}
    known = {f"{dataset}.{name}" for dataset, names in parts.items() for part in names for name in part}
    defined = {
        f"{dataset}.{metric.name}"
        for dataset in semantics.models
        for metric in semantics.metrics_of(dataset)
        if metric.expression
    }
    assert sorted(defined ^ known) == [], "work them out in tests/oracles/metric_oracle.py as well, or there no more"


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


def test_what_a_merge_or_a_deletion_left_unanswered_is_in_no_share_of_answered_waits(star: Settings) -> None:
    metrics = yaml.safe_load(dataset_file("response_gaps").read_text())["metrics"]
    [expression] = [one["expression"] for one in metrics if one["metric_name"] == "answered_wait_share"]
    waits = """
        ('answered', false, false), ('answered', false, true), ('waiting', false, false),
        ('closed_unanswered', true, false), ('closed_unanswered', false, true), ('unknown', false, false)
    """
    [found] = ask(f"select {expression} as share from (values {waits}) as w (outcome, is_ended_by_merge, is_deleted)")
    assert found["share"] == pytest.approx(2 / 3)


def test_contacts_to_date_are_those_since_the_first_of_the_month(star: Settings, metricflow: MetricQueries) -> None:
    places = "from bi.fct_contacts as f join bi.dim_market as m using (market_code)"
    contacts = [(row["region"], row["day"]) for row in ask(f"select m.region, f.local_date_key as day {places}")]
    months = {(day.year, day.month) for _, day in contacts}
    days = [row["day"] for row in ask("select date_key as day from bi.dim_date")]
    expected = {
        (region, day): sum(
            where == region and (then.year, then.month) == (day.year, day.month) and then <= day
            for where, then in contacts
        )
        for region in {region for region, _ in contacts}
        for day in days
        if (day.year, day.month) in months
    }
    by_day = ask(metricflow.sql(["contacts_month_to_date"], ["metric_time__day", "market__region"]))
    told = {(row["market__region"], row["metric_time__day"]): row["contacts_month_to_date"] for row in by_day}
    assert told == {place: number for place, number in expected.items() if number}
    # Of a month, what its last day says.
    by_month = ask(metricflow.sql(["contacts_month_to_date"], [MONTH]))
    assert {(row[MONTH].year, row[MONTH].month): row["contacts_month_to_date"] for row in by_month} == Counter(
        (day.year, day.month) for _, day in contacts
    )


def test_a_case_is_counted_for_the_latest_social_contact_of_the_week_before(
    star: Settings, metricflow: MetricQueries
) -> None:
    contacts = ask(
        f"select f.customer_id, f.local_date_key as day, m.region from bi.fct_contacts as f {PLACES}"
        " where c.channel_family = 'social' and f.customer_id is not null"
        " and f.contacted_at <= (select max(as_of) - interval '7 days' from bi.publications)"
    )
    cases = ask("select customer_id, local_date_key as day from bi.fct_conversations where status is not null")
    converted: Counter[str] = Counter()
    for case in cases:
        before = [
            contact
            for contact in contacts
            if contact["customer_id"] == case["customer_id"] and 0 <= (case["day"] - contact["day"]).days < 7
        ]
        if before:
            converted[max(before, key=lambda contact: contact["day"])["region"]] += 1
    counted = Counter(contact["region"] for contact in contacts)
    expected = {region: {"case_conversion_rate": converted[region] / number} for region, number in counted.items()}
    assert ask_metricflow(metricflow, ["case_conversion_rate"], "market__region") == expected
    assert 0 < sum(converted.values()) < len(cases)


# What a metric is narrowed to.
NARROWED = {"first_replies_in_time": ["{{ Dimension('sla_event__promise') }} = 'first_reply'"]}


def test_a_criterion_of_the_audit_that_is_a_metric_is_that_number(star: Settings, metricflow: MetricQueries) -> None:
    audit = ask("select * from bi.rpt_capability_audit where metric is not null and market_code <> 'all'")
    assert {row["month_start_date"].isoformat() for row in audit} == {"2026-10-01"}
    for code, metric in {(row["criterion_code"], row["metric"]) for row in audit}:
        groups = ["market__name", MONTH]
        answers = ask(metricflow.sql([metric], groups, NARROWED.get(code, ())))
        expected = {
            row["market__name"]: row[metric]
            for row in answers
            if row[MONTH].strftime("%Y-%m") == "2026-10" and row[metric] is not None
        }
        shares = {
            row["market"]: row["met_count"] / row["counted_count"]
            for row in audit
            if row["criterion_code"] == code and row["counted_count"]
        }
        assert expected
        assert shares == pytest.approx(expected), code


def test_the_audit_counts_the_rows_that_it_names(star: Settings, company: Connections) -> None:
    audit = ask("select * from bi.rpt_capability_audit")
    of_rows = [row for row in audit if row["rows_counted"]]
    for row in of_rows:
        [found] = ask(
            f"select count(*) as counted_count, count(*) filter (where {row['rows_met']}) as met_count"
            f" from {row['rows_in']} inner join bi.dim_channel using (channel_code) where {row['rows_counted']}"
            f" and '{row['market_code']}' in ('all', market_code)"
            f" and date_trunc('month', local_date_key) = '{row['month_start_date']}'"
        )
        assert found == {name: row[name] for name in found}, row["capability_audit_key"]
    # Every table on six days from 26 October, all of them landed, and the day of calls that the star begins with.
    [sources] = [row for row in audit if not row["rows_counted"]]
    assert (sources["market_code"], sources["met_count"]) == ("all", sources["counted_count"])
    tables = sum(len(source.resources) for source in SOURCES if source.name in company)
    assert sources["counted_count"] == tables * 6 + 1
    assert {row["criterion_code"] for row in of_rows if row["market_code"] == "all" and row["counted_count"]} == {
        row["criterion_code"] for row in of_rows
    }
