"""The sample server as Mastodon: timelines forward and back by links, threads, and what only we may read."""

import re
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import orjson

from social_crm.local.sample_api.company import Company
from social_crm.local.sample_api.mastodon import ACCOUNT_ID, HASHTAG

LOGIN = {"authorization": "Bearer networks-secret"}
ASKED, DIRECT = "117563955609600001", "117564152217600003"


def walked(get: Any, path: str, rel: str, **params: Any) -> tuple[list[dict[str, Any]], int]:
    """Return what the links of one direction lead through, and on how many pages."""
    found: list[dict[str, Any]] = []
    for number in range(1, 100):
        answer = get(f"/mastodon/api/v1/{path}", LOGIN, **params)
        page = orjson.loads(answer.body)
        if not page:
            return found, number
        found += page
        link = re.search(rf'<([^>]+)>; rel="{rel}"', answer.headers["link"])
        assert link
        params = dict(parse_qsl(urlsplit(link[1]).query))
    raise AssertionError("no end")


def test_own_statuses_are_walked_forward_and_mentions_back(get: Any, company: Company) -> None:
    lines = [line for line in company.networks["mastodon"] if "gone_at" not in line]
    own, pages = walked(get, f"accounts/{ACCOUNT_ID}/statuses", "prev", min_id="0")
    assert sorted(one["id"] for one in own) == [line["id"] for line in lines if line["by"] == ACCOUNT_ID]
    assert pages > 3
    mentions, _ = walked(get, "notifications", "next")
    stamps = [mention["created_at"] for mention in mentions]
    assert stamps == sorted(stamps, reverse=True)
    tagged, _ = walked(get, f"timelines/tag/{HASHTAG}", "prev", min_id="0")
    assert {one["id"] for one in own + tagged} | {one["status"]["id"] for one in mentions} == {
        line["id"] for line in lines
    }


def test_a_thread_is_told_from_its_first_status_on(get: Any) -> None:
    context = orjson.loads(get(f"/mastodon/api/v1/statuses/{DIRECT}/context", LOGIN).body)
    assert context["ancestors"][0]["id"] == ASKED
    assert get("/mastodon/api/v1/statuses/1/context", LOGIN).status == 404


def test_a_status_is_edited_in_place_and_may_be_for_us_alone(get: Any, post: Any) -> None:
    def told(now: str) -> dict[str, dict[str, Any]]:
        post("/_sample/clock", {"now": now})
        return {one["status"]["id"]: one["status"] for one in walked(get, "notifications", "next")[0]}

    before, after = told("2026-11-05T13:19:59Z"), told("2026-11-05T15:00:30Z")
    assert (before[ASKED]["edited_at"], after[ASKED]["edited_at"]) == (None, "2026-11-05T13:20:00.000Z")
    assert after[ASKED]["content"] == "<p>@acmepay my payment is stuck<br>since noon</p>"
    assert (after[DIRECT]["visibility"], DIRECT in before) == ("direct", False)
    assert len(after) - len(told("2026-11-05T15:01:00Z")) == 1


def test_nobody_reads_without_the_token(get: Any) -> None:
    assert get("/mastodon/api/v1/notifications", {}).status == 401
