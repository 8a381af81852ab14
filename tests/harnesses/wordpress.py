"""WordPress over a small site: pages of four that overlap by one, and a moderator's login."""

from base64 import b64encode
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

import acceptance
from acceptance import Entry
from servers.fake_api import Answer, Asked
from servers.fake_sources import HASTE, SECRET, START
from social_crm.sources import wordpress_reading
from social_crm.sources.model import Connection
from social_crm.sources.wordpress import WORDPRESS

PAGE = 4


def comment(number: int, at: datetime, text: str = "words", status: str = "approved", **more: Any) -> dict[str, Any]:
    """Return a comment as a site gives it to an editor."""
    link = f"https://blog.acme.example/?p=1#comment-{number}"
    return {
        "id": number, "post": 1, "parent": 0, "author": 0, "author_name": "Ann", "author_email": "ann@else.example",
        "date_gmt": f"{at:%FT%T}", "content": {"rendered": f"<p>{text}</p>\n"}, "link": link, "status": status,
        "type": "comment", **more,
    }  # fmt: skip


def post(number: int, at: datetime, changed_at: datetime | None = None, status: str = "publish") -> dict[str, Any]:
    """Return a post as a site gives it to an editor."""
    return {
        "id": number, "date_gmt": f"{at:%FT%T}", "modified_gmt": f"{changed_at or at:%FT%T}", "status": status,
        "type": "post", "link": f"https://blog.acme.example/?p={number}", "author": 1,
        "title": {"rendered": "Fees"}, "content": {"rendered": "<p>words</p>"},
    }  # fmt: skip


def error(status: int, code: str) -> Answer:
    return Answer({"code": code, "message": "Sorry.", "data": {"status": status}}, status)


@dataclass
class FakeWordPress:
    """A site with a moderator, `bot`; `hidden` are counted and not shown, `known` the filters that this version has."""

    posts: list[dict[str, Any]] = field(default_factory=list)
    comments: list[dict[str, Any]] = field(default_factory=list)
    hidden: set[int] = field(default_factory=set)
    known: tuple[str, ...] = ("after", "before", "modified_after", "modified_before")
    may_moderate: bool = True

    def __call__(self, asked: Asked) -> Answer:
        login = b64encode(f"bot:{SECRET}".encode()).decode()
        if asked.headers.get("authorization") != f"Basic {login}":
            return error(401, "rest_forbidden_context")
        route = asked.params["rest_route"]
        if route.endswith("/users/me"):
            return Answer({"id": 2, "capabilities": {"read": True, "moderate_comments": self.may_moderate}})
        return self._page(asked, self.comments if route.endswith("/comments") else self.posts)

    def _page(self, asked: Asked, items: list[dict[str, Any]]) -> Answer:
        """As WordPress: in order of id, `after` and `before` without their own second, the length in a header."""
        statuses = asked.params["status"].split(",")
        wanted = [one for one in items if one["status"] in statuses or statuses == ["any"]]
        for name in self.known:
            if name in asked.params:
                moment = "modified_gmt" if name.startswith("modified") else "date_gmt"
                bound = asked.params[name].removesuffix("Z")
                is_in = (lambda at, b=bound: at > b) if name.endswith("after") else (lambda at, b=bound: at < b)
                wanted = [one for one in wanted if is_in(one[moment])]
        wanted.sort(key=lambda one: int(one["id"]))
        first = int(asked.params["offset"])
        found = [one for one in wanted[first : first + PAGE] if one["id"] not in self.hidden]
        # A comment does not understand `content.rendered`.
        names = {name if items is self.comments else name.partition(".")[0] for name in asked.params["_fields"].split(",")}  # fmt: skip  # noqa: E501
        shown = [{name: value for name, value in one.items() if name in names} for one in found]
        return Answer(shown, headers={"X-WP-Total": str(len(wanted))})


class Harness(acceptance.Harness):
    """Comments below one post; a deleted one lies in the trash."""

    source, resource = WORDPRESS, WORDPRESS.resource("comments")

    def __init__(self, *args: Any) -> None:
        super().__init__(*args)
        self.patch.setattr(wordpress_reading, "PAGE_SIZE", PAGE)
        self.api.respond = lambda asked: FakeWordPress(comments=[self._comment(one) for one in self.entries])(asked)

    def _comment(self, entry: Entry) -> dict[str, Any]:
        return comment(entry.number, entry.at, entry.text, "trash" if entry.is_deleted else "approved")

    @property
    def connection(self) -> Connection:
        return Connection(self.api.url, "bot", SECRET, {"lookback_days": 0, **HASTE})

    def key(self, entry: Entry) -> str:
        return f"comment/{entry.number}"

    def refusals(self) -> Iterator[tuple[str, Connection]]:
        yield "holds no secret", replace(self.connection, secret="")
        yield "wrong or revoked", replace(self.connection, secret=f"{SECRET}-not")
        self.api.respond = FakeWordPress(may_moderate=False)
        yield "may not moderate", self.connection
        self.api.respond = lambda asked: error(404, "rest_no_route")
        yield "refused", self.connection

    def ignore_filter(self) -> bool:
        self.api.respond = FakeWordPress(comments=[comment(1, START - timedelta(days=30))], known=())
        return True
