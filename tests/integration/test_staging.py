"""Staging on a real Postgres: which version wins, what a bad value becomes, and that every order of loads ends alike."""

import itertools
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import psycopg
import pytest
from psycopg import sql

from social_crm.database import connect
from social_crm.landing import load_resource
from social_crm.modelling import run_models
from social_crm.settings import Settings
from social_crm.sources import SOURCES
from social_crm.sources.model import Connection, Page, Record, Window

FIRST_DAY = datetime(2026, 10, 26, tzinfo=UTC)
BUILT = ["path:models/staging", "path:models/intermediate/interactions"]
SEEDS = [f"path:seeds/{name}.csv" for name in ("channels", "channel_codes", "source_accounts", "status_codes")]


class Warehouse:
    """An empty warehouse into which a test lands records and brings loads forward one transform at a time."""

    def __init__(self, settings: Settings) -> None:
        """Connect as the administrator, who may do what landing, the front door and publishing do."""
        self.admin: psycopg.Connection = connect(settings.warehouse_admin_url)
        self._windows = itertools.count()
        self._is_first = True

    def land(self, table: str, *records: Record) -> int:
        """Land records as one checked load and return its id."""
        source = next(source for source in SOURCES if source.name == table.split(".")[0])
        resource = replace(source.resource(table.split(".")[1]), extract=lambda request: iter([Page(list(records))]))
        start = FIRST_DAY + timedelta(hours=next(self._windows))
        window = Window(start, start + timedelta(hours=1))
        load_id = load_resource(source, resource, Connection(url=""), window, "test", now=window.end).load_id
        self.admin.execute("update raw.load_ledger set status = 'checked' where load_id = %s", [load_id])
        return load_id

    def begin(self, *load_ids: int) -> None:
        """Start a transform that must bring in these loads; the one before counts as published."""
        self.admin.execute("update ops.transform_runs set status = 'published'")
        self.admin.execute(
            "with begun as (insert into ops.transform_runs (run_id, as_of, status) values ('test', now(), 'running')"
            " returning transform_id)"
            " insert into ops.transform_loads select transform_id, unnest(%s::bigint[]) from begun",
            [list(load_ids)],
        )

    def transform(self, *load_ids: int, select: list[str] = BUILT, full_refresh: bool = False) -> None:
        """Run the staging side of one transform over these loads."""
        self.begin(*load_ids)
        run_models([*(SEEDS if self._is_first else []), *select], full_refresh)
        self._is_first = False

    def rows(self, query: str) -> list[Any]:
        """Return what a query gives; rows of one column come as that column."""
        rows = self.admin.execute(query).fetchall()  # type: ignore[arg-type]
        return [row[0] if len(row) == 1 else row for row in rows]

    def contents(self) -> dict[str, list[str]]:
        """Return every row of every table built from raw, in an order of its own."""
        tables = self.rows(
            "select schemaname || '.' || tablename from pg_tables"
            " where schemaname in ('staging', 'intermediate') and tablename <> 'int_conversations_changed'"
        )
        return {
            table: sorted(self.rows(sql.SQL("select t::text from {} as t").format(sql.Identifier(*table.split(".")))))  # type: ignore[arg-type]
            for table in tables
        }


@pytest.fixture
def built(warehouse: Settings) -> Warehouse:
    """Give the test an empty warehouse with its helper."""
    return Warehouse(warehouse)


def call(call_id: str = "1", **fields: Any) -> Record:
    given = {
        "call_id": call_id, "pbx": "pbx-us", "queue": "cards", "brand": "acme_bank", "market": "us", "agent_id": "a7",
        "caller_number": "+12125550100", "customer_ref": "C-1", "agent_name": "Ann", "disposition": "answered",
        "started_at": "2026-10-26T09:00:00-04:00", "answered_at": "2026-10-26T09:01:00-04:00",
        "ended_at": "2026-10-26T09:05:00-04:00", "resolved": "yes", "csat": "4", "summary": "Card lost.",
    }  # fmt: skip
    return given | fields


def post(post_id: str = "100", **fields: Any) -> Record:
    given = {
        "id": post_id, "edit_history_tweet_ids": [post_id], "conversation_id": "100", "text": "@AcmeBank my card!",
        "author_id": "9", "created_at": "2026-10-26T10:00:00.000Z", "lang": "en",
        "entities": {"mentions": [{"start": 0, "end": 9, "username": "AcmeBank", "id": "1"}]},
        "public_metrics": {"like_count": 2, "retweet_count": 1, "quote_count": 3, "impression_count": 50},
        "author": {"id": "9", "username": "Jo", "name": "Jo", "public_metrics": {"followers_count": 12}},
    }  # fmt: skip
    return given | fields


def ticket(ticket_id: int = 7, **fields: Any) -> Record:
    given = {
        "id": ticket_id, "brand_id": 360001, "tags": ["market_sg", "card"], "via": {"channel": "email"},
        "status": "open", "requester_id": 20, "created_at": "2026-10-26T08:00:00Z",
        "updated_at": "2026-10-26T08:00:00Z", "generated_timestamp": 1793000000,
    }  # fmt: skip
    return given | fields


def comment(comment_id: int, author_id: int, created_at: str = "2026-10-26T08:00:00Z", **fields: Any) -> Record:
    given = {
        "id": comment_id, "ticket_id": 7, "author_id": author_id, "public": True, "via": {"channel": "email"},
        "html_body": "<p>Where is my card?</p>", "created_at": created_at,
    }  # fmt: skip
    return given | fields


def user(user_id: int, role: str, updated_at: str, **fields: Any) -> Record:
    return {"id": user_id, "role": role, "name": f"User {user_id}", "updated_at": updated_at} | fields


def audit(audit_id: int, author_id: int, *events: Record, **fields: Any) -> Record:
    given = {
        "id": audit_id, "ticket_id": 7, "author_id": author_id, "created_at": "2026-10-26T09:00:00Z",
        "events": list(events), "via": {"channel": "web"},
    }  # fmt: skip
    return given | fields


def change(field: str, old: Any, new: Any) -> Record:
    return {"id": 1, "type": "Change", "field_name": field, "previous_value": old, "value": new}


def test_the_newest_version_wins_whatever_order_versions_arrive_in(built: Warehouse) -> None:
    newer = built.land("zendesk.tickets", ticket(status="solved", updated_at="2026-10-27T08:00:00Z"))
    older = built.land("zendesk.tickets", ticket(status="open"))
    select = ["stg_zendesk__tickets"]
    built.transform(newer, select=select)
    built.transform(older, select=select)
    assert built.rows("select status from staging.stg_zendesk__tickets") == ["solved"]


def test_a_load_that_no_transform_took_is_invisible(built: Warehouse) -> None:
    first = built.land("phone.calls", call(summary="first"))
    built.land("phone.calls", call("2"))
    built.transform(first, select=["stg_phone__calls"])
    assert built.rows("select call_id from staging.stg_phone__calls") == ["1"]
