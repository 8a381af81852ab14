"""Staging on a real Postgres: which version wins, what a bad value becomes, that every order of loads ends alike."""

import itertools
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import psycopg
import pytest
from jinja2 import Environment
from psycopg import sql

from social_crm.database import connect
from social_crm.landing.loading import load_resource
from social_crm.local.postgres import EmbeddedServer
from social_crm.settings import Settings, load_settings
from social_crm.sources import source_named
from social_crm.sources.model import Connection, Page, Record, Window
from social_crm.transform.dbt_runner import DBT_PROJECT_DIR, ModelFailed, load_seeds, run_dbt, run_models, run_tests
from social_crm.transform.parts import CONTRACTS, STAGE
from worlds.recorded_answers import SEEDS
from worlds.warehouses import copy_in_use, drop_warehouse, in_use, keep_as, make_warehouse

FIRST_DAY = datetime(2026, 10, 26, tzinfo=UTC)
BUILT = list(STAGE)
# The sources that tests here tell of, and what is made of them; of the others nothing changes.
TOLD = [f"staging.{name}" for name in ("complaints", "crm", "phone", "request_tracker", "x", "zendesk")]


@pytest.mark.parametrize("macro", ["to_number_or_null", "to_timestamp_or_null", "to_date_or_null", "snowflake_time"])
@pytest.mark.parametrize("digits", ["٤٢", "٢٠٢٦-10-27", "٢٠٢٦-10-27T09:00:00Z", "٢" * 17, "\N{NO-BREAK SPACE}42"])
def test_digits_of_other_scripts_are_no_number_whatever_the_order_of_texts(
    postgres_server: EmbeddedServer, macro: str, digits: str
) -> None:
    files = [DBT_PROJECT_DIR / f"macros/{name}.sql" for name in (macro, "has_offset", "is_day_of_month")]
    macros = "".join(file.read_text(encoding="utf-8") for file in files)
    value = getattr(Environment().from_string(macros).module, macro)("told.value")
    with connect(postgres_server.url()) as database:
        # As of a database that somebody else created: of its own, the wrong rules would be asked for nowhere.
        told = sql.SQL("(select {} collate pg_unicode_fast as value) as told").format(digits)
        assert database.execute(sql.SQL("select {} from {}").format(sql.SQL(value), told)).fetchone() == (None,)


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("1793000000", "2026-10-26 07:33:20+00"),
        ("1793000000.5", "2026-10-26 07:33:20.5+00"),
        ("253402300799", "9999-12-31 23:59:59+00"),
        ("-62135596800", "0001-01-01 00:00:00+00"),
        *((text, None) for text in ("253402300800", "99999999999999", "-99999999999999", "false", "")),
    ],
)
def test_seconds_beyond_all_years_are_no_moment_and_stop_nothing(
    postgres_server: EmbeddedServer, text: str, moment: str | None
) -> None:
    files = [DBT_PROJECT_DIR / f"macros/{name}.sql" for name in ("moment_of_epoch", "to_number_or_null")]
    macros = "".join(file.read_text(encoding="utf-8") for file in files)
    value = Environment().from_string(macros).module.moment_of_epoch("told.value")
    with connect(postgres_server.url()) as database:
        database.execute("set timezone = 'UTC'")
        told = sql.SQL("select ({})::text from (select {}::text as value) as told").format(sql.SQL(value), text)
        assert database.execute(told).fetchone() == (moment,)


class Warehouse:
    """An empty warehouse into which a test lands records and brings loads forward one transform at a time."""

    def __init__(self, settings: Settings, *, is_staged: bool = False) -> None:
        """Connect as the administrator, who may do what landing, the front door and publishing do."""
        self.admin: psycopg.Connection = connect(settings.warehouse_admin_url)
        self._windows = itertools.count()
        self._is_first = not is_staged
        self._usual = [*TOLD, *CONTRACTS] if is_staged else BUILT

    def land(self, table: str, *records: Record) -> int:
        """Land records as one checked load and return its id."""
        source = source_named(table.split(".")[0])
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

    def transform(self, *load_ids: int, select: list[str] | None = None, full_refresh: bool = False) -> None:
        """Run the staging side of one transform over these loads."""
        self.begin(*load_ids)
        if self._is_first:
            load_seeds(SEEDS)
            self._is_first = False
        run_models(select or self._usual, full_refresh)

    def rows(self, query: str) -> list[Any]:
        """Return what a query gives; rows of one column come as that column."""
        rows = self.admin.execute(query).fetchall()  # type: ignore[arg-type]
        return [row[0] if len(row) == 1 else row for row in rows]

    def plan(self, model: str) -> str:
        """Return how Postgres would run the incremental SQL of a model for the transform at hand."""
        run_dbt(["compile", "--select", model])
        # By its own path: unit tests leave what they made of their inputs under the same name.
        [path] = DBT_PROJECT_DIR.glob(f"models/**/{model}.sql")
        compiled = load_settings().dbt_target_dir / "compiled/social_crm" / path.relative_to(DBT_PROJECT_DIR)
        self.admin.execute("set jit = off")
        return "\n".join(self.rows(f"explain {compiled.read_text()}"))

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


