"""The sample server as YouTube: threads of a channel newest first, and the replies of each in pages."""

from typing import Any

import orjson

from social_crm.local.sample_api.company import Company
from social_crm.local.sample_api.youtube import CHANNEL

KEY = {"x-goog-api-key": "networks-secret"}
NAMED = "Ugsample00001AaABAg"


def listed(get: Any, path: str, **params: Any) -> tuple[list[dict[str, Any]], int]:
    """Return all that a list holds, and on how many pages."""
    found: list[dict[str, Any]] = []
    for number in range(1, 100):
        body = orjson.loads(get(f"/youtube/v3/{path}", KEY, part="snippet", maxResults=100, **params).body)
        found += body["items"]
        if "nextPageToken" not in body:
            return found, number
        params["pageToken"] = body["nextPageToken"]
    raise AssertionError("no end")


def threads(get: Any) -> tuple[list[dict[str, Any]], int]:
    return listed(get, "commentThreads", allThreadsRelatedToChannelId=CHANNEL, order="time")


def test_threads_come_newest_first_and_their_replies_in_pages(get: Any, company: Company) -> None:
    found, pages = threads(get)
    stamps = [thread["snippet"]["topLevelComment"]["snippet"]["publishedAt"] for thread in found]
    assert stamps == sorted(stamps, reverse=True)
    assert pages > 2
    most = max(found, key=lambda thread: thread["snippet"]["totalReplyCount"])
    replies, pages = listed(get, "comments", parentId=most["id"])
    assert len(replies) == most["snippet"]["totalReplyCount"]
    assert pages > 1
    assert len(found) + sum(thread["snippet"]["totalReplyCount"] for thread in found) == len(
        [line for line in company.networks["youtube"] if "gone_at" not in line]
    )


def test_a_comment_is_told_as_it_was_at_the_clock(get: Any, post: Any) -> None:
    def first(now: str) -> dict[str, Any]:
        post("/_sample/clock", {"now": now})
        thread = next(thread for thread in threads(get)[0] if thread["id"] == NAMED)
        return thread["snippet"]["topLevelComment"]["snippet"]  # type: ignore[no-any-return]

    before, after = first("2026-11-08T11:59:59Z"), first("2026-11-08T12:00:00Z")
    assert before["updatedAt"] == before["publishedAt"] == after["publishedAt"]
    assert after["updatedAt"] == "2026-11-08T12:00:00Z"
    assert after["textDisplay"] == "The app logs me out & 4.2 does not help"


def test_a_closed_account_has_a_name_and_no_channel_and_what_was_removed_is_missing(get: Any) -> None:
    comments = {thread["id"]: thread["snippet"]["topLevelComment"]["snippet"] for thread in threads(get)[0]}
    closed = next(comment for comment in comments.values() if comment["textDisplay"] == "How do I reach a human?")
    assert closed["authorDisplayName"]
    assert "authorChannelId" not in closed
    assert not any(comment["textDisplay"] == "Wrong video, sorry" for comment in comments.values())


def test_a_wrong_key_and_what_is_not_there_are_refused(get: Any) -> None:
    refused = get("/youtube/v3/commentThreads", {}, allThreadsRelatedToChannelId=CHANNEL)
    assert (refused.status, orjson.loads(refused.body)["error"]["details"]) == (400, [{"reason": "API_KEY_INVALID"}])
    assert get("/youtube/v3/comments", KEY, parentId="Ug0").status == 404
    assert get("/youtube/v3/commentThreads", KEY, allThreadsRelatedToChannelId="UC0").status == 404
