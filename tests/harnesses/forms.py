"""A site's database in SQLite: a form with its answer beside it, read as one row per message, three rows a page."""

import sqlite3
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import acceptance
from acceptance import Entry
from social_crm.sources.forms import FORMS
from social_crm.sources.model import Connection
from social_crm.sources.sql import rows

QUERY = (
    "select id, 'web_form' as channel, 'customer' as sender, question as text, created_at, updated_at, deleted_at"
    " from contact_form"
    " union all select 'answer ' || id, 'web_form', 'agent', answer, answered_at, null, null"
    " from contact_form where answer is not null"
)


class Harness(acceptance.Harness):
    """Forms, stamped when they last changed; a removed one is marked so."""

    source, resource = FORMS, FORMS.resource("messages")
    cuts_exactly = False

    def __init__(self, *args: Any) -> None:
        super().__init__(*args)
        self.patch.setattr(rows, "ROWS_PER_PAGE", 3)
        self.publish()

    def publish(self) -> None:
        moments = [(entry, entry.edited_at or entry.at) for entry in self.entries]
        texts = {entry.number: entry.text.replace("\ud83d", "\ufffd") for entry in self.entries}
        with sqlite3.connect(self.folder / "site.sqlite") as database:
            database.execute("drop table if exists contact_form")
            names = "id, question, created_at, updated_at, deleted_at, answer, answered_at"
            database.execute(f"create table contact_form ({names})")
            database.executemany("insert into contact_form values (?, ?, ?, ?, ?, null, null)", [(entry.number, texts[entry.number], f"{entry.at:%F %T}", f"{moved:%F %T}", f"{moved:%F %T}" if entry.is_deleted else None) for entry, moved in moments])  # fmt: skip  # noqa: E501

    @property
    def connection(self) -> Connection:
        options = {"messages": QUERY, "lookback_minutes": 0}
        return Connection(f"sqlite:///{self.folder / 'site.sqlite'}", options=options)

    def key(self, entry: Entry) -> str:
        return str(entry.number)

    def refusals(self) -> Iterator[tuple[str, Connection]]:
        yield "connection forms_api does not exist", replace(self.connection, url="sqlite:////nowhere/site.sqlite")
        yield "must name a table", replace(self.connection, options={})
        yield "no column channel, sender, text", replace(self.connection, options={"messages": "select 1 as id, created_at from contact_form"})  # fmt: skip  # noqa: E501

    def throttle(self) -> bool:
        return False
