"""The front door on a real Postgres: what passes, what is rejected, and what is said about it."""

import csv
import json
import logging
import shutil
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import psycopg
import pytest
import yaml
from airflow.sdk.exceptions import AirflowFailException
from psycopg import sql

from social_crm.errors import FrontDoorRefused, SourceUnavailable, SuiteUnusable, WarehouseFailed
from social_crm.landing.loading import load_resource
from social_crm.orchestration.steps import validate
from social_crm.quality.doors import EXPECTATIONS, check_raw
from social_crm.settings import Settings
from social_crm.sources import source_named
from social_crm.sources.analytics import ANALYTICS
from social_crm.sources.complaints import COMPLAINTS
from social_crm.sources.forms import FORMS
from social_crm.sources.imap.messages import read_message
from social_crm.sources.mail import MAIL
from social_crm.sources.model import Connection, Page, Record, Request, Source, Window
from social_crm.sources.phone import CONTRACT, PHONE
from social_crm.sources.reviews import REVIEWS
from social_crm.sources.stores import STORES
from social_crm.sources.surveys import SURVEYS

FIXTURES = Path(__file__).resolve().parents[1] / "fixtures"
MONDAY = Window(datetime(2026, 10, 5, tzinfo=UTC), datetime(2026, 10, 6, tzinfo=UTC))
# What may be NULL although a critical rule reads it, each with the reason.
MAY_BE_NULL = {
    ("phone/transcripts", "said_at"): "the rule on _event_at, which is read from it, asks for it",
    ("reviews/reviews", "said_at"): "the rule on _event_at, which is read from it, asks for it",
    ("reviews/reviews", "scale"): "a reply has none",
    ("surveys/answers", "answered_at"): "the rule on _event_at, which is read from it, asks for it",
    ("surveys/answers", "score"): "some only comment; a file without the column is refused",
}
SECRET = "+4930999888 Erika Mustermann asks about her divorce"


class Door:
    """A warehouse, an inbox, and a copy of the expectations that a test may change."""

    def __init__(self, settings: Settings, directory: Path) -> None:
        """Copy the suites as they are."""
        self.settings, self.inbox, self.suites = settings, directory / "inbox", directory / "expectations"
        self.inbox.mkdir()
        shutil.copytree(EXPECTATIONS, self.suites)

    def land(self, source: Source = PHONE, folder: Path | None = None, window: Window = MONDAY) -> int:
        connection = Connection(str(folder or self.inbox), options={"settle_seconds": 0})
        return load_resource(source, source.resources[0], connection, window, "test").load_id

    def drop_calls(self, count: int, name: str = "calls_2026-10-05.csv", wrong: int = 1, **cells: str) -> None:
        """Write a log of `count` calls; the first so many of them have the given cells."""
        usual = dict.fromkeys(CONTRACT.required, "") | {
            "pbx": "pbx-us", "disposition": "abandoned", "summary": SECRET,
            "started_at": "2026-10-05T09:00:00-04:00", "ended_at": "2026-10-05T09:01:00-04:00",
        }  # fmt: skip
        rows = [usual | {"call_id": f"{name}-{number}"} | (cells if number < wrong else {}) for number in range(count)]
        lines = [",".join(row[column] for column in CONTRACT.required) for row in rows]
        (self.inbox / name).write_text("\n".join([",".join(CONTRACT.required), *lines]) + "\n")

    def check(self, *load_ids: int, source: str = "phone") -> list[str]:
        """Return the rules that failed without blocking."""
        results = check_raw(source, load_ids, expectations=self.suites)
        return [f"{result.rule} {result.failed_count}" for result in results if not result.is_success]

    def ask(self, query: str) -> list[tuple]:
        with psycopg.connect(self.settings.warehouse_admin_url, autocommit=True) as connection:
            return connection.execute(query).fetchall()

    def status(self, load_id: int) -> str:
        return self.ask(f"select status from raw.load_ledger where load_id = {load_id}")[0][0]

    def change(self, path: str, change: dict) -> None:
        """Put other values at the top of a suite."""
        suite = self.suites / path
        suite.write_text(yaml.safe_dump(yaml.safe_load(suite.read_text()) | change))


