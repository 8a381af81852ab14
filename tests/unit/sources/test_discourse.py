"""Where readers of Discourse lose posts: the last id, imported times, an ignored `before`; and its specification."""

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from harnesses.discourse import FakeDiscourse, post
from servers.fake_api import Answer, Asked, FakeApi
from servers.fake_sources import HASTE, SECRET, START, ids, read
from social_crm.errors import ContractBroken, RateLimited, SourceUnavailable
from social_crm.sources.discourse import DISCOURSE
from social_crm.sources.discourse_reading import LOOK_AHEAD
from social_crm.sources.model import Connection, Window

POSTS = DISCOURSE.resource("posts")
NOON = START + timedelta(hours=12)


def connection(url: str, **options: Any) -> Connection:
    return Connection(url, "bot", SECRET, {"lookback_days": 0, **HASTE, **options})


def posts(count: int) -> list[dict[str, Any]]:
    return [post(number, NOON) for number in range(1, count + 1)]


@pytest.mark.parametrize("is_inclusive", [True, False], ids=["as servers do", "as specified"])
@pytest.mark.parametrize("count", [1, 4, 5, 7, 8, 13])
def test_posts_are_read_to_the_first_one_and_none_twice(fake_api: FakeApi, is_inclusive: bool, count: int) -> None:
    fake_api.respond = FakeDiscourse(posts(count), is_inclusive)
    assert ids(read(POSTS, connection(fake_api.url))) == [str(number) for number in range(count, 0, -1)]


@pytest.mark.parametrize("is_inclusive", [True, False], ids=["as older servers do", "as specified"])
@pytest.mark.parametrize("hidden_count", [48, 49, 50, 51, 100, 300])
def test_pages_whose_posts_are_all_hidden_do_not_end_it(
    fake_api: FakeApi, is_inclusive: bool, hidden_count: int
) -> None:
    hidden = range(101, 101 + hidden_count)
    forum = posts(101 + hidden_count)
    fake_api.respond = FakeDiscourse(forum, is_inclusive, hidden, page_size=50)
    found = ids(read(POSTS, connection(fake_api.url)))
    assert found == [str(101 + hidden_count), *(str(number) for number in range(100, 0, -1))]


def test_a_forum_whose_first_posts_are_gone_ends_after_some_empty_pages(fake_api: FakeApi) -> None:
    fake_api.respond = FakeDiscourse([post(10**6, NOON)])
    assert ids(read(POSTS, connection(fake_api.url))) == [str(10**6)]
    assert len(fake_api.asked) == 1 + LOOK_AHEAD


def test_a_post_written_or_deleted_meanwhile_moves_nothing(fake_api: FakeApi) -> None:
    forum = FakeDiscourse(posts(10))

    def respond(asked: Asked) -> Answer:
        answer = forum(asked)
        if "before" not in asked.params:
            # The very post that the next page is asked for with is gone.
            forum.posts = [one for one in [*forum.posts, post(11, NOON)] if one["id"] != 7]
        return answer

    fake_api.respond = respond
    assert ids(read(POSTS, connection(fake_api.url))) == [str(number) for number in range(10, 0, -1)]


def test_the_walk_ends_with_a_page_that_is_too_old_and_not_with_one_post(fake_api: FakeApi) -> None:
    old = START - timedelta(days=400)
    imported = [post(number, old) for number in range(14, 17)]
    forum = [
        *(post(number, old) for number in range(1, 11)),
        *(post(number, NOON) for number in (11, 12, 13)),
        *imported,
    ]
    fake_api.respond = FakeDiscourse(forum)
    assert ids(read(POSTS, connection(fake_api.url))) == ["13", "12", "11"]
    assert len(fake_api.asked) == 3


def test_an_edited_moved_or_accepted_post_is_met_by_looking_back(fake_api: FakeApi) -> None:
    fake_api.respond = FakeDiscourse([post(1, START - timedelta(days=20), edited_at=NOON, topic_id=2, version=2)])
    assert ids(read(POSTS, connection(fake_api.url))) == []
    [page] = read(POSTS, connection(fake_api.url, lookback_days=30))
    assert (POSTS.event_at(page.records[0]), POSTS.version_at(page.records[0])) == (
        "2026-10-07T00:00:00.000Z",
        "2026-10-27T12:00:00.000Z",
    )


