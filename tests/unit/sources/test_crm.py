"""Customers and accounts over SQL: what a window reads, in which order, and as which JSON."""

import json
import re
import sqlite3
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from servers.fake_sources import ids, read
from social_crm.errors import ContractBroken, SourceUnavailable
from social_crm.settings import PROJECT_ROOT
from social_crm.sources.crm import CRM
from social_crm.sources.model import Connection, Window
from social_crm.sources.sql import rows
from social_crm.sources.sql.database import url_of

CUSTOMERS, ACCOUNTS = CRM.resource("customers"), CRM.resource("accounts")
DAY = Window(datetime(2026, 10, 27, tzinfo=UTC), datetime(2026, 10, 28, tzinfo=UTC))


@pytest.fixture
def database(tmp_path: Path) -> sqlite3.Connection:
    """Make an empty CRM of two tables in SQLite."""
    database = sqlite3.connect(tmp_path / "crm.sqlite", isolation_level=None)
    database.execute("create table customers (id integer primary key, email text, created_at text, updated_at text)")
    database.execute("create table accounts (id text primary key, name text)")
    return database


def connect_to(database: sqlite3.Connection, **options: Any) -> Connection:
    (_, _, file), *_ = database.execute("pragma database_list").fetchall()
    return Connection(f"sqlite:///{file}", options={"customers": "customers", "accounts": "accounts", **options})


def add(database: sqlite3.Connection, *rows: tuple[int, str | None, str | None]) -> None:
    database.executemany("insert into customers (id, created_at, updated_at) values (?, ?, ?)", rows)


def test_a_window_reads_what_changed_in_it_and_what_was_never_stamped(database: sqlite3.Connection) -> None:
    add(
        database,
        (1, "2026-01-01 00:00:00", "2026-10-27 00:00:00"),
        (2, "2026-10-27 12:00:00", None),
        (3, None, None),
        (4, "2026-01-01 00:00:00", None),
        (5, "2026-10-27 12:00:00", "2027-01-01 00:00:00"),
        (6, None, "not a date"),
    )
    assert ids(read(CUSTOMERS, connect_to(database), window=DAY)) == ["1", "2", "3", "6"]


def test_a_late_commit_with_an_earlier_stamp_is_read_as_far_as_the_window_looks_back(
    database: sqlite3.Connection,
) -> None:
    add(database, (1, None, "2026-10-26 06:00:00"), (2, None, "2026-10-25 06:00:00"))
    assert ids(read(CUSTOMERS, connect_to(database), window=DAY)) == ["1"]
    assert ids(read(CUSTOMERS, connect_to(database, lookback_minutes=2880), window=DAY)) == ["2", "1"]
    assert ids(read(CUSTOMERS, connect_to(database, lookback_minutes=0), window=DAY)) == []


def test_a_row_that_changes_every_night_before_the_run_is_read(database: sqlite3.Connection) -> None:
    add(database, (1, "2026-01-01 00:00:00", "2026-10-28 01:00:00"), (2, None, "2026-10-29 00:00:00"))
    assert ids(read(CUSTOMERS, connect_to(database), window=DAY)) == ["1"]


def test_a_row_that_is_dated_ahead_of_time_is_set_aside(database: sqlite3.Connection) -> None:
    ahead = f"{datetime.now(UTC) + timedelta(days=2):%F %T}"
    add(database, (1, None, "2026-10-27 12:00:00"), (2, "2026-10-27 12:00:00", ahead), (3, None, "9999-12-31 00:00:00"))
    pages = read(CUSTOMERS, connect_to(database), window=DAY)
    assert ids(pages) == ["1"]
    rejected = [one for page in pages for one in page.rejected]
    assert [(one.reason, one.position) for one in rejected] == [("dated_ahead", "id 2"), ("dated_ahead", "id 3")]
    assert ids(read(ACCOUNTS, connect_to(database), window=DAY)) == []


def test_rows_come_in_order_of_change_and_resume_within_equal_stamps(
    database: sqlite3.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rows, "ROWS_PER_PAGE", 7)
    add(database, *[(number, None, f"2026-10-27 10:00:{number // 20:02d}") for number in range(50)])
    add(database, *[(number, None, None) for number in range(50, 60)])
    pages = read(CUSTOMERS, connect_to(database), window=DAY)
    assert len(pages) == 9
    assert sorted(ids(pages), key=int) == [str(number) for number in range(60)]
    for done, page in enumerate(pages, 1):
        assert ids(read(CUSTOMERS, connect_to(database), page.cursor, DAY)) == ids(pages[done:])


def test_a_table_without_stamps_is_read_whole_and_resumes(
    database: sqlite3.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rows, "ROWS_PER_PAGE", 4)
    database.executemany("insert into accounts values (?, 'n')", [(f"a{number}",) for number in range(10)])
    pages = read(ACCOUNTS, connect_to(database), window=DAY)
    assert sorted(ids(pages)) == [f"a{number}" for number in range(10)]
    assert ids(read(ACCOUNTS, connect_to(database), pages[0].cursor, DAY)) == ids(pages[1:])


