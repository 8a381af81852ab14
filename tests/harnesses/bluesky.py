"""Bluesky over a small server, made after @atproto/dev-env 0.6.7: three posts a page, newest first by `sortAt`."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any
from urllib.parse import parse_qs

import acceptance
from acceptance import Entry
from servers.fake_api import Answer, Asked
from servers.fake_sources import HASTE, SECRET
from social_crm.sources.bluesky import BLUESKY
from social_crm.sources.bluesky_reading import sorted_at
from social_crm.sources.model import Connection

PAGE = 3
HANDLE, DID = "acmebank.example", "did:plc:acme"


def post(number: int, at: datetime, text: str = "words", cid: str = "one", claimed: datetime | None = None) -> dict[str, Any]:  # fmt: skip  # noqa: E501
    return {
        "uri": f"at://did:plc:ann/app.bsky.feed.post/{number:03}", "cid": cid, "indexedAt": f"{at:%FT%T}.000Z",
        "author": {"did": "did:plc:ann", "handle": "ann.example", "displayName": "Ann"},
        "record": {"text": text, "createdAt": f"{claimed or at:%FT%T}.000Z"}, "likeCount": 0,
    }  # fmt: skip


@dataclass
class FakeBluesky:
    """One account, its notifications and posts, and a search that obeys `since` and `until` unless told not to."""

    notified: list[dict[str, Any]] = field(default_factory=list)
    own: list[dict[str, Any]] = field(default_factory=list)
    found: list[dict[str, Any]] = field(default_factory=list)
    deleted: set[str] = field(default_factory=set)
    token: str = "token"
    obeys_time: bool = True

    def __call__(self, asked: Asked) -> Answer:
        name = asked.path.rpartition(".")[2]
        if name == "createSession":
            return self._session(asked.body)
        if asked.headers.get("authorization") != f"Bearer {self.token}":
            return Answer({"error": "ExpiredToken", "message": "Token has expired"}, 400)
        if name == "getPosts":
            wanted = parse_qs(asked.query)["uris"]
            known = {one["uri"]: one for one in (*self.notified, *self.found) if one["uri"] not in self.deleted}
            return Answer({"posts": [known[uri] for uri in wanted if uri in known]})
        if name == "listNotifications":
            keep = ("uri", "cid", "author", "record", "indexedAt")
            return self._by_moment(asked, [{name: one[name] for name in keep} | {"reason": "mention"} for one in self.notified])  # fmt: skip  # noqa: E501
        if name == "getAuthorFeed":
            return self._page(asked, "feed", [one if "post" in one else {"post": one} for one in self.own])
        since, until = (datetime.fromisoformat(asked.params[name]) for name in ("since", "until"))
        return self._page(asked, "posts", [one for one in self.found if not self.obeys_time or since <= sort_key(one) < until])  # fmt: skip  # noqa: E501

    def _session(self, body: dict[str, Any]) -> Answer:
        if body != {"identifier": HANDLE, "password": SECRET}:
            return Answer({"error": "AuthenticationRequired", "message": "Invalid identifier or password"}, 401)
        return Answer({"accessJwt": self.token, "did": DID, "handle": HANDLE})

    def _by_moment(self, asked: Asked, items: list[dict[str, Any]]) -> Answer:
        """As the real AppView does: the cursor is the moment of the last one alone, and what follows lies before it."""
        before = asked.params.get("cursor", "9999")
        ordered = [one for one in sorted(items, key=sort_key, reverse=True) if one["indexedAt"] < before]
        more = {"cursor": ordered[PAGE - 1]["indexedAt"]} if len(ordered) > PAGE else {}
        return Answer({"notifications": ordered[:PAGE], **more})

    def _page(self, asked: Asked, name: str, items: list[dict[str, Any]]) -> Answer:
        cursor = asked.params.get("cursor", "0")
        if not cursor.isdecimal():
            return Answer({"error": "UpstreamFailure"}, 502)
        ordered = sorted(items, key=sort_key, reverse=True)
        after = int(cursor) + PAGE
        more = {"cursor": str(after)} if after < len(items) else {}
        return Answer({name: ordered[int(cursor) : after], **more})


def sort_key(item: dict[str, Any]) -> datetime:
    at = sorted_at(item.get("post", item))
    assert at
    return at


class Harness(acceptance.Harness):
    """What a search finds; an edit keeps `uri` and `indexedAt`, as the real AppView does."""

    source, resource = BLUESKY, BLUESKY.resource("posts")

    def __init__(self, *args: Any) -> None:
        super().__init__(*args)
        self.api.respond = lambda asked: FakeBluesky(found=self._posts())(asked)

    def _posts(self) -> list[dict[str, Any]]:
        return [
            post(one.number, one.at, one.text, "two" if one.edited_at else "one")
            for one in self.entries
            if not one.is_deleted
        ]

    @property
    def connection(self) -> Connection:
        options = {"searches": ["acme bank"], "lookback_minutes": 0, "slice_minutes": 1440, **HASTE}
        return Connection(self.api.url, HANDLE, SECRET, options)

    def key(self, entry: Entry) -> str:
        return BLUESKY.resource("posts").key(post(entry.number, entry.at)) or ""

    def refusals(self) -> Iterator[tuple[str, Connection]]:
        yield "holds no secret", replace(self.connection, secret="")
        yield "the login is empty", replace(self.connection, login="")
        yield "wrong or revoked", replace(self.connection, secret=f"{SECRET}-not")
        self.api.respond = lambda asked: Answer({"error": "ExpiredToken", "message": "Token has expired"}, 400)
        yield "has expired", self.connection
        self.api.respond = lambda asked: Answer({})
        yield "is it a Bluesky server", self.connection
