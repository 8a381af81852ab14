"""Small X and Zendesk servers over `FakeApi`: enough of each API for a connector, with the list of what must arrive."""

import base64
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from servers.fake_api import Answer, Asked
from social_crm.sources.model import Connection, Page, Request, Resource, Window

START = datetime(2026, 10, 27, tzinfo=UTC)
WINDOW = Window(START, START + timedelta(days=1))
SECRET = "canary-0b5e"
HASTE = {"read_timeout_seconds": 0.5, "body_seconds": 1.0, "connect_timeout_seconds": 1.0}


def x_connection(url: str, **options: Any) -> Connection:
    return Connection(url, secret=SECRET, options={"accounts": ["AcmeBank"], **HASTE, **options})


def zendesk_connection(url: str, **options: Any) -> Connection:
    return Connection(url, "bot@example.test", SECRET, {**HASTE, **options})


def post(number: int, created_at: datetime | None = None) -> dict[str, Any]:
    moment = created_at or WINDOW.end - timedelta(minutes=number + 1)
    return {"id": str(2**60 + number), "text": "secret words of a person", "author_id": "7", "created_at": f"{moment:%FT%T}.000Z"}  # fmt: skip  # noqa: E501


@dataclass
class FakeX:
    """Recent search over `posts`, in their order, and the company's accounts."""

    posts: list[dict[str, Any]] = field(default_factory=list)
    page_size: int = 100

    def __call__(self, asked: Asked) -> Answer:
        if asked.headers.get("authorization") != f"Bearer {SECRET}":
            return Answer({"title": "Unauthorized", "type": "about:blank", "status": 401}, 401)
        if asked.path == "/2/users/by":
            names = asked.params["usernames"].split(",")
            return Answer({"data": [{"id": str(n), "name": name, "username": name} for n, name in enumerate(names)]})
        if asked.path == "/2/tweets":
            return self._by_id(asked.params["ids"].split(","))
        since, until = asked.params["start_time"], asked.params["end_time"]
        wanted = [p for p in self.posts if since <= p["created_at"].replace(".000", "") < until]
        first = int(asked.params.get("next_token", "t0")[1:])
        found = wanted[first : first + self.page_size]
        meta: dict[str, Any] = {"result_count": len(found)}
        if first + self.page_size < len(wanted):
            meta["next_token"] = f"t{first + self.page_size}"
        users = [{"id": "7", "name": "Ann", "username": "ann"}]
        return Answer({"data": found, "includes": {"users": users}, "meta": meta} if found else {"meta": meta})

    def _by_id(self, wanted: list[str]) -> Answer:
        """As X: a version that was edited since is shown too, and each absent post has an error."""
        shown = {one for post in self.posts for one in (post["id"], *post.get("edit_history_tweet_ids", []))}
        errors = [{"resource_id": one, "title": "Not Found Error"} for one in wanted if one not in shown]
        return Answer({"data": [{"id": one, "text": ""} for one in wanted if one in shown], "errors": errors})


def ticket(number: int, stamp: datetime, created_at: datetime = START) -> dict[str, Any]:
    return {"id": number, "created_at": f"{created_at:%FT%TZ}", "updated_at": f"{START:%FT%TZ}", "generated_timestamp": int(stamp.timestamp())}  # fmt: skip  # noqa: E501


@dataclass
class FakeZendesk:
    """The incremental export in stamp order, and `comments_each` comments per ticket in lists of `list_size`."""

    tickets: list[dict[str, Any]] = field(default_factory=list)
    comments_each: int = 0
    list_size: int = 100
    most: int = 1000

    def __call__(self, asked: Asked) -> Answer:
        expected = base64.b64encode(f"bot@example.test/token:{SECRET}".encode()).decode()
        if asked.headers.get("authorization") != f"Basic {expected}":
            return Answer({"error": "Couldn't authenticate you"}, 401)
        if asked.path.startswith("/api/v2/incremental/"):
            return self._export(asked, asked.path.split("/")[4])
        return self._list(asked)

    def _export(self, asked: Asked, name: str) -> Answer:
        if "cursor" in asked.params and "start_time" in asked.params:
            return Answer({"error": "InvalidValue"}, 400)
        since = int(asked.params.get("start_time", 0))
        skipped = len([t for t in self.tickets if t["generated_timestamp"] < since])
        first = int(base64.b64decode(asked.params["cursor"])) if "cursor" in asked.params else skipped
        after = min(first + min(int(asked.params["per_page"]), self.most), len(self.tickets))
        cursor = base64.b64encode(str(after).encode()).decode()
        elsewhere = f"https://elsewhere.example/api/v2/incremental/{name}/cursor.json?cursor={cursor}"
        return Answer({name: self.tickets[first:after], "after_cursor": cursor, "after_url": elsewhere, "end_of_stream": after == len(self.tickets)})  # fmt: skip  # noqa: E501

    def _list(self, asked: Asked) -> Answer:
        *_, ticket_id, name = asked.path.removesuffix(".json").split("/")
        items = [{"id": int(ticket_id) * 1000 + n, "created_at": f"{START:%FT%TZ}"} for n in range(self.comments_each)]
        first = int(asked.params.get("page[after]", 0))
        after = first + self.list_size
        links = {"next": f"https://elsewhere.example/?page[after]={after}"}
        return Answer({name: items[first:after], "meta": {"has_more": after < len(items), "after_cursor": str(after)}, "links": links})  # fmt: skip  # noqa: E501


def request_for(connection: Connection) -> Request:
    return Request(connection, WINDOW)


def read(resource: Resource, connection: Connection, cursor: str | None = None, window: Window = WINDOW) -> list[Page]:
    """Read a window to its end."""
    return list(resource.extract(Request(connection, window, cursor)))


def ids(pages: list[Page]) -> list[str]:
    return [str(record["id"]) for page in pages for record in page.records]


def read_in_attempts(resource: Resource, connection: Connection, error: type[Exception]) -> tuple[list[Page], int]:
    """Read as landing does, from the last cursor after every `error`; return the pages and the number of attempts."""
    kept: list[Page] = []
    for attempt in range(1, 50):
        cursor = next((page.cursor for page in reversed(kept) if page.cursor), None)
        try:
            for page in resource.extract(Request(connection, WINDOW, cursor)):
                kept.append(page)
        except error:
            continue
        return kept, attempt
    raise AssertionError("the window was never completed")
