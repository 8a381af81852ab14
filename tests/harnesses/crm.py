"""A customer database in SQLite: three rows a page."""

import sqlite3
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import acceptance
from acceptance import Entry
from social_crm.sources.crm import CRM
from social_crm.sources.model import Connection
from social_crm.sources.sql import rows


class Harness(acceptance.Harness):
    """Customers, stamped when they last changed; a removed row leaves no trace, and half a character has no place."""

    source, resource = CRM, CRM.resource("customers")
    cuts_exactly = False

    def __init__(self, *args: Any) -> None:
        super().__init__(*args)
        self.patch.setattr(rows, "ROWS_PER_PAGE", 3)
        self.publish()

    def publish(self) -> None:
        with sqlite3.connect(self.folder / "crm.sqlite") as database:
            database.execute("drop table if exists customers")
            database.execute("create table customers (id integer, name text, created_at text, updated_at text)")
            moments = [(entry, entry.edited_at or entry.at) for entry in self.entries if not entry.is_deleted]
            database.executemany("insert into customers values (?, ?, ?, ?)", [(entry.number, entry.text.replace("\ud83d", "\ufffd"), f"{entry.at:%F %T}", f"{moved:%F %T}") for entry, moved in moments])  # fmt: skip  # noqa: E501

    @property
    def connection(self) -> Connection:
        options = {"customers": "customers", "accounts": "customers", "lookback_minutes": 0}
        return Connection(f"sqlite:///{self.folder / 'crm.sqlite'}", options=options)

    def key(self, entry: Entry) -> str:
        return str(entry.number)

    def refusals(self) -> Iterator[tuple[str, Connection]]:
        yield "does not exist", replace(self.connection, url="sqlite:////nowhere/crm.sqlite")
        yield "must name a table", replace(self.connection, options={"accounts": "customers"})
        yield "compare the option's table", replace(self.connection, options={**self.connection.options, "customers": "absent"})  # fmt: skip  # noqa: E501

    def throttle(self) -> bool:
        return False
