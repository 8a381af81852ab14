"""A LinkedIn page over a small server: three posts a page of the list, two comments."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any
from urllib.parse import unquote

import acceptance
from acceptance import Entry
from servers.fake_api import Answer, Asked
from servers.fake_sources import HASTE, SECRET
from social_crm.sources.linkedin import LINKEDIN
from social_crm.sources.model import Connection

ACME = "urn:li:organization:71"


def milliseconds(at: datetime) -> int:
    return int(at.timestamp() * 1000)


def post(number: int, at: datetime, text: str = "words", edited_at: datetime | None = None) -> dict[str, Any]:
    return {
        "id": f"urn:li:share:{number}", "author": ACME, "commentary": text, "lifecycleState": "PUBLISHED",
        "visibility": "PUBLIC", "createdAt": milliseconds(at), "publishedAt": milliseconds(at),
        "lastModifiedAt": milliseconds(edited_at or at),
    }  # fmt: skip


def comment(number: int, at: datetime, activity: str = "urn:li:activity:9", replies: int = 0, **more: Any) -> dict[str, Any]:  # fmt: skip  # noqa: E501
    told = {"actor": "urn:li:person:ann", "time": milliseconds(at)}
    summary = {"commentsSummary": {"aggregatedTotalComments": replies}} if replies else {}
    return {
        "id": str(number), "commentUrn": f"urn:li:comment:({activity},{number})", "object": activity,
        "actor": "urn:li:person:ann", "created": told, "lastModified": told, "message": {"text": "words"},
        **summary, **more,
    }  # fmt: skip


def refused(status: int, code: str) -> Answer:
    return Answer({"status": status, "code": code, "message": "words that may quote a person"}, status)


@dataclass
class FakeLinkedin:
    """Posts of one page, and what is below each URN."""

    posts: list[dict[str, Any]] = field(default_factory=list)
    below: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    tells_totals: bool = True

    def __call__(self, asked: Asked) -> Answer:
        if asked.headers.get("authorization") != f"Bearer {SECRET}":
            return refused(401, "INVALID_ACCESS_TOKEN")
        if asked.headers["x-restli-protocol-version"] != "2.0.0" or asked.headers["linkedin-version"] < "202501":
            return refused(426, "NONEXISTENT_VERSION")
        if asked.path == "/rest/posts":
            assert (asked.params["q"], asked.params["author"]) == ("author", ACME)
            if asked.headers.get("x-restli-method") != "FINDER":
                return refused(400, "ILLEGAL_ARGUMENT")
            return self._page(asked, sorted(self.posts, key=lambda one: one["createdAt"], reverse=True), 3)
        urn = re.fullmatch(r"/rest/socialActions/([^/(,]+)/comments", asked.path)
        found = self.below.get(unquote(urn[1])) if urn and "x-restli-method" not in asked.headers else None
        return refused(404, "NOT_FOUND") if found is None else self._page(asked, found, 2)

    def _page(self, asked: Asked, items: list[dict[str, Any]], size: int) -> Answer:
        """Answer with what of the page its reader may see: fewer than were asked for say nothing of the end."""
        start, count = int(asked.params.get("start", 0)), int(asked.params["count"])
        first = start // count * size
        is_last = first + size >= len(items)
        total = {"total": start + (1 if is_last else count + 1)} if self.tells_totals else {}
        return Answer({"elements": items[first : first + size], "paging": {"start": start, "links": [], **total}})  # fmt: skip  # noqa: E501


class Harness(acceptance.Harness):
    """Posts of a page, which can be edited."""

    source, resource = LINKEDIN, LINKEDIN.resource("posts")

    def __init__(self, *args: Any) -> None:
        super().__init__(*args)
        self.api.respond = lambda asked: FakeLinkedin([self._post(one) for one in self.entries if not one.is_deleted])(asked)  # fmt: skip  # noqa: E501

    def _post(self, entry: Entry) -> dict[str, Any]:
        return post(entry.number, entry.at, entry.text, entry.edited_at)

    @property
    def connection(self) -> Connection:
        return Connection(self.api.url, secret=SECRET, options={"organizations": ["71"], "lookback_days": 0, **HASTE})

    def key(self, entry: Entry) -> str:
        return f"urn:li:share:{entry.number}"

    def refusals(self) -> Iterator[tuple[str, Connection]]:
        yield "holds no secret", replace(self.connection, secret="")
        yield "wrong or revoked", replace(self.connection, secret=f"{SECRET}-not")
        yield "option `organizations`", replace(self.connection, options={"organizations": ["acme"]})
        yield "426", replace(self.connection, options={**self.connection.options, "version": "202401"})
        self.api.respond = lambda asked: refused(401, "EXPIRED_ACCESS_TOKEN")
        yield "has expired", self.connection
        self.api.respond = lambda asked: refused(403, "ACCESS_DENIED")
        yield "may not read this", self.connection
