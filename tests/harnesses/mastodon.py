"""Mastodon over a small server: three statuses a page, links in headers, filtering after the limit."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, urlencode

import acceptance
from acceptance import Entry
from servers.fake_api import Answer, Asked
from servers.fake_sources import HASTE, SECRET, START
from social_crm.sources.mastodon import MASTODON
from social_crm.sources.mastodon_reading import first_id_of
from social_crm.sources.model import Connection

PAGE = 3


def status(number: int, at: datetime, **more: Any) -> dict[str, Any]:
    """Return a status as a server gives it; numbers tell statuses of one moment apart."""
    account = {"id": "7", "acct": "ann@else.example", "username": "ann", "display_name": "Ann", "bot": False}
    return {
        "id": str(first_id_of(at) + number), "created_at": f"{at:%FT%T}.000Z", "edited_at": None, "account": account,
        "content": "<p>words</p>", "visibility": "public", "in_reply_to_id": None, "mentions": [], **more,
    }  # fmt: skip


@dataclass
class FakeMastodon:
    """One account, 1, with statuses of its own and mentions, and a hashtag; `hidden` are counted and not shown."""

    url: str
    own: list[dict[str, Any]] = field(default_factory=list)
    mentions: list[dict[str, Any]] = field(default_factory=list)
    tagged: list[dict[str, Any]] = field(default_factory=list)
    hidden: set[str] = field(default_factory=set)
    strangers: list[dict[str, Any]] = field(default_factory=list)  # who mention us in private, as policy filters them
    roots: dict[str, str] = field(default_factory=dict)

    def __call__(self, asked: Asked) -> Answer:
        if asked.headers.get("authorization") != f"Bearer {SECRET}":
            return Answer({"error": "The access token is invalid"}, 401)
        if asked.path.endswith("/verify_credentials"):
            return Answer({"id": "1", "acct": "acmebank"})
        if asked.path.endswith("/context"):
            root = self.roots.get(asked.path.split("/")[-2])
            return Answer({"ancestors": [{"id": root}], "descendants": []}) if root else Answer({"error": "Record not found"}, 404)  # fmt: skip  # noqa: E501
        if "/v1/statuses" in asked.path:
            shown = [one for one in (*self.own, *self.mentions, *self.tagged) if one["id"] not in self.hidden]
            wanted = parse_qs(asked.query).get("id[]", [asked.path.rpartition("/")[2]])
            found = [one for one in shown if one["id"] in wanted]
            if asked.path.endswith("/v1/statuses"):
                return Answer(found)
            return Answer(found[0]) if found else Answer({"error": "Record not found"}, 404)
        if asked.path.endswith("/notifications"):
            items = [{"id": str(n), "created_at": s["created_at"], "type": "mention", "status": s} for n, s in enumerate(self._mentions(asked), 1)]  # fmt: skip  # noqa: E501
            return self._page(asked, items)
        return self._page(asked, self.tagged if "/tag/" in asked.path else self.own)

    def _mentions(self, asked: Asked) -> list[dict[str, Any]]:
        return [*self.mentions, *(self.strangers if asked.params.get("include_filtered") == "true" else [])]

    def _page(self, asked: Asked, items: list[dict[str, Any]]) -> Answer:
        """As Mastodon: `min_id` is the page next to it, `since_id` and none the newest, `max_id` what is before."""
        ordered = sorted(items, key=lambda item: int(item["id"]))
        if "min_id" in asked.params:
            found = [item for item in ordered if int(item["id"]) > int(asked.params["min_id"])][:PAGE]
        else:
            below = int(asked.params.get("max_id", 10**30))
            found = [item for item in ordered if int(item["id"]) < below][-PAGE:]
        if not found:
            return Answer([])
        before, after = ({"max_id": found[0]["id"]}, {"min_id": found[-1]["id"]})
        links = f'<{self.url}{asked.path}?{urlencode(before)}>; rel="next", <{self.url}{asked.path}?{urlencode(after)}>; rel="prev"'  # fmt: skip  # noqa: E501
        return Answer([item for item in reversed(found) if item["id"] not in self.hidden], headers={"Link": links})


class Harness(acceptance.Harness):
    """A hashtag's timeline; an edit keeps the id."""

    source, resource = MASTODON, MASTODON.resource("statuses")

    def __init__(self, *args: Any) -> None:
        super().__init__(*args)
        self.api.respond = lambda asked: FakeMastodon(self.api.url, tagged=self._statuses())(asked)

    def _statuses(self) -> list[dict[str, Any]]:
        return [self._status(entry) for entry in self.entries if not entry.is_deleted]

    def _status(self, entry: Entry) -> dict[str, Any]:
        edited = f"{entry.edited_at:%FT%T}.000Z" if entry.edited_at else None
        return status(entry.number, entry.at, content=f"<p>{entry.text}</p>", edited_at=edited)

    @property
    def connection(self) -> Connection:
        return Connection(self.api.url, secret=SECRET, options={"hashtags": ["acme"], "lookback_minutes": 0, **HASTE})

    def key(self, entry: Entry) -> str:
        return self._status(entry)["id"]

    def refusals(self) -> Iterator[tuple[str, Connection]]:
        yield "holds no secret", replace(self.connection, secret="")
        yield "wrong or revoked", replace(self.connection, secret=f"{SECRET}-not")
        self.api.respond = lambda asked: Answer({"error": "The access token has expired"}, 401)
        yield "has expired", self.connection
        self.api.respond = lambda asked: Answer({})
        yield "is it a Mastodon server", self.connection

    def ignore_filter(self) -> bool:
        old = [status(1, START - timedelta(days=30))]

        def respond(asked: Asked) -> Answer:
            return Answer({"id": "1"} if "verify" in asked.path else [] if "tag" not in asked.path else old)

        self.api.respond = respond
        return True
