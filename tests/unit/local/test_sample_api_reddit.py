"""The sample server as Reddit: a token, lists led on by names, trees with folds, and things by their names."""

import base64
from typing import Any

import orjson
import pytest

from social_crm.local.sample_api.app import SampleApi
from social_crm.local.sample_api.company import Company
from social_crm.local.sample_api.messages import Answer, Call
from social_crm.local.sample_api.reddit import APPLICATION, DOOR

READER = {"user-agent": "python:test:1 (by /u/acmebank)"}
PAIR = base64.b64encode(f"{APPLICATION}:networks-secret".encode()).decode()


def token(server: SampleApi, pair: str = PAIR, body: bytes = b"grant_type=client_credentials") -> Answer:
    return server.respond(Call("POST", DOOR, {}, {**READER, "authorization": f"Basic {pair}"}, body))


@pytest.fixture
def ask(server: SampleApi, get: Any) -> Any:
    """Return a function that asks as the application."""
    login = {**READER, "authorization": f"Bearer {orjson.loads(token(server).body)['access_token']}"}
    return lambda path, **params: orjson.loads(get(f"/reddit/{path}", login, **params).body)


def names_of(ask: Any, path: str, **params: Any) -> tuple[list[str], int]:
    """Return the names of all posts of a list, and on how many pages they came."""
    found: list[str] = []
    for number in range(1, 100):
        listing = ask(path, **params)["data"]
        found += [child["data"]["name"] for child in listing["children"]]
        if listing["after"] is None:
            return found, number
        params["after"] = listing["after"]
    raise AssertionError("no end")


def test_lists_give_the_newest_first_and_lead_on_by_names(ask: Any, company: Company) -> None:
    posts = [line for line in company.networks["reddit"] if line["kind"] == "submission"]
    own, pages = names_of(ask, "r/acmebank/new")
    assert own == [post["id"] for post in reversed(posts) if post["subreddit"] == "acmebank"]
    assert pages > 2
    found = {name for words in ('"Acme Bank"', '"Acme Pay"') for name in names_of(ask, "search", q=words)[0]}
    assert found | {*own} == {post["id"] for post in posts}
    assert ask("r/acmebank/new", after="t3_gone")["data"]["children"] == []


def test_a_tree_is_folded_where_it_is_wide_and_where_it_is_deep(ask: Any, company: Company) -> None:
    lines = company.networks["reddit"]
    [post] = [line["id"] for line in lines if line.get("title", "").startswith("Acme Pay down")]
    wanted = {line["id"] for line in lines if line.get("on") == post}
    found, folds, things = set(), [], ask(f"comments/{post[3:]}")[1]["data"]["children"]
    while things:
        thing = things.pop()
        data = thing["data"]
        if thing["kind"] == "t1":
            found.add(data["name"])
            things += data["replies"]["data"]["children"] if data["replies"] else []
            continue
        folds.append(bool(data["children"]))
        if data["children"]:
            names = ",".join(data["children"])
            things += ask("api/morechildren", link_id=post, children=names)["json"]["data"]["things"]
        else:
            things += ask(f"comments/{post[3:]}/_/{data['parent_id'][3:]}")[1]["data"]["children"]
    assert found == wanted
    assert {*folds} == {True, False}


def test_what_moderators_take_away_stays_without_words_and_author_and_is_no_edit(ask: Any, post: Any) -> None:
    def told(now: str) -> list[dict[str, Any]]:
        post("/_sample/clock", {"now": now})
        listing = ask("api/info", id="t3_s00001,t1_c00003")
        return [child["data"] for child in listing["data"]["children"]]

    (_, insult), (written, removed), (edited, _) = map(
        told, ("2026-11-03T14:29:00Z", "2026-11-03T14:30:00Z", "2026-11-08T15:00:00Z")
    )
    assert insult["body"] != removed["body"] == "[removed]"
    assert (removed["author"], removed["edited"], "author_fullname" in removed) == ("[deleted]", False, False)
    assert removed["created_utc"] == insult["created_utc"]
    assert (written["edited"], edited["edited"]) == (False, 1794150000.0)


def test_who_gives_no_name_no_secret_or_no_token_is_turned_away(server: SampleApi, get: Any) -> None:
    assert get("/reddit/r/acmebank/new", {}).status == 429
    assert get("/reddit/r/acmebank/new", READER).status == 401
    assert token(server, "d3Jvbmc6cGFpcg==").status == 401
    assert b"unsupported_grant_type" in token(server, body=b"").body
