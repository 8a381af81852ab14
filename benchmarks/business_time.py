"""Business time of many intervals: the macro against adding up each interval's days, as public packages do.

`python benchmarks/business_time.py` prints a Markdown table. Both methods run on a throw-away embedded Postgres, with
the same calendars; the daily method gets a share of the intervals, on which both must agree to the microsecond.
"""

import argparse
import os
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
from transform import configured

from social_crm.database.preparation import prepare
from social_crm.local import postgres
from social_crm.settings import environment, load_settings
from social_crm.sources import SOURCES
from social_crm.transform.dbt_runner import DBT_PROJECT_DIR, dbt_environment, load_seeds, run_models

QUERY = """
select
    intervals.number,
    {{ business_seconds_by_month('from_months', 'intervals.starts_at', 'to_months', 'intervals.ends_at') }} as seconds
from intervals
{{ business_months('from_months', 'intervals.calendar_code', 'intervals.starts_at') }}
{{ business_months('to_months', 'intervals.calendar_code', 'intervals.ends_at') }}
"""
# Support waits: from a few minutes to some weeks, half of them under a day.
INTERVALS = """
create unlogged table intervals as
select
    number,
    (array['us_service', 'in_service', 'sg_service', 'us_service', 'in_social', 'always'])[1 + number % 6]
        as calendar_code,
    starts_at,
    starts_at + interval '1 day' * (-ln(1 - random()) * 1.44) * {weeks_factor} as ends_at
from (
    select number, timestamptz '2026-01-01' + random() * interval '300 days' as starts_at
    from generate_series(1, {count}) as number
) as starts
"""
BY_DAY = """
create unlogged table by_day as
select
    intervals.number,
    coalesce(sum(extract(epoch from
        least(intervals.ends_at, (days.day + windows.closes_at) at time zone calendars.timezone)
        - greatest(intervals.starts_at, (days.day + windows.opens_at) at time zone calendars.timezone)
    )) filter (where windows.opens_at is not null), 0) as seconds
from intervals
inner join seeds.business_calendars as calendars using (calendar_code)
left join lateral (
    select generate_series(
        date_trunc('day', intervals.starts_at at time zone calendars.timezone),
        intervals.ends_at at time zone calendars.timezone, interval '1 day'
    )::date as day
) as days on true
left join lateral (
    select opens_at, closes_at from seeds.business_hours as hours
    where
        hours.calendar_code = intervals.calendar_code and hours.iso_weekday = extract(isodow from days.day)
        and days.day between coalesce(hours.valid_from, '-infinity') and coalesce(hours.valid_to, 'infinity')
        and not exists (
            select from seeds.business_exceptions as closed
            where closed.calendar_code = intervals.calendar_code and closed.exception_date = days.day
        )
    union all
    select opens_at, closes_at from seeds.business_exceptions as changed
    where changed.calendar_code = intervals.calendar_code and changed.exception_date = days.day
) as windows on
    (days.day + windows.opens_at) at time zone calendars.timezone < intervals.ends_at
    and (days.day + windows.closes_at) at time zone calendars.timezone > intervals.starts_at
where intervals.number <= {count}
group by intervals.number
"""


def main() -> None:
    """Time both methods on one server and print a row for each length of intervals."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--intervals", type=int, default=1_000_000)
    parser.add_argument("--by-day", type=int, default=20_000)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="business-time-", ignore_cleanup_errors=True) as directory:
        Path(directory).chmod(0o755)
        with warehouse(Path(directory)) as connection:
            print("| intervals | median | by the macro | a second | day by day, a second | ratio | load |")
            print("|---:|---:|---:|---:|---:|---:|---:|")
            for weeks_factor in (1, 30):
                print(measure(connection, arguments.intervals, arguments.by_day, weeks_factor), flush=True)


@contextmanager
def warehouse(directory: Path) -> Iterator[psycopg.Connection]:
    """Start a server, create the windows of the seeds' calendars, and yield a connection."""
    server = postgres.start(directory / "data", options={"fsync": "off", "synchronous_commit": "off"})
    try:
        with configured(server, directory):
            prepare(load_settings(), SOURCES)
            load_seeds(["+int_business_months"])
            run_models(["+int_business_months"])
            with psycopg.connect(server.url(), autocommit=True) as connection:
                yield connection
    finally:
        postgres.stop(directory / "data")


def measure(connection: psycopg.Connection, count: int, by_day_count: int, weeks_factor: int) -> str:
    """Return one row of the table; fails if the two methods differ anywhere."""
    connection.execute("drop table if exists intervals, by_macro, by_day")
    connection.execute(INTERVALS.format(count=count, weeks_factor=weeks_factor))
    connection.execute("analyze intervals")
    macro_seconds = timed(connection, f"create unlogged table by_macro as {rendered()}")
    day_seconds = timed(connection, BY_DAY.format(count=by_day_count))
    different = connection.execute(
        "select count(*) from by_day left join by_macro using (number)"
        " where by_day.seconds is distinct from by_macro.seconds"
    ).fetchone()
    if different != (0,):
        raise AssertionError(f"{different} intervals differ")
    median = connection.execute(
        "select percentile_disc(0.5) within group (order by date_trunc('minute', ends_at - starts_at)) from intervals"
    ).fetchone()
    rates = count / macro_seconds, by_day_count / day_seconds
    length = f"{median[0].total_seconds() / 86400:.1f} days" if median else ""
    return (
        f"| {count:,} | {length} | {macro_seconds:.1f} s | {rates[0]:,.0f} | {rates[1]:,.0f}"
        f" | {rates[0] / rates[1]:.0f} | {os.getloadavg()[0]:.0f} |"
    )


def timed(connection: psycopg.Connection, statement: str) -> float:
    """Return the seconds that a statement takes."""
    start = time.perf_counter()
    connection.execute(statement.encode())
    return time.perf_counter() - start


def rendered() -> str:
    """Return the query of the macro over all intervals, as dbt compiles it."""
    from dbt.cli.main import dbtRunner

    flags = ["--project-dir", str(DBT_PROJECT_DIR), "--profiles-dir", str(DBT_PROJECT_DIR), "--inline", QUERY]
    with environment(dbt_environment(load_settings())):
        answer = dbtRunner().invoke(["compile", *flags])
    return str(answer.result.results[0].node.compiled_code)  # type: ignore[union-attr, index]


if __name__ == "__main__":
    main()
