"""The sample server as LinkedIn: a page's posts in its own markup, and what is said below them."""

from typing import Any

import orjson

from social_crm.local.sample_api.company import Company
from social_crm.local.sample_api.linkedin import ORGANIZATION

LOGIN = {
    "authorization": "Bearer networks-secret",
    "x-restli-protocol-version": "2.0.0",
    "linkedin-version": "202609",
}
OURS = {"q": "author", "author": f"urn:li:organization:{ORGANIZATION}", "sortBy": "CREATED", "count": 100}
POST = "urn:li:share:79560001"
ASKED, REGRETTED = (f"urn:li:comment:(urn:li:activity:79560002,{number})" for number in (79740002, 80280005))


def listed(get: Any, path: str, **params: Any) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = orjson.loads(get(f"/linkedin/rest/{path}", LOGIN, **params).body)["elements"]
    return found


def below(get: Any, urn: str) -> list[dict[str, Any]]:
    return listed(get, f"socialActions/{urn}/comments", count=100)


def test_all_that_was_said_is_below_some_post_or_comment(get: Any, company: Company) -> None:
    posts = listed(get, "posts", **OURS)
    assert [post["createdAt"] for post in posts] == sorted((post["createdAt"] for post in posts), reverse=True)
    first = [comment for post in posts for comment in below(get, post["id"])]
    replies = [reply for one in first if "commentsSummary" in one for reply in below(get, one["commentUrn"])]
    found = [post["id"] for post in posts] + [one["commentUrn"] for one in [*first, *replies]]
    assert sorted(found) == sorted(line["id"] for line in company.networks["linkedin"] if "gone_at" not in line)
    assert [post["id"] for post in listed(get, "posts", **{**OURS, "start": 1, "count": 2})] == [
        post["id"] for post in posts[1:3]
    ]


def test_posts_are_in_the_order_that_is_asked_for(get: Any) -> None:
    # It was drafted five days before it was published: only one of the orders has it among the newest.
    created, modified = (
        [post["id"] for post in listed(get, "posts", **{**OURS, **order})]
        for order in ({}, {"sortBy": "LAST_MODIFIED"})
    )
    assert sorted(created) == sorted(modified)
    assert created.index(POST) > modified.index(POST)
    assert [post["id"] for post in listed(get, "posts", **{k: OURS[k] for k in OURS if k != "sortBy"})] == modified
    assert get("/linkedin/rest/posts", LOGIN, **{**OURS, "sortBy": "PUBLISHED"}).status == 400


def test_a_post_has_its_markup_and_was_drafted_before_it_was_published(get: Any) -> None:
    [post] = [post for post in listed(get, "posts", **OURS) if post["id"] == POST]
    words = r"We are hiring \(50 people\) in Pune for @[Acme Pay](urn:li:organization:7200) {hashtag|\#|jobs}"
    assert post["commentary"] == words
    assert post["publishedAt"] - post["createdAt"] == 5 * 86_400_000


def test_a_comment_is_edited_and_taken_away_at_its_time(get: Any, post: Any) -> None:
    def told(now: str) -> dict[str, dict[str, Any]]:
        post("/_sample/clock", {"now": now})
        return {one["commentUrn"]: one for one in below(get, POST)}

    before, after = told("2026-11-08T05:59:59Z")[ASKED], told("2026-11-08T06:00:00Z")[ASKED]
    assert (before["message"]["text"][10:16], after["message"]["text"][10:16]) == ("salery", "salary")
    assert before["lastModified"] == before["created"] == after["created"] != after["lastModified"]
    assert after["commentsSummary"]["aggregatedTotalComments"] == 2
    assert [REGRETTED in told(f"2026-11-04T07:0{minute}:00Z") for minute in (4, 5)] == [True, False]


def test_nobody_reads_without_token_version_and_right(get: Any) -> None:
    path = "/linkedin/rest/posts"
    assert get(path, {**LOGIN, "authorization": ""}, **OURS).status == 401
    assert get(path, {**LOGIN, "linkedin-version": "202401"}, **OURS).status == 426
    assert get(path, LOGIN, q="author", author="urn:li:organization:1").status == 403
    assert get("/linkedin/rest/socialActions/urn:li:share:1/comments", LOGIN).status == 404