def test_texts_with_and_without_zone_are_compared_as_moments(database: sqlite3.Connection) -> None:
    add(
        database,
        (1, None, "2026-10-27T23:30:00+05:30"),
        (2, None, "2026-10-29T04:00:00+05:30"),
        (3, None, "2026-10-27"),
    )
    pages = read(CUSTOMERS, connect_to(database, lookback_minutes=0), window=DAY)
    assert ids(pages) == ["3", "1", "2"]
    assert pages[0].records[1]["updated_at"] == "2026-10-27T18:00:00+00:00"


def test_a_moment_without_a_zone_is_in_the_connections_zone(database: sqlite3.Connection) -> None:
    add(database, (1, None, "2026-10-27 12:00:00"))
    (page,) = read(CUSTOMERS, connect_to(database, timezone="America/New_York"), window=DAY)
    assert page.records[0]["updated_at"] == "2026-10-27T16:00:00+00:00"


def test_a_query_gives_the_contracts_names(database: sqlite3.Connection) -> None:
    add(database, (1, None, "2026-10-27 12:00:00"))
    query = "select id, email as contact, updated_at, 1.10 as lifetime_value_usd from customers;\n"
    (page,) = read(CUSTOMERS, connect_to(database, customers=query), window=DAY)
    assert list(page.records[0]) == ["id", "contact", "updated_at", "lifetime_value_usd"]


@pytest.mark.parametrize(
    ("option", "message"),
    [
        ("", "must name a table, a view or a query"),
        ("nowhere", "compare the option's table"),
        ("select email from customers", "needs a column id"),
        ("select id from", "compare the option's table"),
    ],
)
def test_an_option_that_does_not_fit_is_explained(database: sqlite3.Connection, option: str, message: str) -> None:
    with pytest.raises(ContractBroken, match=message):
        CRM.check(connect_to(database, customers=option))


@pytest.mark.parametrize(
    ("url", "error", "message"),
    [
        ("sqlite:////nowhere/crm.sqlite", SourceUnavailable, "does not exist"),
        ("nonsense", ContractBroken, "no usable driver"),
        ("oracle://u:canary@h/d", ContractBroken, "no usable driver"),
        ("postgresql+psycopg://u:p@ss:canary@h/d", ContractBroken, "connection crm_api has no number for a port"),
        ("postgresql+psycopg://u:canary@127.0.0.1:9/d", SourceUnavailable, "try again later"),
    ],
)
def test_a_database_that_cannot_be_opened_is_explained_without_its_password(
    url: str, error: type[Exception], message: str
) -> None:
    with pytest.raises(error, match=message) as caught:
        CRM.check(Connection(url, options={"customers": "customers", "accounts": "accounts"}))
    assert "canary" not in str(caught.value)


def test_every_example_of_a_database_asks_for_tls() -> None:
    examples = re.findall(r"CONN_(\w+)=(\{.*postgresql.*\})", (PROJECT_ROOT / ".env.example").read_text())
    assert [name for name, _ in examples] == ["CRM_API", "FORMS_API", "CRM_NOTES_API"]
    for name, example in examples:
        url = url_of(Connection(json.loads(example)["host"], "reader", "words"), name)
        _, asked = url.get_dialect()().create_connect_args(url)
        assert (asked["sslmode"], asked["password"]) == ("require", "words")


def test_the_check_reads_columns_only(database: sqlite3.Connection) -> None:
    add(database, (1, None, None))
    # Whoever reads its row gets "integer overflow".
    database.execute("create view poisoned as select id, abs(-9223372036854775807 - id) as first_name from customers")
    connection = connect_to(database, customers="poisoned")
    CRM.check(connection)
    with pytest.raises(ContractBroken, match="compare"):
        read(CUSTOMERS, connection, window=DAY)


def test_the_59_customers_of_chinook_arrive_by_a_query(shared_data: Path) -> None:
    query = (
        "select CustomerId as id, FirstName as first_name, LastName as last_name, Email as email, Phone as phone,"
        " Country as market from Customer"
    )
    url = f"sqlite:///{shared_data}/crm_chinook/Chinook.sqlite"
    options = {"customers": query, "accounts": "select CustomerId as id, Company as name from Customer"}
    pages = read(CUSTOMERS, Connection(url, options=options), window=DAY)
    with sqlite3.connect(f"file:{shared_data}/crm_chinook/Chinook.sqlite?mode=ro", uri=True) as chinook:
        expected = chinook.execute("select CustomerId, Email from Customer").fetchall()
    assert len(expected) == 59
    assert {(record["id"], record["email"]) for page in pages for record in page.records} == set(expected)


def test_the_cursor_is_json_of_stamp_and_id(database: sqlite3.Connection) -> None:
    add(database, (1, None, "2026-10-27 12:00:00"))
    (page,) = read(CUSTOMERS, connect_to(database), window=DAY)
    assert json.loads(page.cursor or "") == ["2026-10-27T12:00:00.000", "1"]
