"""An Instagram account over a small Graph API."""

from datetime import datetime, timedelta
from typing import Any

from acceptance import Entry
from servers.fake_api import Answer, Asked
from servers.fake_graph import FakeGraph, GraphHarness, stamp
from servers.fake_sources import START
from social_crm.sources.instagram import INSTAGRAM


def media(media_id: str, at: datetime, caption: str = "words", **more: Any) -> dict[str, Any]:
    return {"id": media_id, "caption": caption, "timestamp": stamp(at), "username": "acmebank", "comments_count": 1, **more}  # fmt: skip  # noqa: E501


def comment(comment_id: str, at: datetime, **more: Any) -> dict[str, Any]:
    return {"id": comment_id, "text": "words", "timestamp": stamp(at), "username": "ann", **more}


class FakeInstagram(FakeGraph):
    """The account's own media as posts, and as threads those in which it is tagged."""

    def __init__(self, *lists: Any, **more: Any) -> None:
        account = {"id": "17", "username": "acmebank"}
        super().__init__(*lists, **more, edges=("media", "tags"), me={"instagram_business_account": account, "id": "7"})


class Harness(GraphHarness):
    """Media of the account, whose captions can be edited."""

    source, resource, nobody = INSTAGRAM, INSTAGRAM.resource("media"), "has no Instagram account"

    def __init__(self, *args: Any) -> None:
        super().__init__(*args)
        self.api.respond = lambda asked: FakeInstagram(self._media())(asked)

    def _media(self) -> list[dict[str, Any]]:
        return [media(self.key(one), one.at, one.text) for one in self.entries if not one.is_deleted]

    def key(self, entry: Entry) -> str:
        return f"17{entry.number:03}"

    def ignore_filter(self) -> bool:
        old, server = Answer({"data": [media("1", START - timedelta(days=90))]}), FakeInstagram()

        def respond(asked: Asked) -> Answer:
            return old if asked.path.endswith("/media") else server(asked)

        self.api.respond = respond
        return True