@pytest.fixture
def door(warehouse: Settings, tmp_path: Path) -> Door:
    return Door(warehouse, tmp_path)


@pytest.mark.parametrize("source", [ANALYTICS, PHONE, COMPLAINTS, STORES, SURVEYS], ids=lambda source: source.name)
def test_a_sound_load_passes_without_a_remark(source: Source, door: Door) -> None:
    load_id = door.land(source, FIXTURES / source.name)
    assert door.check(load_id, source=source.name) == []
    assert door.status(load_id) == "checked"
    assert door.ask("select load_id from raw.completed_loads") == [(load_id,)]
    page = next(door.settings.data_docs_dir.rglob(f"raw_{source.name}.*.html"))
    assert "Acme" not in page.read_text()
    assert (door.settings.data_docs_dir / "index.html").exists()


def recorded(source: Source) -> list[Record]:
    """Return the fixture of a source of messages as its connector reads it."""
    if source is FORMS:
        return list(json.loads((FIXTURES / "forms/messages.json").read_text()))
    envelope = {"mailbox": "INBOX", "uid": 1, "received_at": "2026-10-27T10:00:05+00:00"}
    return [envelope | read_message((FIXTURES / "mail/messages.eml").read_bytes())]


@pytest.mark.parametrize("source", [FORMS, MAIL], ids=lambda source: source.name)
def test_recorded_messages_pass_without_a_remark(source: Source, door: Door) -> None:
    resource = replace(source.resources[0], extract=lambda request: iter([Page(recorded(source))]))
    load_id = load_resource(source, resource, Connection(""), MONDAY, "test").load_id
    assert door.check(load_id, source=source.name) == []
    assert door.status(load_id) == "checked"


@pytest.mark.parametrize(
    ("wrong", "rule"),
    [
        ({"channel": "fax"}, "channel"),
        ({"sender": "visitor"}, "sender"),
        ({"created_at": "27.10.2026 9 o'clock"}, "_event_at"),
        ({"updated_at": "2126-10-27 09:00:00"}, "seconds_in_future"),
    ],
)
def test_a_form_that_cannot_be_meant_stops_at_the_front_door(wrong: Record, rule: str, door: Door) -> None:
    first, *others = recorded(FORMS)
    many = [first | wrong | {"id": f"wrong-{number}"} for number in range(3)]
    resource = replace(FORMS.resources[0], extract=lambda request: iter([Page([*many, *others])]))
    load_id = load_resource(FORMS, resource, Connection(""), MONDAY, "test").load_id
    with pytest.raises(FrontDoorRefused, match=rule):
        door.check(load_id, source="forms")
    assert door.status(load_id) == "rejected"


def give(records: list[Record], table: str, failure: Exception | None = None) -> int:
    """Land records of a table as its source would give them, and then fail, if so asked."""
    source_name, resource_name = table.split(".")

    def extract(request: Request) -> Iterator[Page]:
        yield Page(records)
        if failure:
            raise failure

    source = source_named(source_name)
    resource = replace(source.resource(resource_name), extract=extract)
    return load_resource(source, resource, Connection(""), MONDAY, "test").load_id


def without(record: Record, path: str) -> Record:
    """Return a record without what stands at a dotted path."""
    name, _, below = path.partition(".")
    kept = {other: value for other, value in record.items() if other != name}
    return kept | {name: without(record[name], below)} if below else kept