def test_a_server_that_ignores_before_is_noticed(fake_api: FakeApi) -> None:
    fake_api.respond = lambda asked: Answer({"latest_posts": [post(number, NOON) for number in (9, 8, 7)]})
    with pytest.raises(ContractBroken, match="`before` is ignored"):
        read(POSTS, connection(fake_api.url))


def test_a_list_of_before_the_end_of_the_window_is_waited_for(fake_api: FakeApi, naps: list[float]) -> None:
    early = {"Date": f"{START + timedelta(days=1, seconds=30):%a, %d %b %Y %T GMT}"}
    fake_api.respond = lambda asked: Answer({"latest_posts": posts(1)}, headers=early)
    with pytest.raises(SourceUnavailable, match="not over at the source"):
        read(POSTS, connection(fake_api.url))


def test_a_long_pause_gives_the_worker_back(fake_api: FakeApi, naps: list[float]) -> None:
    body = {"errors": ["You've performed this action too many times."], "error_type": "rate_limit"}
    fake_api.respond = lambda asked: Answer(body, 429, {"Retry-After": "3600"})
    with pytest.raises(RateLimited):
        read(POSTS, connection(fake_api.url))


def test_every_post_says_whose_forum_it_is_from(fake_api: FakeApi) -> None:
    fake_api.respond = FakeDiscourse(posts(1))
    [page] = read(POSTS, connection(fake_api.url))
    assert page.records[0]["site"] == fake_api.url
    [page] = read(POSTS, connection(fake_api.url, site="https://community.acme.example/forum"))
    assert page.records[0]["site"] == "https://community.acme.example"


@pytest.mark.parametrize("site", ["community.acme.example", "https://", "//community.acme.example", ""])
def test_an_address_without_scheme_or_host_is_refused(fake_api: FakeApi, site: str) -> None:
    for act in (DISCOURSE.check, lambda given: read(POSTS, given)):
        with pytest.raises(ContractBroken, match="option `site`"):
            act(connection(fake_api.url, site=site))
    assert fake_api.asked == []


@pytest.fixture
def listing(shared_data: Path) -> dict[str, Any]:
    """Return what the official specification says of the list that is read."""
    specification = json.loads((shared_data / "api_specs/discourse-openapi.json").read_text())
    found: dict[str, Any] = specification["paths"]["/posts.json"]["get"]
    return found


def test_the_fake_answers_what_the_official_specification_describes(listing: dict[str, Any]) -> None:
    headers = {"api-key": SECRET, "api-username": "bot"}
    body = FakeDiscourse([post(1, NOON), post(2, NOON, reply_to_post_number="1")])(Asked("/posts.json", {}, headers)).body  # fmt: skip  # noqa: E501
    jsonschema.validate(body, listing["responses"]["200"]["content"]["application/json"]["schema"])
    assert len(body["latest_posts"]) == 2


def test_nothing_is_asked_that_the_official_specification_does_not_know(
    listing: dict[str, Any], fake_api: FakeApi
) -> None:
    fake_api.respond = FakeDiscourse(posts(9))
    read(POSTS, connection(fake_api.url))
    known = {parameter["name"] for parameter in listing["parameters"]}
    assert {name for asked in fake_api.asked for name in asked.params} <= known
    assert {asked.path for asked in fake_api.asked} == {"/posts.json"}


def test_a_recorded_post_is_read(shared_data: Path, fake_api: FakeApi) -> None:
    recorded = json.loads((shared_data / "api_payloads/discourse/posts/get_post_response.json").read_text())
    fake_api.respond = FakeDiscourse([recorded])
    window = Window(START - timedelta(days=6000), START)
    [page] = read(POSTS, connection(fake_api.url), window=window)
    assert (POSTS.key(page.records[0]), POSTS.event_at(page.records[0])) == ("33", "2016-10-03T13:37:16.594Z")
