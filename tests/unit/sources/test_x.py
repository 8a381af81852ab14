"""What the X connector asks for, and what it makes of the answer."""

import json
from pathlib import Path
from typing import Any

import pytest

from servers.fake_api import Answer, FakeApi
from servers.fake_sources import SECRET, WINDOW, FakeX, ids, post, read, x_connection
from social_crm.errors import ContractBroken, CredentialRefused
from social_crm.sources.model import Connection, Request
from social_crm.sources.rechecks import Known
from social_crm.sources.x import X
from social_crm.sources.x_protocol import accounts, queries

FIXTURES = Path(__file__).parents[2] / "fixtures/x"
POSTS, REMOVALS, USERS = X.resource("posts"), X.resource("removals"), X.resource("users")


def test_one_query_asks_for_mentions_of_and_posts_by_each_account_and_for_no_retweets() -> None:
    expected = "(@AcmeBank OR from:AcmeBank OR @AcmePay OR from:AcmePay) -is:retweet"
    assert queries(["AcmeBank", "AcmePay"]) == [expected]


def test_queries_stay_under_the_limit_and_lose_no_account() -> None:
    handles = [f"Handle{number:04d}" for number in range(100)]
    found = queries(handles)
    assert max(len(query) for query in found) <= 512
    assert [word for query in found for word in query.removesuffix(" -is:retweet").strip("()").split(" OR ")] == [
        term for handle in handles for term in (f"@{handle}", f"from:{handle}")
    ]


@pytest.mark.parametrize("wrong", [[], ["two words"], ["a) OR (b"], ["sixteen_letters_"], ["ácme"]])
def test_what_cannot_be_a_handle_is_named(wrong: list[str]) -> None:
    with pytest.raises(ContractBroken, match="option `accounts`"):
        accounts(Connection("https://api.x.com", options={"accounts": wrong}))


def test_an_at_sign_before_a_handle_is_forgiven() -> None:
    assert accounts(Connection("https://api.x.com", options={"accounts": ["@AcmeBank"]})) == ["AcmeBank"]


def test_several_queries_are_read_one_after_the_other_and_resume_in_any_of_them(fake_api: FakeApi) -> None:
    fake_api.respond = FakeX([post(number) for number in range(150)])
    connection = x_connection(fake_api.url, accounts=["One", "Two", "Three"], query_length=40)
    pages = read(POSTS, connection)
    assert [asked.params["query"] for asked in fake_api.asked[::2]] == queries(["One", "Two", "Three"], 40)
    assert len(pages) == 6
    for done, page in enumerate(pages[:-1], 1):
        assert ids(read(POSTS, connection, page.cursor)) == ids(pages[done:])
    assert pages[-1].cursor is None


def test_x_says_of_each_post_whether_it_can_still_be_read(fake_api: FakeApi) -> None:
    fake_api.respond = lambda asked: Answer(json.loads((FIXTURES / "removals.json").read_text()))
    ids_asked = [f"198300000000000000{number}" for number in (3, 5, 1)]
    known = Known({one: one for one in ids_asked})
    (page,) = REMOVALS.extract(Request(x_connection(fake_api.url), WINDOW, known=known))
    # One is deleted, one belongs to an account that is protected by now.
    assert {record["key"]: record["is_removed"] for record in page.records} == dict.fromkeys(ids_asked[1:], True)
    assert sorted(fake_api.asked[0].params["ids"].split(",")) == sorted(ids_asked)
    assert {*fake_api.asked[0].params} == {"ids"}


@pytest.mark.parametrize("body", [{}, {"data": None, "errors": None}, {"data": [{"id": "2"}]}, {"errors": [None]}])
def test_a_post_of_which_x_says_nothing_is_not_taken_for_deleted(fake_api: FakeApi, body: dict[str, Any]) -> None:
    fake_api.respond = lambda asked: Answer(body)
    request = Request(x_connection(fake_api.url), WINDOW, known=Known({"1": "1"}))
    with pytest.raises(ContractBroken, match=r"x\.removals .* X says nothing about 1 of 1 posts"):
        list(REMOVALS.extract(request))