@pytest.mark.parametrize(
    ("table", "path"),
    [
        ("zendesk.tickets", "tags"),
        ("x.posts", "text"),
        ("bluesky.posts", "record.text"),
        ("discourse.posts", "staff"),
        ("mastodon.statuses", "content"),
        ("reddit.comments", "body"),
        ("reddit.submissions", "selftext"),
        ("request_tracker.messages", "Type"),
        ("wordpress.comments", "content.rendered"),
        ("youtube.comments", "snippet.textDisplay"),
    ],
)
def test_a_field_that_is_no_longer_sent_stops_at_the_front_door(table: str, path: str, door: Door) -> None:
    source_name = table.split(".")[0]
    records = json.loads((FIXTURES / f"{table.replace('.', '/')}.json").read_text())
    if isinstance(records, dict):  # a whole answer
        records = records.get("data") or records["tickets"]
    load_id = give([without(record, path) for record in records], table)
    with pytest.raises(FrontDoorRefused, match=rf"values_to_be_in_set\(\w+\): {len(records)} of {len(records)} rows"):
        door.check(load_id, source=source_name)
    assert door.status(load_id) == "rejected"
    again = give(records, table)
    door.check(again, source=source_name)
    assert door.status(again) == "checked"


@pytest.mark.parametrize(
    ("table", "words"),
    [
        ("facebook.messages", "message"),
        ("intercom.conversation_parts", "body"),
        ("request_tracker.messages", "Content"),
    ],
)
def test_words_that_may_be_absent_are_missed_where_nobody_says_any(table: str, words: str, door: Door) -> None:
    source = table.split(".")[0]
    [message, *_] = json.loads((FIXTURES / f"{table.replace('.', '/')}.json").read_text())
    pictures = [without(message, words) | {"id": f"m_{number}"} for number in range(20)]
    few = give(pictures[:19], table)
    assert [rule for rule in door.check(few, source=source) if "share_with_words" in rule] == []
    many = give([picture | {"id": f"n_{picture['id']}"} for picture in pictures], table)
    with pytest.raises(FrontDoorRefused, match=r"share_with_words\): 20 of 20 rows"):
        door.check(many, source=source)
    sound = give([picture | {"id": "said", words: "Hello?"} for picture in pictures[:1]], table)
    assert door.check(sound, source=source) == []
    other = give([picture | {"id": "other", words: {"html": "Hello?"}} for picture in pictures[:1]], table)
    with pytest.raises(FrontDoorRefused, match=r"text_kind\): 1 of 1 rows"):
        door.check(other, source=source)


TEXTS = ("html_body", "plain_body", "body")


@pytest.mark.parametrize(
    ("wrong", "rule"),
    [(dict.fromkeys(TEXTS), "share_with_words"), ({"html_body": {"html": "Hello?"}}, "text_kind")],
    ids=["gone", "an object"],
)
def test_a_comment_has_a_text_under_one_of_three_names(wrong: Record, rule: str, door: Door) -> None:
    [record, *_] = json.loads((FIXTURES / "zendesk/comments.json").read_text())["comments"]
    records = [record | {"id": number, "ticket_id": 7} for number in range(20)]
    load_id = give([one | wrong for one in records], "zendesk.comments")
    with pytest.raises(FrontDoorRefused, match=rf"{rule}\): 20 of 20 rows"):
        door.check(load_id, source="zendesk")
    older = [without(without(one, "html_body"), "plain_body") for one in records]
    assert door.check(give(older, "zendesk.comments"), source="zendesk") == []


@pytest.mark.parametrize("paths", [["snippet.textOriginal", "snippet.textDisplay"], None], ids=["words", "all"])
def test_words_that_retention_took_are_not_missed(paths: list[str] | None, door: Door) -> None:
    records = json.loads((FIXTURES / "youtube/comments.json").read_text())
    with pytest.raises(SourceUnavailable):
        give(records, "youtube.comments", SourceUnavailable("for now"))
    clear = (
        "insert into ops.clearings (source, resource, load_id, reason, cleared_count, is_restated, after_transform_id)"
        " select 'youtube', 'comments', load_id, %(reason)s, raw.clear_words(load_id, null, %(paths)s), false, 0"
        " from raw.load_ledger"
    )
    with psycopg.connect(door.settings.warehouse_transformer_url, autocommit=True) as connection:
        connection.execute(clear, {"reason": "age" if paths else "deletion", "paths": paths})
    completing = give(records, "youtube.comments")
    assert door.ask(f"select count(*) from raw_youtube.comments where _load_id = {completing}") == [(0,)]
    assert door.check(completing, source="youtube") == []
    assert door.status(completing) == "checked"


