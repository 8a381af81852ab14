"""A Facebook Page over a small Graph API."""

from datetime import datetime, timedelta
from typing import Any

from acceptance import Entry
from servers.fake_api import Answer
from servers.fake_graph import FakeGraph, GraphHarness, stamp
from servers.fake_sources import START
from social_crm.sources.facebook import FACEBOOK


def post(number: int, at: datetime, text: str = "words", edited_at: datetime | None = None) -> dict[str, Any]:
    return {"id": f"7_{number:03}", "message": text, "created_time": stamp(at), "updated_time": stamp(edited_at or at)}


def said(thing_id: str, at: datetime) -> dict[str, Any]:
    return {"id": thing_id, "message": "words", "created_time": stamp(at), "from": {"id": "9", "name": "Ann"}}


class Harness(GraphHarness):
    """Posts of the Page; an edit moves `updated_time`."""

    source, resource, nobody = FACEBOOK, FACEBOOK.resource("posts"), "belongs to nobody"

    def __init__(self, *args: Any) -> None:
        super().__init__(*args)
        self.api.respond = lambda asked: FakeGraph(self._posts())(asked)

    def _posts(self) -> list[dict[str, Any]]:
        return [post(one.number, one.at, one.text, one.edited_at) for one in self.entries if not one.is_deleted]

    def key(self, entry: Entry) -> str:
        return post(entry.number, entry.at)["id"]

    def ignore_filter(self) -> bool:
        old = [post(1, START - timedelta(days=90))]
        self.api.respond = lambda asked: Answer({"data": old})
        return True
