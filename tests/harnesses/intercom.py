"""Intercom over a small server: conversations whose parts are given one conversation at a time, three to a search."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import acceptance
from acceptance import Entry
from servers.fake_api import Answer, Asked
from servers.fake_sources import HASTE, SECRET
from social_crm.sources.intercom import INTERCOM
from social_crm.sources.intercom_reading import VERSION
from social_crm.sources.model import Connection

PAGE = 3


def stamp(moment: datetime) -> int:
    return int(moment.timestamp())


def part(number: int, at: datetime, **more: Any) -> dict[str, Any]:
    """Return a part of a conversation as the API gives it."""
    author = {"type": "user", "id": "6762f1", "name": "Ann", "email": "ann@else.example"}
    return {
        "type": "conversation_part", "id": str(number), "part_type": "comment", "body": "<p>words</p>",
        "created_at": stamp(at), "updated_at": stamp(at), "assigned_to": None, "author": author, "state": "open",
        "redacted": False, **more,
    }  # fmt: skip


def conversation(number: int, at: datetime, *parts: dict[str, Any], **more: Any) -> dict[str, Any]:
    """Return a conversation as the API gives it when asked for it alone."""
    source = {
        "type": "conversation", "id": f"9{number}", "delivered_as": "customer_initiated", "subject": "",
        "body": "<p>words</p>", "author": {"type": "user", "id": "6762f1", "name": "Ann", "email": "ann@else.example"},
    }  # fmt: skip
    return {
        "type": "conversation", "id": str(number), "created_at": stamp(at), "updated_at": stamp(at), "state": "open",
        "source": source, "contacts": {"type": "contact.list", "contacts": [{"id": "6762f1", "external_id": "C-7"}]},
        "conversation_parts": {"conversation_parts": list(parts), "total_count": len(parts)}, **more,
    }  # fmt: skip


class FakeIntercom:
    """Conversations by search, which gives no parts, and one by one."""

    def __init__(self) -> None:
        self.conversations: list[dict[str, Any]] = []

    def __call__(self, asked: Asked) -> Answer:
        if asked.headers.get("authorization") != f"Bearer {SECRET}":
            return Answer({"type": "error.list", "errors": [{"code": "unauthorized", "message": "Access Token Invalid"}]}, 401)  # fmt: skip  # noqa: E501
        assert asked.headers["intercom-version"] == VERSION
        if asked.path == "/me":
            return Answer({"type": "admin", "id": "1", "app": {"id_code": "acmepay1"}})
        if asked.path == "/conversations/search":
            return self._search(asked.body)
        number = asked.path.rpartition("/")[2]
        found = [one for one in self.conversations if one["id"] == number]
        return Answer(found[0]) if found else Answer({"type": "error.list", "errors": [{"code": "not_found"}]}, 404)

    def _search(self, body: dict[str, Any]) -> Answer:
        query = body["query"]
        filters = query["value"] if "operator" in query and isinstance(query["value"], list) else [query]
        found = [one for one in self.conversations if all(self._meets(one, wanted) for wanted in filters)]
        first = int(body["pagination"].get("starting_after", 0))
        after = first + PAGE
        pages: dict[str, Any] = {"type": "pages", "per_page": PAGE}
        if after < len(found):
            pages["next"] = {"per_page": PAGE, "starting_after": str(after)}
        shown = [{name: one[name] for name in one if name != "conversation_parts"} for one in found[first:after]]
        return Answer({"type": "conversation.list", "pages": pages, "total_count": len(found), "conversations": shown})

    @staticmethod
    def _meets(one: dict[str, Any], wanted: dict[str, Any]) -> bool:
        value = one[wanted["field"]]
        return bool(value > wanted["value"] if wanted["operator"] == ">" else value < wanted["value"])


class Harness(acceptance.Harness):
    """Conversations of one message; a deleted one is not found any more."""

    source, resource = INTERCOM, INTERCOM.resource("conversation_parts")
    cuts_exactly = False

    def __init__(self, *args: Any) -> None:
        super().__init__(*args)
        self.server = FakeIntercom()
        self.api.respond = self._respond

    def _respond(self, asked: Asked) -> Answer:
        self.server.conversations = [self._conversation(entry) for entry in self.entries if not entry.is_deleted]
        return self.server(asked)

    def _conversation(self, entry: Entry) -> dict[str, Any]:
        found = conversation(entry.number, entry.at, updated_at=stamp(entry.edited_at or entry.at))
        return {**found, "source": {**found["source"], "body": entry.text}}

    @property
    def connection(self) -> Connection:
        return Connection(self.api.url, secret=SECRET, options=HASTE)

    def key(self, entry: Entry) -> str:
        return f"{entry.number}/source"

    def refusals(self) -> Iterator[tuple[str, Connection]]:
        yield "holds no secret", replace(self.connection, secret="")
        yield "wrong or revoked", replace(self.connection, secret=f"{SECRET}-not")
        self.api.respond = lambda asked: Answer({"type": "error.list", "errors": [{"code": "token_expired"}]}, 401)
        yield "has expired", self.connection
        self.api.respond = lambda asked: Answer(
            {"type": "error.list", "errors": [{"code": "api_plan_restricted"}]}, 403
        )
        yield "may not read this", self.connection
        self.api.respond = lambda asked: Answer({"type": "other"})
        yield "is the URL Intercom's API", self.connection

    def ignore_filter(self) -> bool:
        old = conversation(1, datetime(2020, 1, 1, tzinfo=UTC))
        self.api.respond = lambda asked: Answer({"conversations": [old], "pages": None})
        return True
