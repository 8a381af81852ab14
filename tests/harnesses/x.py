"""X over its small server: three posts a page."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import acceptance
from acceptance import Entry
from servers.fake_api import Answer, Asked
from servers.fake_sources import SECRET, START, FakeX, post, x_connection
from social_crm.sources.model import Connection
from social_crm.sources.x import X


class Harness(acceptance.Harness):
    """Recent search; an edit is a post of another id, whose history begins with the first."""

    source, resource = X, X.resource("posts")

    def __init__(self, *args: Any) -> None:
        super().__init__(*args)
        self.api.respond = lambda asked: FakeX(self._posts(), page_size=3)(asked)

    def _posts(self) -> list[dict[str, Any]]:
        return [self._post(entry) for entry in reversed(self.entries) if not entry.is_deleted]

    def _post(self, entry: Entry) -> dict[str, Any]:
        found = {**post(entry.number, entry.edited_at or entry.at), "text": entry.text}
        edited = {"id": str(2**61 + entry.number), "edit_history_tweet_ids": [found["id"], str(2**61 + entry.number)]}
        return found | edited if entry.edited_at else found

    @property
    def connection(self) -> Connection:
        return x_connection(self.api.url)

    def key(self, entry: Entry) -> str:
        return str(2**60 + entry.number)

    def refusals(self) -> Iterator[tuple[str, Connection]]:
        yield "holds no secret", replace(self.connection, secret="")
        yield "wrong or revoked", replace(self.connection, secret=f"{SECRET}-not")
        yield "option `accounts`", x_connection(self.api.url, accounts=[])
        self.api.respond = lambda asked: Answer({"title": "Unauthorized", "detail": "Token expired"}, 401)
        yield "has expired", self.connection

    def ignore_filter(self) -> bool:
        old = {"data": [post(1, START - timedelta(days=30))], "meta": {"result_count": 1}}

        def respond(asked: Asked) -> Answer:
            return Answer(old)

        self.api.respond = respond
        return True