@pytest.fixture(scope="module")
def staged(postgres_server: EmbeddedServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Settings]:
    """Stage nothing at all, once for the tests of this file."""
    settings = make_warehouse(postgres_server, tmp_path_factory.mktemp("staged"))
    with in_use(settings):
        Warehouse(settings).transform()
    kept = keep_as(postgres_server, settings, "staged")
    yield kept
    drop_warehouse(postgres_server, kept)


@pytest.fixture
def warehouse(postgres_server: EmbeddedServer, staged: Settings, tmp_path: Path) -> Iterator[Settings]:
    """Give the test a warehouse that has staged nothing yet."""
    with copy_in_use(postgres_server, staged, tmp_path) as settings:
        yield settings


@pytest.fixture
def built(warehouse: Settings) -> Warehouse:
    """Give the test a warehouse that has staged nothing yet, with its helper."""
    return Warehouse(warehouse, is_staged=True)


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


def step(number: int, ticket_id: int, kind: str, old: str | None = None, new: str | None = None) -> Record:
    """Return one step of a ticket of Request Tracker."""
    return {
        "id": str(number),
        "ObjectId": str(ticket_id),
        "Type": kind,
        "Field": None if old is None else kind,
        "OldValue": old,
        "NewValue": new,
        "Nobody": "6",
        "Created": "2026-10-26T08:00:00Z",
        "Creator": {"id": "ann", "Privileged": 1},
    }


def story() -> list[tuple[str, list[Record]]]:
    """Return loads of every source in which records change, people change roles, and old versions come late."""
    return [
        ("zendesk.users", [user(20, "end-user", "2026-10-20T00:00:00Z"), user(30, "agent", "2026-10-20T00:00:00Z")]),
        ("zendesk.tickets", [ticket(), ticket(8, brand_id=360002, tags=[])]),
        ("zendesk.comments", [comment(1, 20), comment(2, 30, "2026-10-26T09:00:00Z"), comment(3, 20, ticket_id=8)]),
        ("zendesk.audits", [audit(1, 30, change("status", "new", "open"), change("tags", ["a"], ["a", "b"]))]),
        ("x.posts", [post(), post("101", conversation_id="100"), post("200", conversation_id="200")]),
        ("phone.calls", [call(), call("2", answered_at="", agent_id="", disposition="abandoned", resolved="")]),
        ("complaints.complaints", [{"Complaint ID": "5", "Date received": "10/26/2026", "Company": "ACME PAY LLC"}]),
        ("crm.customers", [{"id": "c1", "tier": "gold", "updated_at": "2026-10-25T00:00:00Z"}]),
        ("zendesk.users", [user(30, "end-user", "2026-10-27T00:00:00Z"), user(20, "end-user", "2026-10-01T00:00:00Z")]),
        ("zendesk.tickets", [ticket(status="deleted", updated_at="2026-10-28T00:00:00Z")]),
        ("x.posts", [post("102", edit_history_tweet_ids=["100", "102"], created_at="2026-10-26T10:20:00Z")]),
        ("crm.customers", [{"id": "c1", "tier": "basic", "updated_at": "2026-10-24T00:00:00Z"}]),
        ("phone.calls", [call(summary="Card found.")]),
    ]


@pytest.mark.parametrize("order", ["as landed", "backwards", "two by two, with a transform that was killed"])
def test_incremental_runs_end_as_a_full_refresh_does(built: Warehouse, order: str) -> None:
    load_ids = [built.land(table, *records) for table, records in story()]
    batches = {
        "as landed": [load_ids[:8], *([load_id] for load_id in load_ids[8:])],
        "backwards": [load_ids[8:], load_ids[4:8], load_ids[:4]],
        "two by two, with a transform that was killed": [load_ids[:6], load_ids[6:9], load_ids[6:9], load_ids[9:]],
    }[order]
    for batch in batches:
        built.transform(*batch)
    incremental = built.contents()
    assert len(incremental["intermediate.int_interactions"]) == 9
    built.transform(*load_ids, full_refresh=True)
    assert built.contents() == incremental


