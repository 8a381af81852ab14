"""Business time in SQL: golden cases worked out by hand, random ones against an oracle that reads the wall clock."""

import random
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from functools import cache
from typing import Any

import psycopg
import pytest

from oracles.business_calendars import CALENDARS, Oracle, utc
from social_crm.local import postgres
from social_crm.settings import environment, load_settings
from social_crm.transform.dbt_runner import DBT_PROJECT_DIR, dbt_environment, load_seeds, run_models
from worlds.warehouses import copy_in_use, prepared

START, END = datetime(2026, 2, 15, tzinfo=UTC), datetime(2026, 12, 1, tzinfo=UTC)
Ask = Callable[[str, list[tuple]], list[Any]]
MINUTE, HOUR = 60, 3600


@pytest.fixture(scope="module")
def calendars(
    postgres_server: postgres.EmbeddedServer, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[psycopg.Connection]:
    """Give a connection to a warehouse that knows the calendars of this test and no others."""
    directory = tmp_path_factory.mktemp("business_time")
    with copy_in_use(postgres_server, prepared(postgres_server), directory) as settings:
        load_seeds(["business_calendars", "business_hours", "business_exceptions"])
        with psycopg.connect(settings.warehouse_transformer_url, autocommit=True) as connection:
            _replace_seeds(connection)
            run_models(["int_calendar_rules", "int_business_windows", "int_business_months"])
            yield connection
    _compiled.cache_clear()


@pytest.fixture(scope="module")
def ask(calendars: psycopg.Connection) -> Ask:
    """Give a function that evaluates a macro, over columns a, b, … of `given`, for each of many tuples in one query."""
    return lambda macro, rows: _evaluate(calendars, macro, rows)


def _replace_seeds(connection: psycopg.Connection) -> None:
    for table in ("business_hours", "business_exceptions", "business_calendars"):
        connection.execute(f"truncate seeds.{table}")
    for calendar in CALENDARS:
        connection.execute("insert into seeds.business_calendars values (%s, '', %s)", [calendar.code, calendar.zone])
        for hours in calendar.hours:
            for weekday in hours.weekdays:
                for window in hours.windows:
                    connection.execute(
                        "insert into seeds.business_hours values (%s, %s, %s, %s, %s, %s)",
                        [calendar.code, weekday, *window.split("-"), hours.valid_from, hours.valid_to],
                    )
        for day, windows in calendar.exceptions.items():
            for window in windows or [None]:
                bounds = window.split("-") if window else [None, None]
                connection.execute(
                    "insert into seeds.business_exceptions values (%s, %s, '', %s, %s)", [calendar.code, day, *bounds]
                )


@cache
def _compiled(macro: str) -> str:
    """Return the query of a macro over the table `given`; compiling costs seconds and gives the same each time."""
    from dbt.cli.main import dbtRunner

    query = f"select {{{{ {macro} }}}} as answer from given {JOINS.get(macro, '')} order by row_number"
    flags = ["--project-dir", str(DBT_PROJECT_DIR), "--profiles-dir", str(DBT_PROJECT_DIR), "--inline", query]
    with environment(dbt_environment(load_settings())):
        answer = dbtRunner().invoke(["compile", *flags])
    assert answer.success, answer.exception
    return str(answer.result.results[0].node.compiled_code)  # type: ignore[union-attr, index]


def _evaluate(connection: psycopg.Connection, macro: str, rows: list[tuple]) -> list[Any]:
    connection.execute(
        "create temporary table given (row_number int, code text, a timestamptz, b timestamptz, n numeric)"
    )
    with connection.cursor().copy("copy given from stdin") as copy:
        for number, row in enumerate(rows):
            copy.write_row((number, *row, *[None] * (4 - len(row))))
    found = connection.execute(_compiled(macro).encode()).fetchall()
    connection.execute("drop table given")
    return [value for (value,) in found]


BETWEEN = "business_seconds('given.code', 'given.a', 'given.b')"
BY_MONTH = "business_seconds_by_month('from_months', 'given.a', 'to_months', 'given.b')"
JOINS = {
    BY_MONTH: "{{ business_months('from_months', 'given.code', 'given.a') }}"
    " {{ business_months('to_months', 'given.code', 'given.b') }}"
}
WAYS = [pytest.param(BETWEEN, id="by key"), pytest.param(BY_MONTH, id="by month")]
AFTER = "business_time_after('given.code', 'given.a', 'given.n')"
GOLDEN = {
    "spring forward, New York, 01:00-04:00 is 2 hours": (
        "ny_night",
        "2026-03-08T00:00-05:00",
        "2026-03-08T12:00-04:00",
        2 * HOUR,
    ),
    "autumn, New York, 01:00-04:00 is 4 hours": (
        "ny_night",
        "2026-11-01T00:00-04:00",
        "2026-11-01T12:00-05:00",
        4 * HOUR,
    ),
    "an ordinary Sunday in New York has 3": ("ny_night", "2026-11-08T00:00-05:00", "2026-11-08T12:00-05:00", 3 * HOUR),
    # Friday 24 April 2026 has no hour from 00:00; 23:00 of Thursday 29 October comes twice.
    "Cairo loses an hour on a Friday": ("cairo", "2026-04-23T12:00", "2026-04-24T12:00", 3 * HOUR),
    "Cairo gains an hour on a Thursday": ("cairo", "2026-10-29T12:00", "2026-10-30T12:00", 5 * HOUR),
    "Kolkata, half an hour off": ("kolkata", "2026-10-26T03:45", "2026-10-26T04:45", 45 * MINUTE),
    "Kolkata, over the lunch of a split shift": ("kolkata", "2026-10-26T07:30", "2026-10-26T09:30", 60 * MINUTE),
    # Monday 08:00 in Tokyo is Sunday 23:00 UTC; Saturday 23:00 in Los Angeles is Sunday 06:00 UTC.
    "Tokyo works on Monday while UTC has Sunday": ("tokyo", "2026-06-14T22:00", "2026-06-15T01:00", 2 * HOUR),
    "Los Angeles works on Saturday while UTC has Sunday": (
        "los_angeles",
        "2026-06-14T05:30",
        "2026-06-14T08:00",
        30 * MINUTE,
    ),
    "a holiday on the day it starts": ("office", "2026-06-15T10:00", "2026-06-16T10:00", HOUR),
    "a holiday between": ("office", "2026-06-12T16:00", "2026-06-16T10:00", 2 * HOUR),
    "a half day": ("changing", "2026-05-05T00:00", "2026-05-06T00:00", 4 * HOUR),
    "an extra opening on a Sunday": ("changing", "2026-05-10T00:00", "2026-05-11T00:00", 4 * HOUR),
    "the hours of the last day before they change": (
        "changing",
        "2026-06-30T00:00+01:00",
        "2026-07-01T00:00+01:00",
        8 * HOUR,
    ),
    "the hours of the first day after": ("changing", "2026-07-01T00:00+01:00", "2026-07-02T00:00+01:00", 9 * HOUR),
    "60 weeks of 40 hours, one holiday short": ("office", "2026-01-05T00:00", "2027-03-01T00:00", (60 * 40 - 8) * HOUR),
    "60 weeks of Sundays, one shorter and one longer": (
        "ny_night",
        "2026-01-05T00:00-05:00",
        "2027-03-01T00:00-05:00",
        180 * HOUR,
    ),
    "a reply within closed hours takes no time": ("office", "2026-06-13T10:00", "2026-06-14T10:00", 0),
    "no time at all": ("office", "2026-06-16T10:00", "2026-06-16T10:00", 0),
    "fractions of a second": ("office", "2026-06-16T10:00:00.25", "2026-06-16T10:00:01.5", Decimal("1.25")),
    "no such calendar": ("nowhere", "2026-06-16T10:00", "2026-06-16T11:00", None),
    "no calendar": (None, "2026-06-16T10:00", "2026-06-16T11:00", None),
    "before all windows": ("office", "2009-06-16T10:00", "2026-06-16T11:00", None),
    "after all windows": ("office", "2026-06-16T10:00", "2040-06-16T11:00", None),
    "after the last window, within its month": ("office", "2035-12-31T10:00", "2035-12-31T20:00", None),
    "backwards": ("office", "2026-06-16T11:00", "2026-06-16T10:00", None),
}


@pytest.mark.parametrize("between", WAYS)
def test_golden_intervals(ask: Ask, between: str) -> None:
    rows = [(code, utc(start), utc(end)) for code, start, end, _ in GOLDEN.values()]
    assert dict(zip(GOLDEN, ask(between, rows), strict=True)) == {case: row[3] for case, row in GOLDEN.items()}


def test_the_decision_log_of_dbt_zendesk_adds_up_to_its_own_timestamps(ask: Ask) -> None:
    """Ticket 941606: it says 959.46 and 689.46 minutes, having read 1 min 25 s as 1.25 min."""
    created, moved, replied = utc("2020-09-29T17:01:38"), utc("2020-09-30T19:01:25"), utc("2020-09-30T19:01:46")
    first, second, last_only = ask(
        BETWEEN,
        [("chicago", created, moved), ("san_francisco", moved, replied), ("san_francisco", created, replied)],
    )
    assert (first, second, last_only) == (57587, 21, 41408)
    assert round((first + second) / 60, 2) == Decimal("960.13")
    assert round(last_only / 60, 2) == Decimal("690.13")


DUE = {
    "Friday 16:30 + 1 h is Monday 09:30": ("office", "2026-06-19T16:30", HOUR, "2026-06-22T09:30"),
    "over a holiday": ("office", "2026-06-12T16:30", HOUR, "2026-06-16T09:30"),
    "the very end of a day is that day": ("office", "2026-06-18T16:30", 30 * MINUTE, "2026-06-18T17:00"),
    "a second more is the next": ("office", "2026-06-18T16:30", 30 * MINUTE + 1, "2026-06-19T09:00:01"),
    "from closed hours": ("office", "2026-06-20T12:00", HOUR, "2026-06-22T10:00"),
    "nothing to wait for": ("office", "2026-06-20T12:00", 0, "2026-06-20T12:00"),
    "over the hour that New York skips": ("ny_night", "2026-03-08T01:30-05:00", HOUR, "2026-03-08T03:30-04:00"),
    "over the hour that New York repeats": ("ny_night", "2026-11-01T01:30-04:00", 3 * HOUR, "2026-11-01T03:30-05:00"),
    "60 weeks": ("office", "2026-01-05T09:00", (60 * 40 - 8) * HOUR, "2027-02-26T17:00"),
    "no such calendar": ("nowhere", "2026-06-16T10:00", HOUR, None),
    "no such calendar and nothing to wait for": ("nowhere", "2026-06-16T10:00", 0, None),
    "beyond all windows": ("office", "2026-06-16T10:00", 10**9, None),
}


def test_golden_due_times(ask: Ask) -> None:
    rows = [(code, utc(start), None, seconds) for code, start, seconds, _ in DUE.values()]
    expected = {case: utc(row[3]) if row[3] else None for case, row in DUE.items()}
    assert dict(zip(DUE, ask(AFTER, rows), strict=True)) == expected


def random_moments(count: int) -> list[tuple[str, list[datetime]]]:
    """Return calendars with three moments in order, many of them within a day of a change of some clock."""
    rng = random.Random(20261122)
    jumps = [
        utc(day)
        for day in (
            "2026-03-08T07:00",
            "2026-11-01T06:00",
            "2026-04-23T22:00",
            "2026-10-29T21:00",
            "2026-04-04T15:00",
            "2026-10-03T15:30",
        )
    ]
    span = (END - START) // timedelta(microseconds=1) - 1

    def moment() -> datetime:
        if rng.random() < 0.5:
            return rng.choice(jumps) + timedelta(seconds=rng.uniform(-90_000, 90_000))
        return START + timedelta(microseconds=rng.randrange(span))

    return [(rng.choice(CALENDARS).code, sorted(moment() for _ in range(3))) for _ in range(count)]


@pytest.fixture(scope="module")
def oracles() -> dict[str, Oracle]:
    """Walk through each calendar once."""
    return {calendar.code: Oracle(calendar, START, END) for calendar in CALENDARS}


@pytest.mark.parametrize("between", WAYS)
def test_random_intervals_agree_with_the_clock_on_the_wall(ask: Ask, oracles: dict[str, Oracle], between: str) -> None:
    cases = random_moments(20_000)
    found = ask(between, [(code, first, last) for code, (first, _, last) in cases])
    wrong = [
        (code, first, last, seconds, expected)
        for (code, (first, _, last)), seconds in zip(cases, found, strict=True)
        if abs(float(seconds) - (expected := oracles[code].business_seconds(first, last))) > 1e-3
    ]
    assert wrong == []


@pytest.mark.parametrize("between", WAYS)
def test_business_time_adds_up_and_stays_within_calendar_time(ask: Ask, between: str) -> None:
    cases = random_moments(10_000)
    parts, rests, wholes = (
        ask(between, [(code, moments[i], moments[j]) for code, moments in cases]) for i, j in ((0, 1), (1, 2), (0, 2))
    )
    for (code, (first, _, last)), part, rest, whole in zip(cases, parts, rests, wholes, strict=True):
        assert part + rest == whole
        elapsed = Decimal((last - first) // timedelta(microseconds=1)) / 1_000_000
        # Never negative and adding up is what makes it monotonic.
        assert 0 <= part <= whole <= elapsed
        assert code != "always" or whole == elapsed


def test_the_due_time_is_the_inverse(ask: Ask, oracles: dict[str, Oracle]) -> None:
    cases = random_moments(10_000)
    waits = ask(BETWEEN, [(code, first, last) for code, (first, _, last) in cases])
    dues = ask(AFTER, [(code, first, None, wait) for (code, (first, _, _)), wait in zip(cases, waits, strict=True)])
    again = ask(BETWEEN, [(code, first, due) for (code, (first, _, _)), due in zip(cases, dues, strict=True)])
    assert again == waits
    for (code, (first, _, last)), wait, due in zip(cases, waits, dues, strict=True):
        # What was reached while closed was due at closing time; within a window, at that very moment.
        assert first <= due <= last
        step = (last - oracles[code].start) // timedelta(minutes=5)
        assert due == last or wait == 0 or not oracles[code].is_open[step]


def test_only_calendars_whose_rules_changed_are_made_anew(calendars: psycopg.Connection) -> None:
    versions = "select calendar_code, array_agg(distinct xmin::text) from intermediate.int_business_windows group by 1"
    before = dict(calendars.execute(versions).fetchall())
    for code in ("shop", "stall"):
        calendars.execute("insert into seeds.business_calendars values (%s, '', 'UTC')", [code])
        calendars.execute("insert into seeds.business_hours values (%s, 1, '09:00', '17:00', null, null)", [code])
    run_models(["int_business_windows"])
    opened = dict(calendars.execute(versions).fetchall())
    assert opened.keys() - before.keys() == {"shop", "stall"}
    assert before.items() <= opened.items()

    calendars.execute("update seeds.business_hours set closes_at = '18:00' where calendar_code = 'shop'")
    calendars.execute("delete from seeds.business_calendars where calendar_code = 'stall'")
    run_models(["int_business_windows"])
    changed = dict(calendars.execute(versions).fetchall())
    assert changed.keys() == before.keys() | {"shop"}
    assert before.items() <= changed.items()
    assert changed["shop"] != opened["shop"]
    hours = calendars.execute(
        "select distinct open_seconds from intermediate.int_business_windows where calendar_code = 'shop'"
    )
    assert hours.fetchall() == [(9 * HOUR,)]
