"""Where connectors of YouTube lose comments: replies, late replies, short pages; and what the API once sent."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from harnesses.youtube import FakeYoutube, comment, refused, thread
from servers.fake_api import Answer, Asked, FakeApi
from servers.fake_sources import HASTE, SECRET, START, WINDOW, ids, read
from social_crm.errors import ContractBroken, CursorRejected, RateLimited
from social_crm.sources.model import Connection, Request, Window
from social_crm.sources.rechecks import Known
from social_crm.sources.youtube import YOUTUBE

COMMENTS, REMOVALS = YOUTUBE.resource("comments"), YOUTUBE.resource("removals")
NOON = START + timedelta(hours=12)
EVER = Window(datetime(2010, 1, 1, tzinfo=UTC), datetime(2026, 1, 1, tzinfo=UTC))


def connection(url: str, **options: Any) -> Connection:
    return Connection(url, secret=SECRET, options={"channels": ["UCacme"], **HASTE, **options})


def test_all_replies_are_read_and_belong_to_their_thread(fake_api: FakeApi) -> None:
    replies = [comment(f"a.{number}", NOON) for number in range(5)]
    fake_api.respond = FakeYoutube([thread(comment("a", NOON), replies=5), thread(comment("b", NOON))], {"a": replies})
    records = [record for page in read(COMMENTS, connection(fake_api.url)) for record in page.records]
    assert sorted(record["id"] for record in records) == ["a", "a.0", "a.1", "a.2", "a.3", "a.4", "b"]
    assert {record["thread_id"] for record in records if record["id"].startswith("a")} == {"a"}


def test_a_comment_that_youtube_leaves_out_is_removed(fake_api: FakeApi) -> None:
    fake_api.respond = lambda asked: Answer({"items": [{"id": "a"}]})
    known = Known({one: one for one in ("a", "a.1")})
    [page] = REMOVALS.extract(Request(connection(fake_api.url), WINDOW, known=known))
    assert page.records == [{"key": "a.1", "is_removed": True}]
    [asked] = fake_api.asked
    assert (asked.path, sorted(asked.params["id"].split(","))) == ("/youtube/v3/comments", ["a", "a.1"])


def test_comments_are_looked_up_by_as_many_as_one_page_shows(fake_api: FakeApi) -> None:
    asked: list[list[str]] = []

    def respond(call: Asked) -> Answer:
        asked.append(call.params["id"].split(","))
        return Answer({"items": [{"id": one} for one in asked[-1][:20]]})

    fake_api.respond = respond
    known = Known({f"a.{number}": f"a.{number}" for number in range(45)})
    pages = list(REMOVALS.extract(Request(connection(fake_api.url), WINDOW, known=known)))
    assert [page.records for page in pages] == [[], [], []]
    assert [len(ids) for ids in asked] == [20, 20, 5]


def test_an_error_for_several_comments_is_not_taken_for_the_removal_of_all(fake_api: FakeApi) -> None:
    def respond(call: Asked) -> Answer:
        return refused(404, "commentNotFound") if "b" in call.params["id"] else Answer({"items": [{"id": "a"}]})

    fake_api.respond = respond
    known = Known({"a": "a", "b": "b"})
    [page] = REMOVALS.extract(Request(connection(fake_api.url), WINDOW, known=known))
    assert page.records == [{"key": "b", "is_removed": True}]


def test_a_late_reply_to_an_old_thread_is_met_by_looking_back(fake_api: FakeApi) -> None:
    old = thread(comment("old", START - timedelta(days=20)), replies=1)
    fake_api.respond = FakeYoutube([old], {"old": [comment("old.1", NOON)]})
    assert ids(read(COMMENTS, connection(fake_api.url))) == ["old", "old.1"]
    assert ids(read(COMMENTS, connection(fake_api.url, lookback_days=10))) == []


def test_threads_that_are_too_old_end_the_walk(fake_api: FakeApi) -> None:
    fake_api.respond = FakeYoutube([thread(comment(f"o{n}", START - timedelta(days=90, minutes=n))) for n in range(30)])
    assert read(COMMENTS, connection(fake_api.url))[0].records == []
    assert len(fake_api.asked) == 1


def test_an_order_that_youtube_ignores_is_noticed_where_the_walk_would_end(fake_api: FakeApi) -> None:
    days = [START - timedelta(days=40), START - timedelta(days=39), NOON]
    oldest_first = [thread(comment(f"c{number}", at)) for number, at in enumerate(days)]
    pages = {"": {"items": oldest_first[:2], "nextPageToken": "2"}, "2": {"items": oldest_first[2:]}}
    fake_api.respond = lambda asked: Answer(pages[asked.params.get("pageToken", "")])
    with pytest.raises(ContractBroken, match="should be newest first"):
        read(COMMENTS, connection(fake_api.url))


def test_a_thread_removed_meanwhile_keeps_what_was_seen_of_it(fake_api: FakeApi) -> None:
    fake_api.respond = FakeYoutube([thread(comment("a", NOON), replies=2)])
    [page] = read(COMMENTS, connection(fake_api.url))
    assert ids([page]) == ["a"]
    assert [(one.reason, one.position) for one in page.rejected] == [("gone", "a")]


def test_a_thread_without_its_first_comment_keeps_its_replies_and_is_set_aside(fake_api: FakeApi) -> None:
    threads = [thread(comment("a", NOON)), thread(comment("b", NOON), replies=1), thread(comment("c", NOON))]
    del threads[1]["snippet"]["topLevelComment"]
    replies = Answer({"items": [comment("b.1", NOON)]})
    fake_api.respond = lambda asked: replies if "parentId" in asked.params else Answer({"items": threads})
    [page] = read(COMMENTS, connection(fake_api.url))
    assert [COMMENTS.key(record) for record in page.records] == ["a", None, "b.1", "c"]
    assert page.records[1]["thread_id"] == "b"


def test_comments_closed_meanwhile_are_no_wrong_key(fake_api: FakeApi) -> None:
    server = FakeYoutube([thread(comment("a", NOON), replies=2), thread(comment("b", NOON))])
    closed = Answer({"error": {"code": 403, "errors": [{"reason": "commentsDisabled"}]}}, 403)
    fake_api.respond = lambda asked: closed if "parentId" in asked.params else server(asked)
    assert ids(read(COMMENTS, connection(fake_api.url))) == ["a", "b"]


def test_a_quota_that_is_used_up_comes_back_later(fake_api: FakeApi, naps: list[float]) -> None:
    quota = {"error": {"code": 403, "errors": [{"reason": "quotaExceeded"}]}}
    fake_api.respond = lambda asked: Answer(quota, 403, {"Retry-After": "7200"})
    with pytest.raises(RateLimited):
        read(COMMENTS, connection(fake_api.url))


def test_a_token_that_youtube_no_longer_takes_restarts_the_window(fake_api: FakeApi) -> None:
    fake_api.respond = FakeYoutube([thread(comment(f"c{n}", NOON)) for n in range(7)])
    cursor = read(COMMENTS, connection(fake_api.url))[0].cursor
    fake_api.respond = lambda asked: Answer({"error": {"errors": [{"reason": "invalidPageToken"}]}}, 400)
    with pytest.raises(CursorRejected):
        read(COMMENTS, connection(fake_api.url), cursor)


def test_recorded_threads_and_replies_are_read_to_their_last_id(fake_api: FakeApi, shared_data: Path) -> None:
    folder = shared_data / "api_payloads/youtube_sns_sdks/apidata"
    bodies = [json.loads(file.read_text()) for file in sorted((folder / "comment_threads").glob("*.json"))]
    threads = {one["id"]: one for body in bodies for one in body.get("items", [body]) if "topLevelComment" in str(one)}
    assert len(threads) > 5

    def respond(asked: Asked) -> Answer:
        return Answer({"items": [] if "parentId" in asked.params else list(threads.values())})

    fake_api.respond = respond
    pages = read(COMMENTS, connection(fake_api.url), window=EVER)
    assert set(ids(pages)) == set(threads)
    assert all(COMMENTS.event_at(record) for page in pages for record in page.records)