def test_only_conversations_with_news_are_changed(built: Warehouse) -> None:
    load_ids = [built.land(table, *records) for table, records in story()[:8]]
    built.transform(*load_ids)
    agent_left = built.land("zendesk.users", user(30, "end-user", "2026-10-27T00:00:00Z"))
    late = built.land("phone.calls", call("3"))
    built.transform(agent_left, late)
    changed = built.rows("select source_conversation_id from intermediate.int_conversations_changed order by 1")
    assert changed == ["phone:pbx-us/3", "zendesk:7"]


def test_who_spoke_in_zendesk_is_decided_as_of_then(built: Warehouse) -> None:
    built.transform(
        built.land("zendesk.tickets", ticket()),
        built.land("zendesk.users", user(20, "end-user", "2026-10-20T00:00:00Z", email="jo@example.com")),
        built.land("zendesk.users", user(30, "agent", "2026-10-20T00:00:00Z")),
        built.land("zendesk.users", user(30, "end-user", "2026-10-27T00:00:00Z")),
        built.land(
            "zendesk.comments",
            comment(1, 20),
            comment(2, 30, "2026-10-01T00:00:00Z"),
            comment(3, 30, "2026-10-26T23:59:59Z", public=False),
            comment(4, 30, "2026-10-27T00:00:00Z"),
            comment(5, -1),
            comment(6, 30, via={"channel": "rule"}),
            comment(7, 30, via={"channel": "answer_bot_for_web_widget"}),
            comment(8, 99),
        ),
        select=["staging.zendesk", *CONTRACTS],
    )
    assert built.rows(
        "select native_id, sender_kind, direction, agent_native_id, is_internal from staging.stg_zendesk__interactions"
        " order by native_id"
    ) == [
        ("1", "customer", "inbound", None, False),
        ("2", "agent", "outbound", "30", False),
        ("3", "agent", "outbound", "30", True),
        ("4", "customer", "inbound", None, False),
        ("5", "system", "outbound", None, False),
        ("6", "system", "outbound", None, False),
        ("7", "bot", "outbound", None, False),
        ("8", "unknown", "inbound", None, False),
    ]
    [first] = built.rows(
        "select source_account, source_channel, visibility, brand_code, market_code, author_email, text_plain"
        " from staging.stg_zendesk__interactions where native_id = '1'"
    )
    assert first == ("360001", "email", "private", "acme_bank", "sg", "jo@example.com", "Where is my card?")


def test_ticket_changes_become_case_events(built: Warehouse) -> None:
    merged = change("tags", ["card"], ["card", "closed_by_merge"])
    built.transform(
        built.land("zendesk.tickets", ticket()),
        built.land("zendesk.users", user(30, "admin", "2026-10-20T00:00:00Z")),
        built.land(
            "zendesk.audits",
            audit(
                1,
                20,
                {"id": 1, "type": "Comment", "body": "secret"},
                {"id": 2, "type": "Create", "field_name": "status", "value": "new"},
                {"id": 3, "type": "Create", "field_name": "subject", "value": "secret"},
            ),
            audit(
                2,
                30,
                change("status", "new", "hold"),
                change("assignee_id", None, "30"),
                change("tags", ["b"], ["b", "c"]),
            ),
            audit(3, -1, change("status", "hold", "deleted")),
            audit(4, 30, merged, via={"channel": "web", "source": {"rel": "merge", "from": {"ticket_id": 8}}}),
        ),
        select=["staging.zendesk"],
    )
    events = built.rows(
        "select case_event_id, event_type, field, old_value, new_value"
        " from staging.stg_zendesk__case_events order by case_event_id"
    )
    assert events == [
        ("zendesk:1:1", "changed", "status", None, "new"),
        ("zendesk:2:1", "changed", "status", "new", "on_hold"),
        ("zendesk:2:2", "changed", "assignee", None, "30"),
        ("zendesk:2:3", "changed", "tag", "b", "b c"),
        ("zendesk:3:1", "deleted", "status", "on_hold", "closed"),
        ("zendesk:4:1", "merged", None, None, "8"),
        ("zendesk:7:created", "created", None, None, None),
    ]
    assert not any("secret" in row for row in built.contents()["staging.stg_zendesk__audits"])


