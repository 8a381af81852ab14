"""The sample server as Bluesky: a session, lists from the newest back, and what authors claim."""

from collections.abc import Callable
from typing import Any

import orjson
import pytest

from social_crm.local.sample_api.app import SampleApi
from social_crm.local.sample_api.bluesky import LARGEST_PAGE, SESSION
from social_crm.local.sample_api.bluesky_wire import DID, HANDLE, view_of
from social_crm.local.sample_api.company import Company, said_by
from social_crm.local.sample_api.messages import Answer, Call

Ask = Callable[..., Answer]


def post_of(author: int, number: int) -> str:
    return f"at://did:plc:sample{author:018d}/app.bsky.feed.post/3m{number}"


EDITED, AHEAD, BEHIND, PRAISED = (post_of(*one) for one in ((78, 92880001), (81, 93240003), (82, 93600005), (83, 93960006)))  # fmt: skip  # noqa: E501
QUOTE, REGRETTED = post_of(85, 100560008), post_of(93, 100800009)
QUOTED = f"at://{DID}/app.bsky.feed.post/3m100440007"


def opened(server: SampleApi, password: str) -> Answer:
    return server.respond(Call("POST", SESSION, {}, {}, orjson.dumps({"identifier": HANDLE, "password": password})))


@pytest.fixture
def ask(server: SampleApi) -> Ask:
    """Return a function that asks with the token of a session."""
    token = orjson.loads(opened(server, "networks-secret").body)["accessJwt"]

    def asked(name: str, *pairs: tuple[str, str]) -> Answer:
        headers = {"authorization": f"Bearer {token}"}
        return server.respond(Call("GET", f"/bluesky/xrpc/app.bsky.{name}", dict(pairs), headers, b"", pairs))

    return asked


def walked(ask: Ask, name: str, field: str, *pairs: tuple[str, str]) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    body: dict[str, Any] = {"cursor": "0"}
    while "cursor" in body:
        body = orjson.loads(ask(name, *pairs, ("cursor", body["cursor"])).body)
        assert len(body[field]) <= LARGEST_PAGE
        found += body[field]
    return found


def test_lists_hold_what_was_said_and_what_was_said_again(ask: Ask, company: Company) -> None:
    told = walked(ask, "notification.listNotifications", "notifications")
    own = walked(ask, "feed.getAuthorFeed", "feed", ("actor", DID))
    found = walked(ask, "feed.searchPosts", "posts", ("q", "acme bank"))
    again = [item["post"]["uri"] for item in own if "reason" in item]
    assert again == [PRAISED]
    uris = {one["uri"] for one in [*told, *found]} | {item["post"]["uri"] for item in own}
    assert uris == {line["id"] for line in company.networks["bluesky"] if "gone_at" not in line}
    assert {one["reason"] for one in told} == {"mention", "reply", "quote"}
    assert next(one["reason"] for one in told if one["uri"] == QUOTE) == "quote"


def test_lists_are_in_order_of_the_earlier_time(ask: Ask) -> None:
    told = walked(ask, "notification.listNotifications", "notifications")
    assert told[-1]["uri"] == BEHIND
    assert told[-1]["record"]["createdAt"] == "2019-01-01T00:00:00.000Z"
    times = {one["uri"]: (one["record"]["createdAt"], one["indexedAt"]) for one in told}
    assert times[AHEAD] == ("2030-01-01T00:00:00.000Z", "2026-11-05T19:00:00.000Z")
    assert [min(pair) for pair in times.values()] == sorted((min(pair) for pair in times.values()), reverse=True)


def test_an_edit_changes_the_post_and_no_notification(ask: Ask) -> None:
    [told] = [one for one in walked(ask, "notification.listNotifications", "notifications") if one["uri"] == EDITED]
    [now, other] = orjson.loads(ask("feed.getPosts", ("uris", EDITED), ("uris", REGRETTED), ("uris", AHEAD)).body)[
        "posts"
    ]
    assert (now["uri"], other["uri"]) == (EDITED, AHEAD)
    assert told["cid"] != now["cid"]
    assert (told["record"]["text"][-10:], now["record"]["text"][-10:]) == ("every shop", "online too")
    [mention] = now["record"]["facets"]
    assert (mention["index"], mention["features"][0]["did"]) == ({"byteStart": 0, "byteEnd": 17}, DID)


def test_counts_are_of_what_is_said_by_the_clock(ask: Ask, post: Callable[..., Answer]) -> None:
    def counted(uri: str, now: str) -> tuple[int, int, int]:
        post("/_sample/clock", {"now": f"2026-11-{now}Z"})
        [view] = orjson.loads(ask("feed.getPosts", ("uris", uri)).body)["posts"]
        return view["replyCount"], view["quoteCount"], view["repostCount"]

    assert [counted(EDITED, now) for now in ("05T18:19:59", "05T18:20:00")] == [(0, 0, 0), (1, 0, 0)]
    assert [counted(QUOTED, now) for now in ("06T15:19:59", "06T15:20:00")] == [(0, 0, 0), (0, 1, 0)]
    assert [counted(PRAISED, now) for now in ("05T21:29:59", "05T21:30:00")] == [(0, 0, 0), (0, 0, 1)]


def test_what_is_gone_counts_no_more() -> None:
    asked = {
        "id": "at://a/1",
        "by": "did:a",
        "name": "a",
        "text": "Acme Bank?",
        "at": "2026-11-01T10:00:00Z",
        "likes": 0,
    }
    taken_back = {"at": "2026-11-01T10:05:00Z", "gone_at": "2026-11-01T10:10:00Z"}
    reply = {**asked, **taken_back, "id": "at://a/2", "reply_to": asked["id"]}
    quote = {**asked, **taken_back, "id": "at://a/3", "quotes": asked["id"]}
    lines = {line["id"]: line for line in (asked, reply, quote)}

    def counted(now: str) -> tuple[int, int]:
        view = view_of(asked, lines, said_by(lines.values(), now), now)
        return view["replyCount"], view["quoteCount"]

    assert [counted(f"2026-11-01T10:{minute}:00Z") for minute in ("04", "05", "10")] == [(0, 0), (1, 1), (0, 0)]


def test_a_search_obeys_its_slice_of_time(ask: Ask) -> None:
    pairs = (("q", "acme bank"), ("since", "2026-10-29T13:00:00.000Z"), ("until", "2026-10-29T14:00:00.000Z"))
    found = walked(ask, "feed.searchPosts", "posts", *pairs)
    assert [one["indexedAt"][11:13] for one in found] == ["13"] * len(found)
    assert found


def test_only_who_has_a_session_reads(server: SampleApi) -> None:
    assert opened(server, "wrong").status == 401
    refused = server.respond(Call("GET", "/bluesky/xrpc/app.bsky.feed.getPosts", {}, {"authorization": "Bearer else"}))
    assert (refused.status, orjson.loads(refused.body)["error"]) == (400, "InvalidToken")
