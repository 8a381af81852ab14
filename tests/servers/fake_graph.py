"""Meta's Graph API for tests: three a page, `next` a whole URL of another host with the token."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from acceptance import Harness
from servers.fake_api import Answer, Asked
from servers.fake_sources import HASTE, SECRET
from social_crm.sources.model import Connection

PAGE = 3
STAMPS = ("created_time", "timestamp", "updated_time")


def stamp(at: datetime) -> str:
    return f"{at:%FT%T}+0000"


def refused(code: int, status: int = 400, subcode: int | None = None, message: str = "words") -> Answer:
    return Answer(
        {"error": {"message": message, "type": "OAuthException", "code": code, "error_subcode": subcode}}, status
    )


@dataclass
class FakeGraph:
    """Posts, which may be asked for by time, threads, which may not, and lists `below` an id; other ids are 100/33."""

    posts: list[dict[str, Any]] = field(default_factory=list)
    threads: list[dict[str, Any]] = field(default_factory=list)
    below: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    is_empty_first: bool = False
    page_size: int = PAGE
    me: dict[str, Any] = field(default_factory=lambda: {"id": "7", "name": "Acme Bank"})
    edges: tuple[str, str] = ("feed", "conversations")

    def __call__(self, asked: Asked) -> Answer:
        if asked.headers.get("authorization") != f"Bearer {SECRET}":
            return refused(190, message="Invalid OAuth access token")
        _, _, *owner, name = asked.path.split("/")
        if name == "me":
            return Answer(self.me)
        if name == self.edges[0]:
            since, until = int(asked.params["since"]), int(asked.params["until"])
            return self._page(asked, [one for one in self.posts if since <= seconds(one) <= until])
        if name == self.edges[1]:
            return self._page(asked, self.threads)
        return self._page(asked, self.below[owner[0]]) if owner[0] in self.below else refused(100, subcode=33)

    def _page(self, asked: Asked, items: list[dict[str, Any]]) -> Answer:
        ordered = sorted(items, key=seconds, reverse=True)
        if self.is_empty_first:
            ordered = [*[None] * PAGE, *ordered]  # type: ignore[list-item]
        first, size = int(asked.params.get("__paging_token", 0)), min(int(asked.params["limit"]), self.page_size)
        found = [one for one in ordered[first : first + size] if one]
        onward = {**asked.params, "__paging_token": first + size, "access_token": SECRET}
        link = f"https://graph.facebook.com{asked.path}?{urlencode(onward)}"
        # The last page still has cursors.
        paging = {"cursors": {"after": "MAZDZD"}, **({"next": link} if first + size < len(ordered) else {})}
        return Answer({"data": found, "paging": paging})


def seconds(thing: dict[str, Any]) -> float:
    return datetime.fromisoformat(next(thing[name] for name in STAMPS if name in thing)).timestamp()


class GraphHarness(Harness):
    """What sources of the Graph API share: a token, how it is refused, and throttling inside a 400."""

    nobody: str  # the name of a token without an owner

    @property
    def connection(self) -> Connection:
        return Connection(self.api.url, secret=SECRET, options={"lookback_days": 0, **HASTE})

    def refusals(self) -> Iterator[tuple[str, Connection]]:
        yield "holds no secret", replace(self.connection, secret="")
        yield "wrong or revoked", replace(self.connection, secret=f"{SECRET}-not")
        for words, answer in (
            ("has expired", refused(190, subcode=463, message="Session has expired on Monday")),
            ("lacks a permission", refused(10)),
            ("lacks a permission", refused(200)),
            (self.nobody, Answer({})),
        ):
            self.api.respond = lambda asked, answer=answer: answer
            yield words, self.connection

    def throttle(self) -> bool:
        self.api.faults.append(replace(refused(32), headers={"Retry-After": "5"}))
        return True
