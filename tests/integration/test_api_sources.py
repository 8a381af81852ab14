"""The API and SQL sources land in a real warehouse, and a customer database may be a real Postgres."""

import json
import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psycopg
import pytest

from servers.fake_api import Answer, Asked, FakeApi
from servers.fake_sources import WINDOW, ids, read, request_for, x_connection, zendesk_connection
from social_crm.database import connect
from social_crm.errors import ContractBroken, CredentialRefused
from social_crm.landing.loading import load_resource
from social_crm.local.postgres import EmbeddedServer
from social_crm.settings import Settings
from social_crm.sources import SOURCES
from social_crm.sources.crm import CRM
from social_crm.sources.model import Connection
from social_crm.sources.x import X
from social_crm.sources.zendesk import ZENDESK

FIXTURES = Path(__file__).parents[1] / "fixtures"
CUSTOMERS = CRM.resource("customers")
API_SOURCES = [(source, resource) for source in (CRM, X, ZENDESK) for resource in source.resources]


def fixture(source: str, name: str) -> Any:
    return json.loads((FIXTURES / source / f"{name}.json").read_text())


def answer(asked: Asked) -> Answer:
    """Answer as the source whose path it is: the ticket in the fixtures is the one that hangs together."""
    if asked.path.startswith("/2/"):
        names = {"/2/tweets": "removals", "/2/users/by": "users"}
        return Answer(fixture("x", names.get(asked.path, "posts")))
    parts = asked.path.removesuffix(".json").removesuffix("/cursor").split("/")
    if "tickets" in parts[:-1] and parts[-2] != "11":
        return Answer({"error": "RecordNotFound"}, 404)
    return Answer(fixture("zendesk", parts[-1]))


@pytest.fixture
def connections(fake_api: FakeApi, tmp_path: Path) -> dict[str, Connection]:
    """Serve the fixtures by HTTP, and as a SQLite file for the customer database."""
    fake_api.respond = answer
    with sqlite3.connect(tmp_path / "crm.sqlite") as crm:
        for name in CRM.resource_names:
            rows = fixture("crm", name)
            crm.execute(f"create table {name} ({', '.join(rows[0])})")
            crm.executemany(f"insert into {name} values ({', '.join('?' * len(rows[0]))})", [(*row.values(),) for row in rows])  # fmt: skip  # noqa: E501
    options = {"customers": "customers", "accounts": "accounts"}
    return {
        "crm": Connection(f"sqlite:///{tmp_path}/crm.sqlite", options=options),
        "x": x_connection(fake_api.url),
        "zendesk": zendesk_connection(fake_api.url),
    }


def test_every_resource_lands_with_key_and_times_and_landing_twice_changes_nothing(
    warehouse: Settings, connections: dict[str, Connection]
) -> None:
    for source, resource in API_SOURCES:
        first = load_resource(source, resource, connections[source.name], WINDOW, "first")
        with connect(warehouse.warehouse_admin_url) as admin:
            admin.execute("update raw.load_ledger set status = 'checked' where status = 'loaded'")
            table = psycopg.sql.Identifier(f"raw_{source.name}", resource.name)
            count, without_event = admin.execute(
                psycopg.sql.SQL("select count(*), count(*) filter (where _event_at is null) from {}").format(table)
            ).fetchone() or (0, 0)
        assert count == first.appended > 0, resource.name
        # Nobody says when something was removed.
        assert without_event == (count if resource.recheck else 0), resource.name
        second = load_resource(source, resource, connections[source.name], WINDOW, "second")
        # Of what raw holds a recheck tells only what changed since.
        assert (second.appended, second.unchanged) == (0, 0 if resource.recheck else first.appended), resource.name


def test_fixtures_hold_every_resource_of_the_api_sources() -> None:
    named = {f"{source.name}/{resource.name}.json" for source, resource in API_SOURCES}
    found = {str(path.relative_to(FIXTURES)) for source in ("crm", "x", "zendesk") for path in (FIXTURES / source).iterdir()}  # fmt: skip  # noqa: E501
    assert found == named
    assert all(source in SOURCES for source in (CRM, X, ZENDESK))


@pytest.fixture
def make_crm(postgres_server: EmbeddedServer, warehouse: Settings) -> Callable[..., Connection]:
    """Return a way to fill a `crm` schema in Postgres and connect to it."""

    def make(*statements: str, **options: Any) -> Connection:
        with connect(warehouse.warehouse_admin_url) as admin:
            for statement in ("create schema crm", *statements):
                admin.execute(statement)  # type: ignore[arg-type]
        url = warehouse.warehouse_admin_url.replace("postgresql:", "postgresql+psycopg:")
        return Connection(url, options={"customers": "crm.customers", "accounts": "crm.customers", **options})

    return make