def test_no_critical_rule_on_values_passes_over_a_field_that_is_not_there(door: Door) -> None:
    blind = []
    for path in sorted(EXPECTATIONS.glob("raw/*/*.yml")):
        suite, name = yaml.safe_load(path.read_text()), f"{path.parent.name}/{path.stem}"
        rules = [rule for rule in suite["expectations"] if rule["severity"] == "critical"]
        kinds = {"in_set": "expect_column_values_to_be_in_set", "regex": "expect_column_values_to_match_regex"}
        asked = {rule["kwargs"]["column"] for rule in rules if rule["type"] in kinds.values()}
        asked -= {r["kwargs"]["column"] for r in rules if r["type"] == "expect_column_values_to_not_be_null"}
        for column in sorted(asked & set(suite["columns"])):
            empty = "select '{}'::jsonb as payload, 'missing' as missing, null::timestamptz as _event_at"
            [(seen,)] = door.ask(f"select {suite['columns'][column]} from ({empty}) as {path.stem}")
            # Where a field may be absent, another rule looks whether it is so of all.
            is_seen = seen is not None and (seen != "none" or "share_with_words" in suite["columns"])
            if is_seen == ((name, column) in MAY_BE_NULL):
                blind.append(f"{name}: {column} is {seen!r}")
    assert blind == []


def test_the_real_complaints_of_three_generations_pass(door: Door, shared_data: Path) -> None:
    for path in (shared_data / "cfpb").glob("*.csv"):
        shutil.copyfile(path, door.inbox / path.name)
    load_id = door.land(COMPLAINTS)
    assert door.check(load_id, source="complaints") == []
    assert door.status(load_id) == "checked"


def test_a_critical_failure_rejects_the_load_and_names_what_stands_where_and_should_not(door: Door) -> None:
    door.drop_calls(5, started_at="yesterday", wrong=3)
    load_id = door.land()
    with pytest.raises(FrontDoorRefused) as caught:
        door.check(load_id)
    message = str(caught.value)
    assert (
        "raw_phone.calls: values_to_not_be_null(_event_at): 3 of 5 rows fail, e.g. calls_2026-10-05.csv line 2,"
        " calls_2026-10-05.csv line 3, calls_2026-10-05.csv line 4"
        " (started_at: expected ISO 8601 with its offset, as 2026-10-05T09:00:00+02:00)" in message
    )
    assert "re-run the window" in message
    assert door.status(load_id) == "rejected"
    assert door.ask("select load_id from raw.completed_loads") == []
    with pytest.raises(FrontDoorRefused):
        door.check(load_id)


def test_one_or_two_rows_that_a_share_of_may_fail_keep_no_others_out(
    door: Door, caplog: pytest.LogCaptureFixture
) -> None:
    door.drop_calls(2, started_at="yesterday", wrong=2)
    load_id = door.land()
    assert door.check(load_id) == ["values_to_not_be_null(_event_at) 2"]
    assert door.status(load_id) == "checked"
    assert "2 of 2 rows fail, e.g. calls_2026-10-05.csv line 2" in caplog.text
    # Of what leads to a channel there is no share that may fail.
    alone = give([{"id": "1", "channel": "fax"}], "forms.messages")
    with pytest.raises(FrontDoorRefused, match="1 of 1 rows"):
        door.check(alone, source="forms")


