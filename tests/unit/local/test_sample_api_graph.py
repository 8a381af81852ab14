"""The sample server as the Graph API: a Page with its conversations, and an account of Instagram."""

from typing import Any
from urllib.parse import parse_qsl, urlsplit

import orjson
import pytest

from social_crm.local.sample_api import graph
from social_crm.local.sample_api.company import Company

FEED = {"since": 1792972799, "until": 1794182401}  # 2026-10-26 to 2026-11-09, with a second more on both sides


@pytest.fixture
def page(get: Any) -> Any:
    """Return a function that asks as the Page, or as another one."""

    def ask(path: str, of: Any = graph.PAGE, **params: Any) -> Any:
        login = {"authorization": f"Bearer {graph.token_of('networks-secret', of)}"}
        return orjson.loads(get(f"/graph/v23.0/{path}", login, **params).body)

    return ask


def listed(page: Any, path: str, of: Any = graph.PAGE, **params: Any) -> tuple[list[dict[str, Any]], int]:
    """Return all that a list holds, and on how many pages."""
    found: list[dict[str, Any]] = []
    for number in range(1, 100):
        body = page(path, of, **params)
        found += body["data"]
        if "next" not in body["paging"]:
            return found, number
        params = dict(parse_qsl(urlsplit(body["paging"]["next"]).query))
    raise AssertionError("no end")


def test_the_feed_gives_every_post_once_newest_first_in_pages(page: Any, company: Company) -> None:
    posts, pages = listed(page, "me/feed", fields="id,message,created_time", **FEED)
    wanted = [line["id"] for line in company.networks["facebook"] if line["kind"] == "post"]
    assert [post["id"] for post in posts] == wanted[::-1]
    assert pages > 3
    assert set(posts[0]) == {"id", "message", "created_time"}


def test_nothing_of_the_feed_is_later_than_the_clock(page: Any, post: Any) -> None:
    post("/_sample/clock", {"now": "2026-10-29T08:00:00Z"})
    posts, _ = listed(page, "me/feed", fields="id,created_time,updated_time", **FEED)
    assert max(one["updated_time"] for one in posts) <= "2026-10-29T08:00:00+0000"


def test_a_comment_is_gone_after_its_deletion_and_corrected_after_its_edit(page: Any, post: Any) -> None:
    def said(now: str) -> dict[str, str]:
        post("/_sample/clock", {"now": now})
        comments, _ = listed(page, "700100001_1007/comments", fields="id,message", filter="stream")
        return {comment["id"]: comment["message"] for comment in comments}

    before, after, end = said("2026-11-05T07:35:00Z"), said("2026-11-05T07:45:00Z"), said("2026-11-08T06:00:00Z")
    assert before["5013_90013"] == "Wrong page, sorry"
    assert "5013_90013" not in after
    assert (after["5010_90010"], end["5010_90010"]) == ("My refnd of 900 is missing", "My refund of 900 is missing")


def test_an_author_may_be_hidden_and_so_may_a_comment(page: Any) -> None:
    comments, _ = listed(page, "700100001_1007/comments", fields="id,from,is_hidden,parent")
    found = {comment["id"]: comment for comment in comments}
    assert "from" not in found["5008_90008"]
    assert (found["5012_90012"]["is_hidden"], found["5010_90010"]["is_hidden"]) == (True, False)
    assert found["5009_90009"]["parent"] == {"id": "5008_90008"}


def test_conversations_are_in_order_of_their_last_message_and_show_the_newest_first(page: Any) -> None:
    threads, pages = listed(page, "me/conversations", fields="id,updated_time")
    stamps = [thread["updated_time"] for thread in threads]
    assert stamps == sorted(stamps, reverse=True)
    assert pages > 3
    messages, _ = listed(page, "t_800001/messages", fields="message,from,to")
    assert messages[0]["message"] == "thanks a lot, have a nice day"
    assert messages[0]["to"]["data"][0]["id"] == messages[1]["from"]["id"] == graph.PAGE["id"]


def test_a_comment_of_instagram_shows_its_first_replies_and_where_the_others_are(page: Any) -> None:
    of = graph.ACCOUNTS_PAGE
    assert page("me", of, fields="instagram_business_account{id,username}") == {
        "instagram_business_account": graph.ACCOUNT
    }
    comments, _ = listed(page, "17900000000000001/comments", of, fields="id,username,from,replies{id,text}")
    found = {comment["id"]: comment for comment in comments}
    shown = found["18000000000000002"]["replies"]
    assert len(shown["data"]) == 2
    onward = dict(parse_qsl(urlsplit(shown["paging"]["next"]).query))
    others, _ = listed(page, "18000000000000002/replies", of, fields="id", after=onward["after"])
    assert len({reply["id"] for reply in [*shown["data"], *others]}) == 5
    assert found["18000000000000009"]["username"] == "ng.hafiz.23"
    assert "from" not in found["18000000000000009"]
    assert "replies" not in found["18000000000000009"]


def test_a_page_sees_what_is_its_own_and_nobody_else_anything(page: Any, get: Any) -> None:
    assert page("17900000000000001/comments")["error"]["error_subcode"] == 33
    assert page("700100001_1007/comments", graph.ACCOUNTS_PAGE)["error"]["error_subcode"] == 33
    assert page("nothing/likes")["error"]["error_subcode"] == 33
    refused = get("/graph/v23.0/me", {"authorization": "Bearer networks-secret"})
    assert (refused.status, orjson.loads(refused.body)["error"]["code"]) == (400, 190)