def test_an_edited_post_stays_one_utterance_at_its_first_time(built: Warehouse) -> None:
    first = "1849000000000000000"  # X wrote 2024-10-23T08:08:47.415Z into this id
    built.transform(
        built.land("x.posts", post(first, created_at="2024-10-23T08:08:47.000Z", conversation_id=first)),
        built.land(
            "x.posts",
            post(
                "1849000999000000000",
                edit_history_tweet_ids=[first, "1849000999000000000"],
                conversation_id=first,
                created_at="2024-10-23T08:26:47.000Z",
                text="Better &amp; &lt;3",
            ),
        ),
        select=["staging.x"],
    )
    [row] = built.rows(
        "select native_id, text_plain, published_at = '2024-10-23T08:08:47.415Z', edited_at = '2024-10-23T08:26:47Z',"
        " url from staging.stg_x__interactions"
    )
    assert row == (first, "Better & <3", True, True, "https://x.com/i/status/1849000999000000000")


def test_two_posts_that_claim_one_id_stop_nothing_and_one_of_them_is_answered(built: Warehouse) -> None:
    edits = [post(f"{number}9", edit_history_tweet_ids=[str(number), "300"]) for number in (202, 201)]
    twice = post("303", edit_history_tweet_ids=["203", "303", "303"])
    answer = post("400", referenced_tweets=[{"type": "replied_to", "id": "300"}])
    for landed in (edits[:1], [edits[1], twice, answer]):
        built.transform(built.land("x.posts", *landed), select=["staging.x"])
    found = "select in_reply_to_native_id from staging.stg_x__interactions where native_id = '400'"
    assert built.rows(found) == ["201"]


def test_posts_belong_to_the_account_that_wrote_or_was_named_first(built: Warehouse) -> None:
    ours = {"id": "1", "username": "AcmePayIN", "name": "Acme Pay"}
    named = {"mentions": [{"username": "friend"}, {"username": "AcmePay"}, {"username": "AcmeBank"}]}
    built.transform(
        built.land(
            "x.posts",
            post("1", entities=named),
            post("2", author=ours, text="Sorry Jo, see DM. ^ab https://t.co/x", entities=named),
            post("3", author=ours, text="We are aware. ^BOT"),
            post("4", entities={}, author_id=None, author=None),
        ),
        select=["staging.x", *CONTRACTS],
    )
    assert built.rows(
        "select native_id, source_account, brand_code, market_code, sender_kind, agent_native_id, direction, surface"
        " from staging.stg_x__interactions order by native_id"
    ) == [
        ("1", "acmepay", "acme_pay", "us", "customer", None, "inbound", "earned"),
        ("2", "acmepayin", "acme_pay", "in", "agent", "acmepayin:AB", "outbound", "owned"),
        ("3", "acmepayin", "acme_pay", "in", "bot", None, "outbound", "owned"),
        ("4", None, None, None, "customer", None, "inbound", "earned"),
    ]


def test_one_complaint_in_three_layouts_is_one_row_with_its_dates_right(built: Warehouse) -> None:
    layouts = [
        {
            "Complaint ID": "5",
            "Date received": "7/9/2013",
            "Timely response?": "Yes",
            "Company response": "In progress",
        },
        {"Complaint_ID": "5", "Date_received": "09-07-2013", "Timely_response?": "No", "Submitted_via": "Web Referral"},
        {"complaint_id": "5", "date_received": "2013-07-09T12:00:00-05:00", "timely": "Yes", "company": "ACME PAY LLC"},
    ]
    seen = []
    for layout in layouts:
        built.transform(built.land("complaints.complaints", layout), select=["stg_complaints__complaints"])
        seen += built.rows(
            "select received_date::text, is_timely, submitted_via, company from staging.stg_complaints__complaints"
        )
    assert seen == [
        ("2013-07-09", True, None, None),
        ("2013-07-09", False, "web referral", None),
        ("2013-07-09", True, None, "ACME PAY LLC"),
    ]


