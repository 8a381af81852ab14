"""A Facebook Page over a small Graph API: three a page, `next` a whole URL of another host with the token."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode

import acceptance
from acceptance import Entry
from fake_api import Answer, Asked
from fake_sources import HASTE, SECRET, START

from social_crm.sources.facebook import FACEBOOK
from social_crm.sources.model import Connection

PAGE = 3


def stamp(at: datetime) -> str:
    return f"{at:%FT%T}+0000"


def post(number: int, at: datetime, text: str = "words", edited_at: datetime | None = None) -> dict[str, Any]:
    return {"id": f"7_{number:03}", "message": text, "created_time": stamp(at), "updated_time": stamp(edited_at or at)}


def said(thing_id: str, at: datetime) -> dict[str, Any]:
    return {"id": thing_id, "message": "words", "created_time": stamp(at), "from": {"id": "9", "name": "Ann"}}


def refused(code: int, status: int = 400, subcode: int | None = None, message: str = "words") -> Answer:
    return Answer(
        {"error": {"message": message, "type": "OAuthException", "code": code, "error_subcode": subcode}}, status
    )


@dataclass
class FakeGraph:
    """Posts of one Page, and lists below `<id>/comments` and `<id>/messages`, newest first; unknown ids are 100/33."""

    posts: list[dict[str, Any]] = field(default_factory=list)
    threads: list[dict[str, Any]] = field(default_factory=list)
    below: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    is_empty_first: bool = False

    def __call__(self, asked: Asked) -> Answer:
        if asked.headers.get("authorization") != f"Bearer {SECRET}":
            return refused(190, message="Invalid OAuth access token")
        _, _, *owner, name = asked.path.split("/")
        if name == "me":
            return Answer({"id": "7", "name": "Acme Bank"})
        if name == "feed":
            since, until = int(asked.params["since"]), int(asked.params["until"])
            return self._page(asked, [one for one in self.posts if since <= seconds(one["created_time"]) <= until])
        if name == "conversations":
            return self._page(asked, self.threads)
        return self._page(asked, self.below[owner[0]]) if owner[0] in self.below else refused(100, subcode=33)

    def _page(self, asked: Asked, items: list[dict[str, Any]]) -> Answer:
        ordered = sorted(items, key=lambda one: one.get("created_time", one.get("updated_time")), reverse=True)
        if self.is_empty_first:
            ordered = [*[None] * PAGE, *ordered]  # type: ignore[list-item]
        first = int(asked.params.get("__paging_token", 0))
        found = [one for one in ordered[first : first + PAGE] if one]
        onward = {**asked.params, "__paging_token": first + PAGE, "access_token": SECRET}
        link = f"https://graph.facebook.com{asked.path}?{urlencode(onward)}"
        # The last page still has cursors.
        paging = {"cursors": {"after": "MAZDZD"}, **({"next": link} if first + PAGE < len(ordered) else {})}
        return Answer({"data": found, "paging": paging})


def seconds(time: str) -> float:
    return datetime.fromisoformat(time).timestamp()


class Harness(acceptance.Harness):
    """Posts of the Page; an edit moves `updated_time`."""

    source, resource = FACEBOOK, FACEBOOK.resource("posts")

    def __init__(self, *args: Any) -> None:
        super().__init__(*args)
        self.api.respond = lambda asked: FakeGraph(self._posts())(asked)

    def _posts(self) -> list[dict[str, Any]]:
        return [post(one.number, one.at, one.text, one.edited_at) for one in self.entries if not one.is_deleted]

    @property
    def connection(self) -> Connection:
        return Connection(self.api.url, secret=SECRET, options={"lookback_days": 0, **HASTE})

    def key(self, entry: Entry) -> str:
        return post(entry.number, entry.at)["id"]

    def refusals(self) -> Iterator[tuple[str, Connection]]:
        yield "holds no secret", replace(self.connection, secret="")
        yield "wrong or revoked", replace(self.connection, secret=f"{SECRET}-not")
        for words, answer in (
            ("has expired", refused(190, subcode=463, message="Session has expired on Monday")),
            ("lacks a permission", refused(10)),
            ("lacks a permission", refused(200)),
            ("belongs to nobody", Answer({})),
        ):
            self.api.respond = lambda asked, answer=answer: answer
            yield words, self.connection

    def throttle(self) -> bool:
        self.api.faults.append(replace(refused(32), headers={"Retry-After": "5"}))
        return True

    def ignore_filter(self) -> bool:
        old = [post(1, START - timedelta(days=90))]
        self.api.respond = lambda asked: Answer({"data": old})
        return True
