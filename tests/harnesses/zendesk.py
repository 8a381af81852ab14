"""Zendesk over its small server: three tickets a page."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import acceptance
from acceptance import Entry
from servers.fake_api import Answer, Asked
from servers.fake_sources import SECRET, START, FakeZendesk, ticket, zendesk_connection
from social_crm.sources.model import Connection
from social_crm.sources.zendesk import ZENDESK


class Harness(acceptance.Harness):
    """The export of tickets: once each, at its newest stamp, deleted ones with their status."""

    source, resource = ZENDESK, ZENDESK.resource("tickets")
    cuts_exactly = False

    def __init__(self, *args: Any) -> None:
        super().__init__(*args)
        self.api.respond = self._respond

    def _respond(self, asked: Asked) -> Answer:
        if asked.path.endswith("/users/me.json"):
            is_known = FakeZendesk()(replace(asked, path="/api/v2/tickets/1/comments.json")).status == 200
            return Answer({"user": {"id": 1}} if is_known else {"error": "Couldn't authenticate you"}, 200 if is_known else 401)  # fmt: skip  # noqa: E501
        tickets = sorted((self._ticket(entry) for entry in self.entries), key=lambda one: one["generated_timestamp"])
        return FakeZendesk(tickets, most=3)(asked)

    def _ticket(self, entry: Entry) -> dict[str, Any]:
        moved = entry.edited_at or entry.at
        status = "deleted" if entry.is_deleted else "open"
        found = ticket(entry.number, moved, created_at=entry.at)
        return {**found, "subject": entry.text, "status": status, "updated_at": f"{moved:%FT%TZ}"}

    @property
    def connection(self) -> Connection:
        return zendesk_connection(self.api.url)

    def key(self, entry: Entry) -> str:
        return str(entry.number)

    def refusals(self) -> Iterator[tuple[str, Connection]]:
        yield "holds no secret", replace(self.connection, secret="")
        yield "wrong or revoked", replace(self.connection, secret=f"{SECRET}-not")
        self.api.respond = lambda asked: Answer({"user": {"id": None, "name": "Anonymous user"}})
        yield "not accepted", self.connection
        self.api.respond = lambda asked: Answer({"error": "token_expired"}, 401)
        yield "has expired", self.connection

    def ignore_filter(self) -> bool:
        old = [ticket(1, START - timedelta(days=30))]
        self.api.respond = lambda asked: Answer({"tickets": old, "after_cursor": "a", "end_of_stream": True})
        return True