def test_two_views_that_another_reads_are_made_one_after_the_other(built: Warehouse) -> None:
    built.transform(built.land("phone.calls", call()))
    waiting = "select locktype from pg_locks where not granted order by locktype"
    views = ["stg_request_tracker__beginnings", "stg_request_tracker__own_cases"]
    with ThreadPoolExecutor(1) as thread:
        with built.admin.transaction():
            # It reads both, which until the end of this transaction nobody can drop.
            built.admin.execute("select * from staging.stg_request_tracker__case_events")
            made = thread.submit(run_models, views)
            while not made.done() and len(built.rows(waiting)) < len(views):
                time.sleep(0.01)
            # Were it two relations, each could go on to wait for what the other has dropped.
            assert built.rows(waiting) == ["advisory", "relation"]
        assert {node.status for node in made.result()} == {"success"}


BAD_TIMES = [
    "",
    "yesterday",
    "2026-02-30T10:00:00Z",
    "0000-01-01T00:00:00Z",
    "0001-01-01T00:00:00+14:00",
    "9999-12-31T23:59:59-12:00",
    "2026-13-01T00:00:00Z",
    "2026-10-26T25:00:00Z",
    "2026-06-30T23:59:60.5Z",
    "1793000000",
]


def test_a_bad_value_becomes_null_and_an_absurd_time_falls_back_to_when_it_was_read(built: Warehouse) -> None:
    absurd = ["2199-01-01T00:00:00Z", "1970-01-01T00:00:00Z"]
    moments = enumerate(BAD_TIMES + absurd)
    calls = [call(f"{n:02}", started_at=at, answered_at=at, ended_at=at) for n, at in moments]
    calls.append(call("90", csat="four", resolved="perhaps", started_at="2026-10-26T10:00:00+05:30"))
    calls.append(call("91", started_at="2026-07-01T05:29:60.000+05:30"))
    built.transform(built.land("phone.calls", *calls), select=["staging.phone"])
    rows = built.rows(
        "select call_id, claimed_started_at is null, started_at = _extracted_at, ended_at is null"
        " from staging.stg_phone__calls where call_id < '90' order by call_id"
    )
    assert rows[:-2] == [(f"{n:02}", True, True, True) for n in range(len(BAD_TIMES))]
    assert [row[1:] for row in rows[-2:]] == [(False, True, True)] * 2
    assert built.rows(
        "select csat, is_resolved, started_at = '2026-10-26T04:30:00Z' from staging.stg_phone__calls"
        " where call_id = '90'"
    ) == [(None, None, True)]
    leap_second = "select started_at = '2026-07-01T00:00:00Z' from staging.stg_phone__calls where call_id = '91'"
    assert built.rows(leap_second) == [True]
    assert built.rows(
        "select source_attributes ->> 'claimed_started_at' from staging.stg_phone__interactions"
        f" where native_id = 'pbx-us/{len(BAD_TIMES)}'"
    )[0].startswith("2199-01-01")


def test_a_mark_of_deletion_that_is_none_stops_no_contact(built: Warehouse) -> None:
    contacts = [
        {"Id": f"003{n}", "IsDeleted": mark, "CreatedDate": "2026-10-26T10:00:00.000+0000", "SystemModstamp": f"{n}"}
        for n, mark in enumerate([True, False, "", "perhaps", None, {"is": True}])
    ]
    built.transform(built.land("salesforce.contacts", *contacts), select=["stg_salesforce__contacts"])
    rows = built.rows("select status from staging.stg_salesforce__contacts order by customer_id")
    assert rows == ["deleted", None, None, None, None, None]


def test_markup_and_control_characters_stay_out_of_the_text(built: Warehouse) -> None:
    shown_of = {
        "<p>Hi,</p><p>card &lt;b&gt; &amp; pin<br>lost</p>": "Hi,\ncard <b> & pin\nlost",
        "<script>alert('x')</script><div>&nbsp;ok&nbsp;</div>": "ok",
        "a < b and c > d": "a < b and c > d",
        "abc\u202edef\u2066g\u200b👩‍👩‍👧": "abcdefg\u200b👩‍👩‍👧",
        "nul\x00 and half \ud83d": "nul\ufffd and half \ufffd",
        "it&#39;s &amp;lt; that": "it's &lt; that",
        "<div></div>": None,
    }
    comments = [comment(n, 20, html_body=html, body=None) for n, html in enumerate(shown_of)]
    built.transform(built.land("zendesk.comments", *comments), select=["stg_zendesk__comments"])
    shown = built.rows("select text_plain from staging.stg_zendesk__comments order by comment_id")
    assert shown == list(shown_of.values())