def test_a_file_with_a_layout_is_named_with_its_own_columns_and_others_are_not(
    door: Door, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    door.drop_calls(2, started_at="yesterday")
    door.drop_calls(2, "calls_2026-10-05_own.csv", wrong=2, started_at="yesterday", disposition="transferred")
    own = door.inbox / "calls_2026-10-05_own.csv"
    own.write_text(own.read_text().replace("started_at", "Begin").replace("disposition", "Outcome"))
    layouts = {"*_own.csv": {"columns": {"started_at": "Begin", "disposition": "Outcome"}}}
    connection = Connection(str(door.inbox), options={"settle_seconds": 0, "layouts": layouts})
    load_id = load_resource(PHONE, PHONE.resources[0], connection, MONDAY, "test").load_id
    monkeypatch.setenv("AIRFLOW_CONN_PHONE_API", json.dumps({"host": connection.url, "extra": connection.options}))
    with pytest.raises(AirflowFailException) as caught:
        validate("phone", load_id)
    message = str(caught.value)
    assert (
        "3 of 4 rows fail, e.g. calls_2026-10-05.csv line 2, calls_2026-10-05_own.csv line 2 column Begin,"
        " calls_2026-10-05_own.csv line 3 column Begin (started_at: expected ISO 8601 with its offset" in message
    )
    assert "calls_2026-10-05_own.csv line 3 column Outcome 'transferred' (disposition: expected one of" in caplog.text


@pytest.mark.parametrize(
    ("expression", "words"),
    [
        ("(payload ->> 'summary')::date", r"cannot be evaluated \(Invalid"),
        (
            "payload ->> 'summary'",
            r"2 of 2 rows fail, e.g. calls_2026-10-05.csv line 2, calls_2026-10-05.csv line 3 \(summary: ",
        ),
    ],
)
def test_no_message_page_or_ledger_row_quotes_a_customer(
    expression: str, words: str, door: Door, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    rule = {"type": "expect_column_values_to_be_in_set", "kwargs": {"column": "words", "value_set": ["2020-01-01"]}}
    rule |= {"quoted": True}
    expectations = [rule | {"severity": "critical", "notes": "why"}]
    door.change("raw/phone/calls.yml", {"columns": {"words": expression}, "expectations": expectations})
    door.drop_calls(2)
    with pytest.raises(FrontDoorRefused, match=words) as caught:
        door.check(door.land())
    pages = [path.read_text() for path in door.settings.data_docs_dir.rglob("*") if path.suffix in (".html", ".json")]
    (ledger,) = door.ask("select error_message from raw.load_ledger")
    assert len(pages) >= 4
    for text in [str(caught.value), ledger[0], *pages, *(record.getMessage() for record in caplog.records)]:
        assert not [word for word in ("Mustermann", "divorce", "4930999888") if word in text], text[:500]


def test_a_warning_is_reported_and_lets_the_load_in(door: Door, caplog: pytest.LogCaptureFixture) -> None:
    door.drop_calls(3, disposition="transferred")
    load_id = door.land()
    assert door.check(load_id) == ["values_to_be_in_set(disposition) 1"]
    assert door.status(load_id) == "checked"
    assert (
        "raw_phone.calls: values_to_be_in_set(disposition): 1 of 3 rows fail, e.g. calls_2026-10-05.csv line 2"
        " 'transferred' (disposition: expected one of answered, abandoned, voicemail)" in caplog.text
    )


@pytest.mark.parametrize(
    ("source", "cells", "said"),
    [
        (SURVEYS, {"score": "6", "scale_min": "1", "scale_max": "5"}, "score_off_scale 'x.csv line 2 '6 of 1 to 5''"),
        (SURVEYS, {"score": "5"}, ""),
        (SURVEYS, {"about_source": "zendesc", "about_id": "1"}, "unknown_source 'x.csv line 2 'zendesc''"),
        (SURVEYS, {"about_source": "ZENDESK", "about_id": "1"}, ""),
        (REVIEWS, {"Score": "7"}, "score_off_scale 'x.csv line 2 '7 of 1 to 5''"),
        (REVIEWS, {"Score": "5"}, ""),
    ],
    ids=["survey", "on its scale", "about nothing", "about a ticket", "review", "well rated"],
)
def test_what_can_be_no_rating_is_reported(source: Source, cells: dict[str, str], said: str, door: Door) -> None:
    [fixture] = (FIXTURES / source.name).glob("*.csv")
    with fixture.open(newline="") as stream:
        rows = [next(csv.DictReader(stream)) | cells]
    with (door.inbox / "x.csv").open("w", newline="") as stream:
        writer = csv.DictWriter(stream, rows[0])
        writer.writeheader()
        writer.writerows(rows)
    load_id = door.land(source)
    found = [found for found in check_raw(source.name, [load_id], expectations=door.suites) if not found.is_success]
    told = [f"{one.rule} '{', '.join(one.sample_keys)}'" for one in found if one.severity == "warning"]
    assert told == ([f"values_to_be_null({said.replace(' ', ') ', 1)}"] if said else [])


@pytest.mark.parametrize("table", ["crm.customers", "hubspot.contacts", "salesforce.contacts"])
def test_a_value_of_a_customer_that_is_no_plain_number_is_reported(table: str, door: Door) -> None:
    sent = json.loads((FIXTURES / f"{table.replace('.', '/')}.json").read_text())
    [first, *_] = sent if isinstance(sent, list) else sent["results" if "results" in sent else "records"]
    [key] = {"id", "Id"} & set(first)
    values = ["$1,234.50", "1.234,50", "1234.50", " 12 ", 12.5, "", None]
    records = [
        first
        | {key: f"00{number}", "lifetime_value_usd": value, "chosen": {"market": "sg", "lifetime_value_usd": value}}
        for number, value in enumerate(values)
    ]
    load_id = give(records, table)
    assert door.check(load_id, source=table.split(".")[0]) == ["values_to_match_regex(lifetime_value_usd) 2"]
    assert door.status(load_id) == "checked"


def test_a_rule_that_cannot_be_evaluated_blocks_whatever_its_severity(door: Door) -> None:
    rule = {"type": "expect_column_values_to_not_be_null", "kwargs": {"column": "nowhere"}, "severity": "warning"}
    door.change("raw/phone/calls.yml", {"expectations": [rule | {"notes": "why"}]})
    door.drop_calls(1)
    load_id = door.land()
    with pytest.raises(FrontDoorRefused, match="cannot be evaluated"):
        door.check(load_id)
    assert door.status(load_id) == "rejected"


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"expectations": []}, "no expectations"),
        (
            {"expectations": [{"type": "expect_nonsense", "kwargs": {"a": 1}, "severity": "critical", "notes": "x"}]},
            "does not take nonsense",
        ),
        ({"columns": {"broken": "no_such_function(payload)"}}, "rows cannot be read"),
    ],
)
def test_a_broken_suite_lets_nothing_in(change: dict, words: str, door: Door) -> None:
    door.change("raw/phone/calls.yml", change)
    door.drop_calls(1)
    load_id = door.land()
    with pytest.raises(SuiteUnusable, match=words):
        door.check(load_id)
    assert door.status(load_id) == "loaded"