@pytest.mark.parametrize("kind", ["timestamptz", "timestamp"])
def test_postgres_rows_keep_exact_numbers_and_moments(make_crm: Callable[..., Connection], kind: str) -> None:
    connection = make_crm(
        f"create table crm.customers (id uuid primary key default gen_random_uuid(), lifetime_value_usd numeric(20, 2),"
        f" seen date, tags jsonb, photo bytea, created_at {kind}, updated_at {kind})",
        "insert into crm.customers (lifetime_value_usd, seen, tags, photo, updated_at) values"
        " (123456789012345678.90, '2026-10-01', '[{\"a\": 1}]', '\\x00ff', '2026-10-27 12:00:00.123456'),"
        " (null, null, null, null, '2026-10-25 12:00:00'), (null, null, null, null, null)",
    )
    (page,) = read(CUSTOMERS, connection)
    record, undated = page.records
    assert record["lifetime_value_usd"] == "123456789012345678.90"
    assert (record["seen"], record["tags"], record["photo"]) == ("2026-10-01", [{"a": 1}], "00ff")
    assert record["updated_at"] == "2026-10-27T12:00:00.123456+00:00"
    assert undated["updated_at"] is None
    assert ids(read(CUSTOMERS, connection, json.dumps(["2026-10-27 12:00:00.123456", "f" * 36]))) == [undated["id"]]


def test_days_that_python_does_not_know_hold_back_no_row(make_crm: Callable[..., Connection]) -> None:
    connection = make_crm(
        "create table crm.customers"
        " (id int, valid_to timestamptz, left_at timestamp, born date, rings_at time, created_at timestamptz)",
        "insert into crm.customers values (1, 'infinity', '-infinity', '0044-03-15 BC', '24:00', '2026-10-27 12:00Z'),"
        " (2, '2026-10-28 12:00Z', '12000-01-01', '2001-02-03', '09:00', '2026-10-27 13:00Z')",
    )
    (page,) = read(CUSTOMERS, connection)
    assert [list(record.values())[1:5] for record in page.records] == [
        ["infinity", "-infinity", "0044-03-15 BC", "24:00:00"],
        ["2026-10-28T12:00:00+00:00", "12000-01-01 00:00:00", "2001-02-03", "09:00:00"],
    ]


@pytest.mark.parametrize("kind", ["timestamptz", "timestamp", "date"])
def test_rows_of_no_finite_moment_are_set_aside(make_crm: Callable[..., Connection], kind: str) -> None:
    connection = make_crm(
        f"create table crm.customers (id int, created_at {kind}, updated_at {kind})",
        "insert into crm.customers values (1, '2026-10-27', '2026-10-27'), (2, '2026-10-27', 'infinity'),"
        " (3, '2026-10-27', '-infinity'), (4, '-infinity', null), (5, null, null)",
    )
    pages = read(CUSTOMERS, connection)
    assert ids(pages) == ["1", "5"]
    rejected = [(one.reason, one.position) for page in pages for one in page.rejected]
    assert sorted(rejected) == [("dated_ahead", f"id {number}") for number in (2, 3, 4)]


@pytest.mark.parametrize("kind", ["timestamptz", "timestamp"])
def test_the_window_follows_the_connections_zone(make_crm: Callable[..., Connection], kind: str) -> None:
    connection = make_crm(
        "set timezone = 'Asia/Kolkata'",
        f"create table crm.customers (id integer, updated_at {kind})",
        "insert into crm.customers values (1, '2026-10-27 05:29:59'), (2, '2026-10-27 05:30:00')",
        timezone="Asia/Kolkata",
        lookback_minutes=0,
    )
    assert ids(read(CUSTOMERS, connection)) == ["2"]


def test_one_read_sees_one_moment_although_rows_change_meanwhile(
    make_crm: Callable[..., Connection], warehouse: Settings
) -> None:
    connection = make_crm(
        "create table crm.customers (id integer primary key, updated_at timestamptz)",
        "insert into crm.customers select n, timestamptz '2026-10-27' + n * interval '1 second'"
        " from generate_series(1, 12000) as n",
    )
    pages = CUSTOMERS.extract(request_for(connection))
    kept = [next(pages)]
    with connect(warehouse.warehouse_admin_url) as admin:
        admin.execute("update crm.customers set updated_at = '2026-10-27 23:59:59' where id <= 6000")
    kept += pages
    assert [len(page.records) for page in kept] == [5000, 5000, 2000]
    assert sorted(ids(kept), key=int) == [str(number) for number in range(1, 12001)]


def test_a_wrong_password_and_a_doubled_name_are_told_apart(make_crm: Callable[..., Connection]) -> None:
    connection = make_crm("create table crm.customers (id integer, updated_at timestamptz)")
    twice = {**connection.options, "customers": "select 1 as id, 2 as x, 3 as x"}
    with pytest.raises(ContractBroken, match="no name twice"):
        CRM.check(Connection(connection.url, options=twice))
    with pytest.raises(CredentialRefused, match="re-authorise source crm"):
        CRM.check(Connection(connection.url, secret="wrong-canary", options=connection.options))


def test_crm_rows_are_never_written(make_crm: Callable[..., Connection]) -> None:
    connection = make_crm(
        "create table crm.customers (id integer, updated_at timestamptz)",
        "create function crm.bump() returns integer language sql as 'insert into crm.customers values (1) returning 1'",
    )
    with pytest.raises(ContractBroken, match="SQLSTATE 25006"):
        read(CUSTOMERS, Connection(connection.url, options={"customers": "select crm.bump() as id"}))
