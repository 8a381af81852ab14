"""The sample server as X: search, paging, edits, deletions, refusals."""

import json
import re
import time
from pathlib import Path
from typing import Any

import orjson
import pytest

from social_crm.local.sample_api.app import Credentials, SampleApi
from social_crm.local.sample_api.company import Company, load_company
from social_crm.local.sample_api.messages import Call
from social_crm.local.sample_api.x_index import parse_query
from social_crm.settings import PROJECT_ROOT

SEARCH = "/2/tweets/search/recent"
EDITED, EDIT = "2119213306475469050", "2119219597931446363"
DELETED = "2118523762897873931"


def walk(get: Any, **params: Any) -> list[dict[str, Any]]:
    """Return the posts of all pages."""
    posts: list[dict[str, Any]] = []
    while True:
        body = orjson.loads(get(SEARCH, **params).body)
        posts += body.get("data", [])
        if "next_token" not in body["meta"]:
            return posts
        params["next_token"] = body["meta"]["next_token"]


def ids_in_story(company: Company, now: str, wanted: str) -> set[str]:
    """Return the ids of unedited posts by or about an account that exist at a moment."""
    edited = {post.get("edit_of", "") for post in company.posts}
    account = next(user["id"] for user in company.users if user["username"].lower() == wanted)
    return {
        post["id"]
        for post in company.posts
        if post["at"] <= now
        and post.get("gone_at", "9") > now
        and "edit_of" not in post
        and post["id"] not in edited
        and (post["by"] == account or re.search(rf"@{wanted}\b", post["text"], re.IGNORECASE))
    }


@pytest.mark.parametrize("size", [10, 37, 100])
def test_pages_give_every_post_once_and_newest_first(get: Any, company: Company, size: int) -> None:
    found = walk(get, query="(@AcmeBankSG OR from:AcmeBankSG)", max_results=size)
    ids = [post["id"] for post in found]
    assert ids == sorted(set(ids), key=int, reverse=True)
    unedited = {post["id"] for post in found if len(post["edit_history_tweet_ids"]) == 1}
    assert unedited == ids_in_story(company, "2026-11-09T00:00:00Z", "acmebanksg")


def test_a_window_holds_its_start_and_not_its_end(get: Any) -> None:
    bounds = {"start_time": "2026-10-27T14:00:00Z", "end_time": "2026-10-27T14:23:30Z"}
    texts = [post["text"] for post in walk(get, query="@AcmeBank", max_results=100, **bounds)]
    assert "@AcmeBank where do I find my routing number in the app?" in texts
    later = {"start_time": "2026-10-27T14:00:01Z", "end_time": "2026-10-27T14:23:31Z"}
    texts = [post["text"] for post in walk(get, query="from:AcmeBank", max_results=100, **later)]
    assert [text for text in texts if "under account details" in text]


def test_nothing_is_told_before_it_happened(get: Any, post: Any) -> None:
    post("/_sample/clock", {"now": "2026-10-29T00:00:00Z"})
    found = walk(get, query="(@AcmePay OR from:AcmePay)", max_results=100, tweet__fields="created_at")
    assert found
    assert max(post["created_at"] for post in found) <= "2026-10-29T00:00:00.000Z"


def test_an_edit_takes_the_place_of_the_post_once_it_was_made(get: Any, post: Any) -> None:
    post("/_sample/clock", {"now": "2026-11-08T00:00:00Z"})
    before = {p["id"]: p for p in walk(get, query="@AcmeBankSG", max_results=100)}
    post("/_sample/clock", {"now": "2026-11-08T01:00:00Z"})
    after = {p["id"]: p for p in walk(get, query="@AcmeBankSG", max_results=100)}
    assert before[EDITED]["edit_history_tweet_ids"] == [EDITED]
    assert EDIT not in before
    assert after[EDIT]["edit_history_tweet_ids"] == [EDITED, EDIT]
    assert EDITED not in after


def test_a_deleted_post_is_gone(get: Any, post: Any) -> None:
    around = {"start_time": "2026-11-06T01:00:00Z", "end_time": "2026-11-06T02:30:00Z", "max_results": 100}
    assert DELETED not in {found["id"] for found in walk(get, query="@AcmeBankSG", **around)}
    post("/_sample/clock", {"now": "2026-11-08T00:00:00Z"})
    assert DELETED in {found["id"] for found in walk(get, query="@AcmeBankSG", **around)}


def test_an_author_who_is_gone_is_an_error_beside_the_data(get: Any) -> None:
    around = {"start_time": "2026-11-03T12:30:00Z", "end_time": "2026-11-03T12:30:01Z"}
    body = orjson.loads(get(SEARCH, query="@AcmeBank", expansions="author_id", **around).body)
    author = body["data"][0]["author_id"]
    assert [(error["parameter"], error["resource_id"]) for error in body["errors"]] == [("author_id", author)]
    assert "includes" not in body


