"""YouTube over a small server: three threads a page, newest first, and replies in lists of two."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Any

import acceptance
from acceptance import Entry
from servers.fake_api import Answer, Asked
from servers.fake_sources import HASTE, SECRET
from social_crm.sources.model import Connection
from social_crm.sources.youtube import YOUTUBE


def comment(comment_id: str, at: Any, text: str = "words", edited_at: Any = None) -> dict[str, Any]:
    snippet = {"publishedAt": f"{at:%FT%TZ}", "updatedAt": f"{edited_at or at:%FT%TZ}", "textDisplay": text}
    return {"id": comment_id, "snippet": {**snippet, "authorChannelId": {"value": "UCann"}}}


def thread(first: dict[str, Any], replies: int = 0) -> dict[str, Any]:
    return {"id": first["id"], "snippet": {"videoId": "v1", "topLevelComment": first, "totalReplyCount": replies}}


def refused(status: int, reason: str) -> Answer:
    return Answer({"error": {"code": status, "errors": [{"reason": reason}], "details": [{"reason": reason}]}}, status)


@dataclass
class FakeYoutube:
    """Threads of one channel, and the replies of each."""

    threads: list[dict[str, Any]] = field(default_factory=list)
    replies: dict[str, list[dict[str, Any]]] = field(default_factory=dict)

    def __call__(self, asked: Asked) -> Answer:
        if asked.headers.get("x-goog-api-key") != SECRET:
            return refused(400, "API_KEY_INVALID")
        if parent := asked.params.get("parentId"):
            return self._page(asked, self.replies[parent], 2) if parent in self.replies else refused(404, "notFound")
        if "id" in asked.params:
            first = [one["snippet"]["topLevelComment"] for one in self.threads]
            return Answer({"items": [one for one in first if one["id"] in asked.params["id"].split(",")]})
        at = lambda one: one["snippet"]["topLevelComment"]["snippet"]["publishedAt"]  # noqa: E731
        return self._page(asked, sorted(self.threads, key=at, reverse=True), 3)

    def _page(self, asked: Asked, items: list[dict[str, Any]], size: int) -> Answer:
        first = int(asked.params.get("pageToken", "0"))
        more = {"nextPageToken": str(first + size)} if first + size < len(items) else {}
        return Answer({"items": items[first : first + size], **more})


class Harness(acceptance.Harness):
    """Threads of one comment each."""

    source, resource = YOUTUBE, YOUTUBE.resource("comments")

    def __init__(self, *args: Any) -> None:
        super().__init__(*args)
        self.api.respond = lambda asked: FakeYoutube([thread(self._comment(one)) for one in self.entries if not one.is_deleted])(asked)  # fmt: skip  # noqa: E501

    def _comment(self, entry: Entry) -> dict[str, Any]:
        return comment(self.key(entry), entry.at, entry.text, entry.edited_at)

    @property
    def connection(self) -> Connection:
        return Connection(self.api.url, secret=SECRET, options={"channels": ["UCacme"], "lookback_days": 0, **HASTE})

    def key(self, entry: Entry) -> str:
        return f"Ug{entry.number:03}"

    def refusals(self) -> Iterator[tuple[str, Connection]]:
        yield "holds no secret", replace(self.connection, secret="")
        yield "wrong or revoked", replace(self.connection, secret=f"{SECRET}-not")
        yield "option `channels`", replace(self.connection, options={"channels": ["@acme"]})
        self.api.respond = lambda asked: refused(400, "keyExpired")
        yield "has expired", self.connection

    def throttle(self) -> bool:
        quota = {"error": {"code": 403, "errors": [{"reason": "quotaExceeded"}]}}
        self.api.faults.append(Answer(quota, 403, {"Retry-After": "5"}))
        return True