@pytest.mark.parametrize(
    ("column", "cause"),
    [
        # Of which the count of rows needs nothing, and the rule all.
        ("(select count(*) from generate_series(1, 99999) as a, generate_series(1, 99999) as b)", "QueryCanceled"),
        ("pg_terminate_backend(pg_backend_pid())::int", "AdminShutdown"),
    ],
)
def test_a_check_that_the_server_ends_refuses_no_load(column: str, cause: str, door: Door) -> None:
    rule = {"type": "expect_column_values_to_not_be_null", "kwargs": {"column": "told"}, "severity": "critical"}
    change = {"expectations": [rule | {"notes": "why"}], "columns": {"told": column}}
    door.change("raw/phone/calls.yml", change)
    door.drop_calls(1)
    load_id = door.land()
    with psycopg.connect(door.settings.warehouse_admin_url, autocommit=True) as connection:
        limit = sql.SQL("alter database {} set statement_timeout = '1s'")
        connection.execute(limit.format(sql.Identifier(connection.info.dbname)))
    with pytest.raises(WarehouseFailed, match=f"calls: nothing was checked: .*{cause}.*clear this task"):
        door.check(load_id)
    assert door.status(load_id) == "loaded"
    door.change("raw/phone/calls.yml", change | {"columns": {"told": "1"}})
    assert door.check(load_id) == []