def test_an_answer_without_posts_has_no_data(get: Any) -> None:
    assert orjson.loads(get(SEARCH, query="@nobody_at_all").body) == {"meta": {"result_count": 0}}


def test_only_the_fields_asked_for_are_sent(get: Any) -> None:
    body = orjson.loads(get(SEARCH, query="@AcmeBank").body)
    assert {name for post in body["data"] for name in post} == {"id", "text", "edit_history_tweet_ids"}


@pytest.mark.parametrize(
    ("params", "parameter"),
    [
        ({"query": ""}, "query"),
        ({"query": "@AcmeBank lang:en"}, "query"),
        ({"query": "@AcmeBank", "max_results": 9}, "max_results"),
        ({"query": "@AcmeBank", "max_results": 101}, "max_results"),
        ({"query": "@AcmeBank", "start_time": "yesterday"}, "start_time"),
        ({"query": "@AcmeBank", "start_time": "2026-11-02T00:00:00Z", "end_time": "2026-11-02T00:00:00Z"}, "end_time"),
        ({"query": "@AcmeBank", "next_token": "nonsense"}, "next_token"),
        ({"query": "@AcmeBank", "tweet__fields": "id,mood"}, "tweet.fields"),
    ],
)
def test_a_wrong_parameter_is_refused_by_name(get: Any, params: dict[str, Any], parameter: str) -> None:
    answer = get(SEARCH, **params)
    assert (answer.status, answer.content_type) == (400, "application/problem+json; charset=utf-8")
    assert list(orjson.loads(answer.body)["errors"][0]["parameters"]) == [parameter]


def test_a_token_is_good_for_its_own_query_alone(get: Any) -> None:
    token = orjson.loads(get(SEARCH, query="@AcmeBank").body)["meta"]["next_token"]
    assert get(SEARCH, query="@AcmeBank", next_token=token).status == 200
    assert get(SEARCH, query="@AcmePay", next_token=token).status == 400


@pytest.mark.parametrize("login", [{}, {"authorization": "Bearer wrong"}])
def test_without_the_right_token_nothing_is_told(get: Any, login: dict[str, str]) -> None:
    answer = get(SEARCH, login=login, query="@AcmeBank")
    assert answer.status == 401
    assert b"data" not in answer.body


def test_users_by_name_names_the_unknown_ones(get: Any) -> None:
    body = orjson.loads(get("/2/users/by", usernames="acmebank,Nobody_1", user__fields="public_metrics").body)
    assert [user["username"] for user in body["data"]] == ["AcmeBank"]
    assert body["data"][0]["public_metrics"]["followers_count"] > 0
    assert [error["value"] for error in body["errors"]] == ["Nobody_1"]


def test_terms_are_read_with_and_without_parentheses() -> None:
    expected = frozenset({"@acmebank", "from:acmebank"})
    assert parse_query("(@AcmeBank OR from:@AcmeBank)") == parse_query("@AcmeBank OR from:AcmeBank") == expected


def test_other_posts_can_be_served_in_place_of_the_story_and_fast(tmp_path: Path) -> None:
    user = {"id": "1", "username": "Airline", "name": "Airline"}
    lines = [user] + [
        {
            "id": str(number),
            "at": f"2017-10-{number // 3600 % 28 + 1:02d}T10:{number // 60 % 60:02d}:{number % 60:02d}Z",
        }
        | {"by": str(number % 900), "text": f"@Airline late again {number}", "root": str(number)}
        for number in range(2, 50_002)
    ]
    file = tmp_path / "posts.jsonl"
    file.write_text("\n".join(json.dumps(line) for line in lines))
    other = load_company(PROJECT_ROOT / "sample/data", x_posts=file)
    server = SampleApi(other, Credentials("t", "e", "z", "n"), tmp_path / "state")
    headers = {"authorization": "Bearer t"}

    def ask(**params: str) -> dict[str, Any]:
        body = {"query": "(@Airline OR from:Airline)", "max_results": "100", **params}
        answer = server.respond(Call("GET", SEARCH, body, headers))
        return orjson.loads(answer.body)  # type: ignore[no-any-return]

    page, ids = ask(), set()
    began = time.perf_counter()
    for _ in range(50):
        ids |= {post["id"] for post in page["data"]}
        page = ask(next_token=page["meta"]["next_token"])
    assert len(ids) == 5_000
    assert (time.perf_counter() - began) / 50 < 0.03
