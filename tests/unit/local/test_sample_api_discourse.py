"""The sample server as Discourse: posts from the newest back, their places, and what became of them."""

from typing import Any

import orjson

from social_crm.local.sample_api.company import Company
from social_crm.local.sample_api.discourse import LARGEST_PAGE, USER

LOGIN = {"api-key": "networks-secret", "api-username": USER}
ASKED, SOLVED, WENT_ON = 70920001, 71040002, 72366003
BY_AN_EMPLOYEE, TAKEN_BACK, REMOVED = 80640006, 88560007, 89640009


def posts(get: Any) -> dict[int, dict[str, Any]]:
    """Return every post that pages lead to; each page begins with the last post of the one before."""
    found: dict[int, dict[str, Any]] = {}
    params: dict[str, int] = {}
    while True:
        page = orjson.loads(get("/discourse/posts.json", LOGIN, **params).body)["latest_posts"]
        assert len(page) <= LARGEST_PAGE
        assert page[0]["id"] == params.get("before", page[0]["id"])
        assert [post["id"] for post in page] == sorted((post["id"] for post in page), reverse=True)
        if not {post["id"] for post in page} - found.keys():
            return found
        found |= {post["id"]: post for post in page}
        params = {"before": page[-1]["id"]}


def test_every_post_is_on_some_page_but_what_was_removed(get: Any, company: Company) -> None:
    assert posts(get).keys() == {int(line["id"]) for line in company.networks["discourse"]} - {REMOVED}


def test_a_post_has_its_place_in_a_topic(get: Any) -> None:
    found = posts(get)
    topic = [found[number] for number in (ASKED, SOLVED, WENT_ON)]
    assert {post["topic_id"] for post in topic} == {ASKED}
    assert [post["post_number"] for post in topic] == [1, 2, 3]
    assert [post["topic_title"] for post in topic] == ["QR code"] * 3
    assert topic[2]["cooked"].startswith('<aside class="quote')
    assert (found[BY_AN_EMPLOYEE]["staff"], found[BY_AN_EMPLOYEE]["primary_group_name"]) == (False, "acme_people")


def test_posts_are_accepted_edited_and_taken_back_at_their_time(get: Any, post: Any) -> None:
    def told(now: str) -> dict[int, dict[str, Any]]:
        post("/_sample/clock", {"now": now})
        return posts(get)

    assert told("2026-11-03T08:59:59Z")[SOLVED]["accepted_answer"] is False
    assert told("2026-11-03T09:00:00Z")[SOLVED]["accepted_answer"] is True
    before, after = told("2026-11-05T06:59:59Z")[TAKEN_BACK], told("2026-11-05T07:00:00Z")[TAKEN_BACK]
    assert (before["user_deleted"], before["version"], after["user_deleted"], after["version"]) == (False, 1, True, 2)
    assert "private number" in before["cooked"]
    assert "private number" not in after["cooked"]
    assert REMOVED in told("2026-11-05T09:09:59Z")


def test_nobody_reads_without_key_and_name(get: Any) -> None:
    assert get("/discourse/posts.json", {**LOGIN, "api-username": "else"}).status == 403
    assert get("/discourse/latest.json", LOGIN).status == 404