def test_a_check_that_gets_no_session_of_its_own_refuses_no_load(door: Door) -> None:
    door.drop_calls(1)
    load_id = door.land()
    with psycopg.connect(door.settings.warehouse_admin_url, autocommit=True) as connection:
        # The check's first session, which holds the lock of the source, is let in.
        connection.execute("alter role transformer connection limit 1")
        try:
            with pytest.raises(WarehouseFailed, match=r"nothing was checked: no session .* clear this task") as caught:
                door.check(load_id)
        finally:
            connection.execute("alter role transformer connection limit -1")
    assert "transformer-test" not in str(caught.value)
    assert door.check(load_id) == []
    assert door.status(load_id) == "checked"


def test_a_suite_for_a_table_that_is_not_there_fails(door: Door) -> None:
    door.drop_calls(1)
    load_id = door.land()
    with psycopg.connect(door.settings.warehouse_admin_url, autocommit=True) as connection:
        connection.execute("alter table raw_phone.calls rename to elsewhere")
    with pytest.raises(SuiteUnusable, match=r"raw_phone.calls: .*UndefinedTable"):
        door.check(load_id)


def test_a_load_that_never_finished_is_not_let_in(door: Door) -> None:
    door.drop_calls(1)
    superseded = door.land()
    later = door.land()
    with pytest.raises(FrontDoorRefused, match=f"load {superseded} is not in the ledger as loaded"):
        door.check(superseded)
    assert door.check(later) == []
    assert door.check(later) == []
    with pytest.raises(FrontDoorRefused, match="load 999 is not"):
        door.check(999)


def test_rows_of_an_earlier_broken_attempt_are_checked_with_the_one_that_completes_it(door: Door) -> None:
    door.drop_calls(4, started_at="never", wrong=3)
    door.land()
    completing = door.land()
    assert door.ask(f"select count(*) from raw_phone.calls where _load_id = {completing}") == [(0,)]
    with pytest.raises(FrontDoorRefused, match="3 of 4 rows fail"):
        door.check(completing)


def test_a_refused_load_is_not_let_in_once_a_later_attempt_reads_its_window(door: Door) -> None:
    def demand(column: str) -> None:
        rule = {"type": "expect_column_values_to_not_be_null", "kwargs": {"column": column}, "severity": "critical"}
        door.change("raw/phone/calls.yml", {"expectations": [rule | {"notes": "It is asked for by this test."}]})

    calls = [{"Call ID": name, "PBX": "pbx-us"} for name in ("c1", "c2")]
    with pytest.raises(SourceUnavailable):
        give(calls[:1], "phone.calls", SourceUnavailable("gone"))
    refused = give(calls, "phone.calls")
    demand("ended_at")
    with pytest.raises(FrontDoorRefused, match="2 of 2 rows fail"):
        door.check(refused)
    # What the first attempt read is refused with it, and this one ends before anybody has read it again.
    with pytest.raises(SourceUnavailable):
        give([], "phone.calls", SourceUnavailable("gone"))
    demand("_record_key")
    with pytest.raises(FrontDoorRefused, match=f"load {refused} is not in the ledger as loaded"):
        door.check(refused)
    assert door.ask("select load_id from raw.completed_loads") == []


def test_a_line_is_named_once_however_many_of_its_rows_fail(door: Door) -> None:
    door.drop_calls(2, disposition="lost")
    first = door.land()
    with psycopg.connect(door.settings.warehouse_admin_url, autocommit=True) as connection:
        connection.execute("insert into raw_phone.calls select * from raw_phone.calls")
    [found] = [found for found in check_raw("phone", [first], expectations=door.suites) if not found.is_success]
    assert (found.failed_count, found.sample_keys) == (2, ("calls_2026-10-05.csv line 2 'lost'",))


def volumes(door: Door, table: str, *counts: int) -> int:
    """Write one loaded window a day with these counts, and return the last load's id."""
    with psycopg.connect(door.settings.warehouse_admin_url, autocommit=True) as connection:
        for day, count in enumerate(counts):
            start = MONDAY.start + timedelta(days=day)
            row = connection.execute(
                "insert into raw.load_ledger"
                " (source, resource, window_start, window_end, attempt, run_id, status, read_count)"
                " values (%s, %s, %s, %s, 1, 'test', 'loaded', %s) returning load_id",
                [*table.split("."), start, start + timedelta(days=1), count],
            ).fetchone()
            assert row
    return row[0]


