"""Discourse over a small forum: three posts a page, of which the first is the last one of the page before."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

import acceptance
from acceptance import Entry
from servers.fake_api import Answer, Asked
from servers.fake_sources import HASTE, SECRET
from social_crm.sources.discourse import DISCOURSE
from social_crm.sources.model import Connection

PAGE = 4


def post(number: int, at: datetime, text: str = "words", edited_at: datetime | None = None, **more: Any) -> dict[str, Any]:  # fmt: skip  # noqa: E501
    """Return a post with every field that the specification asks for."""
    rights = ("can_edit", "can_delete", "can_recover", "can_see_hidden_post", "can_wiki", "can_view_edit_history")
    flags = ("yours", "bookmarked", "moderator", "admin", "staff", "hidden", "user_deleted", "wiki")
    counts = (
        "posts_count", "reply_count", "quote_count", "incoming_link_count", "reads", "readers_count", "score",
        "trust_level", "reviewable_score_count", "reviewable_score_pending_count",
    )  # fmt: skip
    empty = (
        "reply_to_post_number", "display_username", "primary_group_name", "flair_name", "flair_url", "flair_bg_color",
        "flair_color", "flair_group_id", "user_title", "deleted_at", "edit_reason", "reviewable_id",
    )  # fmt: skip
    return {
        **dict.fromkeys((*rights, *flags), False), **dict.fromkeys(counts, 0), **dict.fromkeys(empty),
        "id": number, "name": "Ann", "username": "ann", "user_id": 7, "avatar_template": "/a/{size}.png",
        "created_at": f"{at:%FT%T}.000Z", "updated_at": f"{edited_at or at:%FT%T}.000Z", "version": 1,
        "cooked": f"<p>{text}</p>", "raw": text, "post_number": number, "post_type": 1, "topic_id": 1,
        "topic_slug": "fees", "topic_title": "Fees", "topic_html_title": "Fees", "category_id": 1,
        "excerpt": text[:300], "truncated": False, "badges_granted": [], "actions_summary": [],
        "post_url": f"/t/fees/1/{number}", **more,
    }  # fmt: skip


def invalid_access() -> Answer:
    words = "You are not permitted to view the requested resource. The API username or key is invalid."
    return Answer({"errors": [words], "error_type": "invalid_access"}, 403)


@dataclass
class FakeDiscourse:
    """A forum; as servers do and the specification does not say, `before` gives its own id too."""

    posts: list[dict[str, Any]] = field(default_factory=list)
    is_inclusive: bool = True
    hidden: range = range(0)  # ids that are counted and not shown
    page_size: int = PAGE

    def __call__(self, asked: Asked) -> Answer:
        if (asked.headers.get("api-key"), asked.headers.get("api-username")) != (SECRET, "bot"):
            return invalid_access()
        below = int(asked.params.get("before", 10**15)) + self.is_inclusive
        found = sorted((one for one in self.posts if one["id"] < below), key=lambda one: -one["id"])
        return Answer({"latest_posts": [one for one in found[: self.page_size] if one["id"] not in self.hidden]})


class Harness(acceptance.Harness):
    """Posts of one topic; a deleted one is missing."""

    source, resource = DISCOURSE, DISCOURSE.resource("posts")

    def __init__(self, *args: Any) -> None:
        super().__init__(*args)
        self.api.respond = lambda asked: FakeDiscourse([self._post(one) for one in self.entries if not one.is_deleted])(asked)  # fmt: skip  # noqa: E501

    def _post(self, entry: Entry) -> dict[str, Any]:
        return post(int(self.key(entry)), entry.at, entry.text, entry.edited_at)

    @property
    def connection(self) -> Connection:
        return Connection(self.api.url, "bot", SECRET, {"lookback_days": 0, **HASTE})

    def key(self, entry: Entry) -> str:
        # A forum counts its posts up as they are written.
        return f"{entry.at:%s}{entry.number:03}"

    def refusals(self) -> Iterator[tuple[str, Connection]]:
        yield "holds no secret", replace(self.connection, secret="")
        yield "wrong or revoked", replace(self.connection, secret=f"{SECRET}-not")
        yield "wrong or revoked", replace(self.connection, login="nobody")
        self.api.respond = lambda asked: Answer({"errors": ["No."], "error_type": "invalid_access"}, 403)
        yield "may not read this", self.connection
        self.api.respond = lambda asked: Answer({"posts": []})
        yield "is it a Discourse forum", self.connection