def test_the_window_is_asked_for_half_open_and_newest_first(fake_api: FakeApi) -> None:
    fake_api.respond = FakeX()
    read(POSTS, x_connection(fake_api.url))
    params = fake_api.asked[0].params
    assert (params["start_time"], params["end_time"]) == ("2026-10-27T00:00:00Z", "2026-10-28T00:00:00Z")
    assert params["max_results"] == "100"
    assert "sort_order" not in params


@pytest.mark.parametrize("empty", [{"data": None}, {"errors": None}, {"includes": None}, {"includes": {"users": None}}])
def test_a_null_is_as_good_as_nothing(fake_api: FakeApi, empty: dict[str, Any]) -> None:
    fake_api.respond = lambda asked: Answer({"meta": {"result_count": 0}, **empty})
    assert ids(read(POSTS, x_connection(fake_api.url))) == []


def test_an_edit_is_a_version_of_the_first_id_and_the_author_is_joined(fake_api: FakeApi) -> None:
    fake_api.respond = lambda asked: Answer(json.loads((FIXTURES / "posts.json").read_text()))
    (page,) = read(POSTS, x_connection(fake_api.url))
    edited, reply, orphan = page.records
    assert POSTS.key(edited) == "1983000000000000003"
    assert POSTS.version_at(edited) == "2026-10-27T09:20:00.000Z"
    assert (edited["author"]["username"], reply["author"]["username"]) == ("ravi_p", "AcmeBank")
    assert "author" not in orphan
    assert [rejected.position for rejected in page.rejected] == ["tweet 1983000000000000002"]


def test_a_post_without_edits_is_its_own_key() -> None:
    assert POSTS.key({"id": "9007199254740993"}) == "9007199254740993"
    assert POSTS.key({}) is None


def test_accounts_are_asked_for_a_hundred_at_a_time_and_a_missing_one_is_counted(fake_api: FakeApi) -> None:
    fake_api.respond = FakeX()
    missing = {"resource_type": "user", "resource_id": "Handle3", "parameter": "usernames", "title": "Not Found Error"}
    fake_api.faults.append(Answer({"data": [{"id": "1", "username": "Handle0"}], "errors": [missing]}))
    pages = read(USERS, x_connection(fake_api.url, accounts=[f"Handle{number}" for number in range(150)]))
    assert [len(asked.params["usernames"].split(",")) for asked in fake_api.asked] == [100, 50]
    assert [rejected.position for page in pages for rejected in page.rejected] == ["user Handle3"]


@pytest.mark.parametrize(
    ("connection", "answer", "message"),
    [
        (Connection("http://127.0.0.1:9", options={"accounts": ["A"]}), None, "x_api holds no secret"),
        (None, Answer({"title": "Unauthorized"}, 401), "wrong or revoked"),
        (None, Answer({"title": "Unauthorized", "detail": "Token expired"}, 401), "has expired"),
        (None, Answer({"title": "Client Forbidden"}, 403), "may not read this"),
    ],
    ids=["missing", "wrong", "expired", "forbidden"],
)
def test_the_check_tells_what_is_wrong_with_the_credential(
    fake_api: FakeApi, connection: Connection | None, answer: Answer | None, message: str
) -> None:
    fake_api.respond = lambda asked: answer or Answer()
    with pytest.raises(CredentialRefused, match=message) as caught:
        X.check(connection or x_connection(fake_api.url))
    assert SECRET not in str(caught.value)


def test_the_check_of_a_good_credential_is_one_cheap_call(fake_api: FakeApi) -> None:
    fake_api.respond = FakeX()
    X.check(x_connection(fake_api.url))
    assert [asked.path for asked in fake_api.asked] == ["/2/users/by"]