@pytest.mark.parametrize(
    ("counts", "remarks"),
    [
        ((300, 310, 0, 12, 305, 290, 320, 300), []),
        ((300, 300, 300, 300, 10), ["values_to_be_between(share_of_usual) 1"]),
        ((300, 300, 300, 300, 6001), ["values_to_be_between(share_of_usual) 1"]),
        ((300, 300, 300, 10), []),  # three days are no custom
        ((300, 300, 300, 300, 0), ["values_to_be_between(share_of_usual) 1"]),  # files may come late
    ],
)
def test_a_volume_out_of_the_usual_is_remarked(counts: tuple[int, ...], remarks: list[str], door: Door) -> None:
    load_id = volumes(door, "phone.calls", *counts)
    assert door.check(load_id) == remarks
    assert door.status(load_id) == "checked"


@pytest.fixture
def door_of_x(door: Door) -> Door:
    """Return a door with X's tables."""
    with psycopg.connect(door.settings.warehouse_admin_url, autocommit=True) as connection:
        connection.execute("create schema if not exists raw_x; grant usage on schema raw_x to transformer")
        for table in ("posts", "removals"):
            connection.execute(f"create table if not exists raw_x.{table} (like raw_phone.calls)".encode())
            connection.execute(f"grant select on raw_x.{table} to transformer".encode())
    return door


def test_a_collapsed_volume_of_a_steady_source_is_refused(door_of_x: Door) -> None:
    load_id = volumes(door_of_x, "x.posts", 300, 300, 300, 300, 300, 2)
    with pytest.raises(FrontDoorRefused, match=rf"raw.load_volumes: .*share_of_usual_where_steady.*e.g. {load_id}"):
        door_of_x.check(load_id, source="x")
    assert door_of_x.status(load_id) == "rejected"


def test_a_day_on_which_nothing_was_removed_is_let_in(door_of_x: Door) -> None:
    load_id = volumes(door_of_x, "x.removals", 300, 300, 300, 300, 300, 0)
    assert door_of_x.check(load_id, source="x") == []
    assert door_of_x.status(load_id) == "checked"


@pytest.mark.parametrize(
    ("columns", "rule"),
    [
        ({"bad": "source::numeric"}, {"type": "expect_column_values_to_not_be_null", "kwargs": {"column": "bad"}}),
        ({}, {"type": "expect_table_row_count_to_equal", "kwargs": {"value": 99}}),
    ],
    ids=["cannot be evaluated", "on the whole table"],
)
def test_a_rule_on_volumes_that_names_no_load_lets_none_of_the_call_in(columns: dict, rule: dict, door: Door) -> None:
    rules = [rule | {"severity": "critical", "notes": "why"}]
    door.change("raw/load_volumes.yml", {"columns": columns, "expectations": rules})
    later = volumes(door, "phone.calls", 300, 310)
    with pytest.raises(FrontDoorRefused, match=r"raw\.load_volumes: "):
        door.check(later - 1, later)
    assert [door.status(load_id) for load_id in (later - 1, later)] == ["rejected", "rejected"]


def test_suites_run_read_only(door: Door) -> None:
    with psycopg.connect(door.settings.warehouse_admin_url, autocommit=True) as connection:
        connection.execute("create sequence public.counter")
        connection.execute("grant usage on sequence public.counter to transformer")
    rule = {"type": "expect_column_values_to_not_be_null", "kwargs": {"column": "evil"}, "severity": "warning"}
    columns = {"evil": "nextval('public.counter')"}
    door.change("raw/phone/calls.yml", {"columns": columns, "expectations": [rule | {"notes": "why"}]})
    door.drop_calls(1)
    with pytest.raises((FrontDoorRefused, SuiteUnusable), match="ReadOnlySqlTransaction"):
        door.check(door.land())
    assert door.ask("select is_called from public.counter") == [(False,)]