def test_markup_that_leads_nowhere_takes_no_minute(built: Warehouse) -> None:
    limit = "alter role transformer in database %I set statement_timeout = ''20s''"
    built.admin.execute(f"do $$ begin execute format('{limit}', current_database()); end $$".encode())
    texts = [
        "<script></style>" * 20_000 + "end",
        "<script>" * 20_000 + "</style>end",
        "<style>a</style>b<script>c</script>d",
    ]
    comments = [comment(n, 20, html_body=html, body=None) for n, html in enumerate(texts)]
    built.transform(built.land("zendesk.comments", *comments), select=["stg_zendesk__comments"])
    assert built.rows("select text_plain from staging.stg_zendesk__comments order by comment_id") == [
        "end",
        "end",
        "bd",
    ]


def test_an_incremental_run_reads_neither_raw_nor_staging_as_a_whole(built: Warehouse) -> None:
    days = [
        built.land("zendesk.comments", *(comment(n, n % 500, ticket_id=n // 5) for n in range(first, first + 2500)))
        for first in range(0, 50_000, 2500)
    ]
    users = built.land("zendesk.users", *(user(n, "agent", "2026-10-20T00:00:00Z") for n in range(500)))
    tickets = built.land("zendesk.tickets", *(ticket(n) for n in range(10_000)))
    history = built.land(
        "request_tracker.transactions",
        *(step(n, n // 4, "Create") if n % 4 == 0 else step(n, n // 4, "Status", "new", "open") for n in range(40_000)),
    )
    # As a first transform of so many rows would be: tables that grew from nothing have been made.
    built.transform(*days, users, tickets, history, full_refresh=True)
    built.admin.execute("analyze raw_zendesk.comments")  # as autovacuum does
    built.begin(
        built.land("zendesk.comments", *(comment(n, 1, "2026-10-27T00:00:00Z", ticket_id=n) for n in range(20))),
        built.land("request_tracker.transactions", *(step(n, n, "Status", "open", "resolved") for n in range(20))),
    )
    assert "Seq Scan on comments" not in built.plan("stg_zendesk__comments")
    run_models([*TOLD, *CONTRACTS])
    interactions = built.plan("int_interactions")
    for table in ("zendesk__comments", "zendesk__tickets", "request_tracker__transactions"):
        assert f"Seq Scan on stg_{table}" not in interactions, interactions
    events = built.plan("int_case_events")
    assert "Seq Scan on stg_request_tracker__transactions" not in events, events


def test_the_models_own_tests_pass_on_real_rows(built: Warehouse) -> None:
    load_seeds()
    built.transform(*(built.land(table, *records) for table, records in story()))
    results = run_tests([*BUILT, "path:seeds"])
    assert {result.status for result in results} == {"pass"}
    assert len(results) > 80


def test_a_failing_model_is_named_with_its_file_and_reason(built: Warehouse) -> None:
    built.admin.execute("drop table raw_phone.calls cascade")
    file = r"stg_phone__calls \(models/staging/phone/stg_phone__calls.sql\)"
    with pytest.raises(ModelFailed, match=rf"(?s){file}: .*does not exist"):
        run_models(["stg_phone__calls"])


def test_a_value_that_fails_a_model_is_quoted_nowhere(built: Warehouse, warehouse: Settings) -> None:
    load_id = built.land("phone.calls", call(summary="Erika Mustermann"))
    built.admin.execute(
        "alter table raw_phone.calls rename to sent;"
        "create view raw_phone.calls as select _record_key, _event_at, _version_at,"
        " (payload ->> 'summary')::timestamptz as _extracted_at, _load_id, _record_hash, _is_escaped, payload"
        " from raw_phone.sent;"
        "grant select on raw_phone.calls to transformer"
    )
    with pytest.raises(ModelFailed, match=r"stg_phone__calls.*invalid input syntax for type timestamp") as caught:
        built.transform(load_id, select=["stg_phone__calls"])
    written = b"".join(path.read_bytes() for path in warehouse.dbt_target_dir.rglob("*") if path.is_file())
    assert "Erika" not in str(caught.value)
    assert b"Erika" not in written


def test_no_secret_is_written_where_dbt_leaves_its_traces(built: Warehouse, warehouse: Settings) -> None:
    built.transform(built.land("phone.calls", call()), select=["stg_phone__calls"])
    written = b"".join(path.read_bytes() for path in warehouse.dbt_target_dir.rglob("*") if path.is_file())
    assert b"stg_phone__calls" in written
    assert b"transformer-test" not in written
    assert warehouse.pseudonym_key.encode() not in written
