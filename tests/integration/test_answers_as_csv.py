"""What `make sql` and `make metric` print is what psql prints, but that nobody's words become a formula."""

import csv
import io
import os
import subprocess
from types import SimpleNamespace

import psycopg
import pytest

from social_crm.dashboards import metric_query
from social_crm.dashboards.spreadsheets import write_answers
from social_crm.database import connect
from social_crm.local import postgres
from social_crm.settings import Settings

VALUES = """
select
    -5 as number, -0.50::numeric(9, 2) as exact, '-Infinity'::float8 as float, interval '-1 day -02:00' as span, null as nothing,
    '' as blank, true as is_true, date '2026-10-05' as day, timestamptz '2026-10-05 12:00+00' as moment,
    array['a', '-b'] as list, '{"a": "=1"}'::jsonb as object, 'two "lines"' || chr(10) || 'é' as words
from generate_series(1, 2)
"""  # noqa: E501 -- a query of ours, as long as it is


def answers(settings: Settings, query: str) -> str:
    with connect(settings.warehouse_reader_url) as reader:
        output = io.StringIO()
        write_answers(reader, query, output)
        return output.getvalue()


def test_values_are_printed_as_psql_prints_them(warehouse: Settings) -> None:
    command = [postgres.BIN_DIR / "psql", "--no-psqlrc", "--csv", "--quiet", "--command", VALUES]
    told = subprocess.run(
        [*command, warehouse.warehouse_reader_url], capture_output=True, check=True, env=os.environ | {"TZ": "UTC"}
    )
    printed = told.stdout.decode().splitlines()
    assert len(printed) == 5
    assert answers(warehouse, VALUES).splitlines() == printed


def test_words_and_names_of_columns_are_no_formulas_and_numbers_stay_numbers(warehouse: Settings) -> None:
    cell = "=HYPERLINK(0)"
    query = f"""select '{cell}' as "=1+1", '-5'::text, '＠sum'::varchar, -5, '["-1"]'::jsonb, '-1'::jsonb"""
    header, line = csv.reader(io.StringIO(answers(warehouse, query)))
    assert header[0] == "'=1+1"
    assert line == ["'" + cell, "'-5", "'＠sum", "-5", '["-1"]', "'-1"]


def test_metrics_are_printed_alike(
    warehouse: Settings, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    query = "select '=1+1' as team, -5 as net_sentiment, null as frt"
    monkeypatch.setattr(metric_query, "read_semantics", lambda folder: None)
    monkeypatch.setattr(metric_query, "MetricQueries", lambda semantics: SimpleNamespace(sql=lambda *asked: query))
    assert metric_query.main(["net_sentiment,frt", "--by", "team"]) == 0
    assert capsys.readouterr().out == "team,net_sentiment,frt\n'=1+1,-5,\n" == answers(warehouse, query)


def test_every_statement_answers_and_what_fails_is_an_error(warehouse: Settings) -> None:
    assert answers(warehouse, "select 1 as a; set time zone utc; select 2 as b") == "a\n1\nb\n2\n"
    with pytest.raises(psycopg.errors.UndefinedColumn):
        answers(warehouse, "select nothing")
