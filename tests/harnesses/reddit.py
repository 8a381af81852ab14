"""Reddit over a small server: three posts a page, led on by names, of which one that was deleted leads nowhere.

Tokens, listings, trees with their folds and what ids tell are shaped as in PRAW's recordings of Reddit's answers.
"""

from base64 import b64encode
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

import acceptance
from acceptance import Entry
from servers.fake_api import Answer, Asked
from servers.fake_sources import HASTE, SECRET
from social_crm.sources.model import Connection
from social_crm.sources.reddit import REDDIT

PAGE = 3
TOKEN = "token-7d1f"
GONE = {"author": "[deleted]", "author_fullname": None, "edited": False}


def post(number: int, at: datetime, text: str = "words", **more: Any) -> dict[str, Any]:
    return {
        "name": f"t3_{number}", "id": str(number), "title": "Acme Bank", "selftext": text, "author": "ann",
        "author_fullname": "t2_7", "subreddit": "money", "created_utc": at.timestamp(), "edited": False, "score": 1,
        "num_comments": 0, "permalink": f"/r/money/comments/{number}/acme_bank/", **more,
    }  # fmt: skip


def comment(number: int, at: datetime, parent: str, below: tuple[dict[str, Any], ...] = (), **more: Any) -> dict[str, Any]:  # fmt: skip  # noqa: E501
    """Return a comment with what stands below it."""
    return {
        "name": f"t1_{number}", "id": str(number), "parent_id": parent, "link_id": "t3_1", "body": "words",
        "author": "ann", "author_fullname": "t2_7", "subreddit": "money", "created_utc": at.timestamp(),
        "edited": False, "score": 1, "replies": listing("t1", *below) if below else "", **more,
    }  # fmt: skip


def fold(parent: str, *ids: str) -> dict[str, Any]:
    """Return what stands for comments that are not shown: their ids, or none where a thread goes on elsewhere."""
    named = ids[0] if ids else "_"
    return {"name": f"t1_{named}", "id": named, "parent_id": parent, "count": len(ids), "children": list(ids)}


def listing(kind: str, *things: dict[str, Any], after: str | None = None) -> dict[str, Any]:
    children = [{"kind": "more" if "children" in thing else kind, "data": thing} for thing in things]
    return {"kind": "Listing", "data": {"modhash": "", "children": children, "after": after, "before": None}}


@dataclass
class FakeReddit:
    """Posts that every list shows; `threads` are what is below a path, `folded` what is asked for by its ids."""

    posts: list[dict[str, Any]] = field(default_factory=list)
    threads: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    folded: list[dict[str, Any]] = field(default_factory=list)
    known: list[dict[str, Any]] = field(default_factory=list)
    most: int = 1000  # of a list, however long it is

    def __call__(self, asked: Asked) -> Answer:
        if "(by /u/acmebank)" not in asked.headers["user-agent"]:
            return Answer("<title>Too Many Requests</title>", 429, {"Retry-After": "3600"}, "text/html")
        if asked.path == "/api/v1/access_token":
            return self._token(asked)
        if asked.headers.get("authorization") != f"Bearer {TOKEN}":
            return Answer({"message": "Unauthorized", "error": 401}, 401)
        if asked.path == "/api/info":
            names = asked.params["id"].split(",")
            return Answer(listing("t3", *(one for one in self.known if one["name"] in names)))
        if asked.path == "/api/morechildren":
            found = [one for one in self.folded if one["id"] in asked.params["children"].split(",")]
            return Answer({"json": {"errors": [], "data": {"things": listing("t1", *found)["data"]["children"]}}})
        if asked.path.startswith("/comments/"):
            below = self.threads.get(asked.path.removeprefix("/comments/"))
            absent = Answer({"message": "Not Found", "error": 404}, 404)
            return absent if below is None else Answer([listing("t3"), listing("t1", *below)])
        return self._page(asked)

    def _token(self, asked: Asked) -> Answer:
        pair = b64encode(f"app:{SECRET}".encode()).decode()
        if asked.headers.get("authorization") != f"Basic {pair}":
            return Answer({"message": "Unauthorized", "error": 401}, 401)
        if asked.body != {"grant_type": "client_credentials"}:
            return Answer({"error": "unsupported_grant_type"})
        return Answer({"access_token": TOKEN, "token_type": "bearer", "expires_in": 3600, "scope": "*"})

    def _page(self, asked: Asked) -> Answer:
        ordered = sorted(self.posts, key=lambda one: -one["created_utc"])[: self.most]
        names = [one["name"] for one in ordered]
        after = asked.params.get("after")
        if after is not None and after not in names:
            return Answer(listing("t3"))
        first = names.index(after) + 1 if after else 0
        found = ordered[first : first + PAGE]
        leads_on = names[first + PAGE - 1] if first + PAGE < len(ordered) else None
        return Answer(listing("t3", *found, after=leads_on))


class Harness(acceptance.Harness):
    """What one search finds; a deleted post is found no more, and is still there under its name."""

    source, resource = REDDIT, REDDIT.resource("submissions")

    def __init__(self, *args: Any) -> None:
        super().__init__(*args)
        self.api.respond = lambda asked: self._server()(asked)

    def _server(self) -> FakeReddit:
        posts = [self._post(one) for one in self.entries]
        return FakeReddit([post for post in posts if post["author"] == "ann"], known=posts)

    def _post(self, entry: Entry) -> dict[str, Any]:
        if entry.is_deleted:
            return post(entry.number, entry.at, "[deleted]", **GONE)
        edited = entry.edited_at.timestamp() if entry.edited_at else False
        return post(entry.number, entry.at, entry.text, edited=edited)

    @property
    def connection(self) -> Connection:
        options = {"account": "acmebank", "searches": ['"acme bank"'], "login_host": self.api.url, "lookback_days": 0}
        return Connection(self.api.url, "app", SECRET, {**options, **HASTE})

    def key(self, entry: Entry) -> str:
        return f"t3_{entry.number}"

    def refusals(self) -> Iterator[tuple[str, Connection]]:
        options = self.connection.options
        yield "holds no secret", replace(self.connection, secret="")
        yield "wrong or revoked", replace(self.connection, secret=f"{SECRET}-not")
        yield "login must be the application's id", replace(self.connection, login="")
        yield "the account that answers for it", replace(self.connection, options={**options, "account": ""})
        yield "name one", replace(self.connection, options={**options, "searches": []})
        token = Answer({"access_token": TOKEN, "expires_in": 3600})
        for words, answers in (
            ("may not read this", [token, Answer({"message": "Forbidden", "error": 403}, 403)]),
            ("403, private", [token, Answer({"reason": "private", "message": "Forbidden", "error": 403}, 403)]),
            ("gives no token", [Answer({"error": "unsupported_grant_type"})]),
            ("is it Reddit's API", [token, Answer({})]),
        ):
            self.api.faults.extend(answers)
            yield words, self.connection
