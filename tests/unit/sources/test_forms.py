"""Web forms and chat logs over SQL: tables that keep them otherwise become one row per message by a query."""

import re
import sqlite3
from datetime import UTC, datetime
from pathlib import Path

import pytest

from harnesses.forms import QUERY
from servers.fake_sources import read
from social_crm.sources.forms import FORMS
from social_crm.sources.model import Connection, Window
from social_crm.sources.sql import rows

DAY = Window(datetime(2026, 10, 27, tzinfo=UTC), datetime(2026, 10, 28, tzinfo=UTC))


def test_a_form_with_its_answer_beside_it_is_two_messages_and_a_late_answer_is_read(tmp_path: Path) -> None:
    database = sqlite3.connect(tmp_path / "site.sqlite", isolation_level=None)
    database.execute(
        "create table contact_form (id, question, created_at, updated_at, deleted_at, answer, answered_at)"
    )
    asked, answered = "2026-10-20 09:00:00", "2026-10-27 10:00:00"
    database.execute("insert into contact_form values (1, 'Lost?', ?, ?, null, 'No.', ?)", [asked, asked, answered])
    connection = Connection(f"sqlite:///{tmp_path}/site.sqlite", options={"messages": QUERY})
    FORMS.check(connection)
    [page] = read(FORMS.resource("messages"), connection, window=DAY)
    told = [(record["id"], record["sender"], record["text"], record["created_at"]) for record in page.records]
    assert told == [("answer 1", "agent", "No.", "2026-10-27T10:00:00+00:00")]


def test_the_id_that_the_page_advises_for_an_answer_is_not_its_questions(tmp_path: Path) -> None:
    [advised] = re.findall(r"`([^`]+)` for the answer", FORMS.description)
    database = sqlite3.connect(tmp_path / "site.sqlite", isolation_level=None)
    database.execute("create table log as select 1 as id, '2026-10-27 09:00:00' as created_at")
    query = "select {} as id, 'web_form' as channel, '{}' as sender, 'Hi' as text, created_at from log"
    messages = f"{query.format('id', 'customer')} union all {query.format(advised, 'agent')}"
    connection = Connection(f"sqlite:///{tmp_path}/site.sqlite", options={"messages": messages})
    [page] = read(FORMS.resource("messages"), connection, window=DAY)
    assert len({FORMS.resource("messages").key(record) for record in page.records}) == 2


def test_a_log_of_one_row_per_message_is_read_as_it_is(tmp_path: Path) -> None:
    database = sqlite3.connect(tmp_path / "chat.sqlite", isolation_level=None)
    database.execute("create table log (id, channel, conversation_id, sender, text, created_at)")
    rows = [(n, "chat", "c1", sender, "Hi", "2026-10-27 09:00:00") for n, sender in enumerate(("customer", "agent"), 1)]
    database.executemany("insert into log values (?, ?, ?, ?, ?, ?)", rows)
    connection = Connection(f"sqlite:///{tmp_path}/chat.sqlite", options={"messages": "log"})
    FORMS.check(connection)
    [page] = read(FORMS.resource("messages"), connection, window=DAY)
    assert [(record["conversation_id"], record["sender"]) for record in page.records] == [
        ("c1", "customer"),
        ("c1", "agent"),
    ]


def test_a_day_that_stands_for_never_is_no_moment_to_convert(tmp_path: Path) -> None:
    database = sqlite3.connect(tmp_path / "chat.sqlite", isolation_level=None)
    database.execute("create table log (id, channel, sender, text, created_at, updated_at)")
    stamps = ("0001-01-01 00:00:00", "2026-10-27 09:00:00")
    database.execute("insert into log values (1, 'chat', 'customer', 'Hi', ?, ?)", stamps)
    options = {"messages": "log", "timezone": "Asia/Kolkata"}
    connection = Connection(f"sqlite:///{tmp_path}/chat.sqlite", options=options)
    [page] = read(FORMS.resource("messages"), connection, window=DAY)
    assert [(record["created_at"], record["updated_at"]) for record in page.records] == [
        ("0001-01-01T00:00:00", "2026-10-27T03:30:00+00:00"),
    ]


def test_rows_without_id_or_readable_time_come_as_they_are_and_hide_no_other(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rows, "ROWS_PER_PAGE", 1)
    database = sqlite3.connect(tmp_path / "chat.sqlite", isolation_level=None)
    database.execute("create table log (id, channel, sender, text, created_at)")
    sent = [
        (1, "2026-10-27 09:00:00"),
        (None, "2026-10-27 09:00:01"),
        (2, "yesterday"),
        (3, None),
        (4, "2026-10-27 10:00:00"),
    ]
    database.executemany("insert into log values (?, 'chat', 'customer', 'Hi', ?)", sent)
    connection = Connection(f"sqlite:///{tmp_path}/chat.sqlite", options={"messages": "log"})
    pages = read(FORMS.resource("messages"), connection, window=DAY)
    assert [record["id"] for page in pages for record in page.records] == [1, None, 4, 2, 3]
    # Whichever page was the last, those behind it follow.
    for place, page in enumerate(pages, 1):
        rest = read(FORMS.resource("messages"), connection, page.cursor, window=DAY)
        assert [one.records[0]["id"] for one in rest] == [one.records[0]["id"] for one in pages[place:]]
