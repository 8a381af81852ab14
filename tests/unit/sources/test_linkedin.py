"""LinkedIn: how its lists end, what is below a post, and what a sunset version says."""

from datetime import timedelta
from typing import Any

import pytest

from harnesses.linkedin import ACME, FakeLinkedin, comment, milliseconds, post, refused
from servers.fake_api import Answer, Asked, FakeApi
from servers.fake_sources import HASTE, SECRET, START, WINDOW, read_in_attempts
from social_crm.errors import ContractBroken, CursorRejected, RateLimited
from social_crm.sources.linkedin import LINKEDIN
from social_crm.sources.model import Connection, Record, Request

POSTS, COMMENTS = LINKEDIN.resources
HOUR = timedelta(hours=1)
REPLIED = "urn:li:comment:(urn:li:activity:9,1)"


def read(resource: Any, api: FakeApi, server: FakeLinkedin, **options: Any) -> list[Record]:
    api.respond = server
    connection = Connection(api.url, secret=SECRET, options={"organizations": ["71"], **HASTE, **options})
    return [record for page in resource.extract(Request(connection, WINDOW)) for record in page.records]


def ids(comments: list[Record]) -> list[str]:
    return [one["id"] for one in comments]


@pytest.mark.parametrize("tells_totals", [True, False])
def test_a_page_with_fewer_than_were_asked_for_ends_no_list(fake_api: FakeApi, tells_totals: bool) -> None:
    posts = [post(number, START + number * HOUR) for number in range(8)]
    found = read(POSTS, fake_api, FakeLinkedin(posts, tells_totals=tells_totals))
    assert len(found) == 8
    assert [asked.params["start"] for asked in fake_api.asked][:3] == ["0", "100", "200"]


def test_a_next_link_leads_on_past_a_total_that_is_wrong(fake_api: FakeApi) -> None:
    answers = [
        {
            "elements": [post(1, START)],
            "paging": {"total": 1, "links": [{"rel": "next", "href": "/rest/posts?start=100"}]},
        },
        {"elements": [post(2, START)], "paging": {"total": 1, "links": []}},
    ]
    assert len(read(POSTS, fake_api, lambda asked: Answer(answers[int(asked.params["start"]) // 100]))) == 2


def test_posts_are_read_back_to_the_look_back_and_no_further(fake_api: FakeApi) -> None:
    posts = [post(number, START - timedelta(days=10 * number)) for number in range(20)]
    assert len(read(POSTS, fake_api, FakeLinkedin(posts))) == 4
    assert len(fake_api.asked) == 3


def test_an_order_that_linkedin_ignores_is_noticed_where_the_walk_would_end(fake_api: FakeApi) -> None:
    oldest_first = [post(number, START - timedelta(days=40 - number)) for number in range(3)]
    answer = Answer({"elements": oldest_first, "paging": {"start": 0, "total": 300, "links": []}})
    with pytest.raises(ContractBroken, match="should be newest first"):
        read(POSTS, fake_api, lambda asked: answer)


def test_a_post_counts_when_it_was_published_and_ends_the_list_by_when_it_was_drafted(fake_api: FakeApi) -> None:
    ages = {1: (0, 0), 2: (29, 0), 3: (40, 10), 4: (50, 50), 5: (60, 0), 6: (70, 0), 7: (80, 0)}
    posts = [
        post(number, START - timedelta(days=drafted)) | {"publishedAt": milliseconds(START - timedelta(days=published))}
        for number, (drafted, published) in ages.items()
    ]
    tomorrows = post(8, START) | {"publishedAt": milliseconds(WINDOW.end)}
    found = read(POSTS, fake_api, FakeLinkedin([*posts, tomorrows]))
    # Three a page: 8 of tomorrow, 1, 2; 3, 4, 5, all of them old drafts; 6 and 7 are not asked for.
    assert ids(found) == [f"urn:li:share:{number}" for number in (1, 2, 3, 5)]
    assert len(fake_api.asked) == 2


def test_all_comments_and_their_replies_stand_below_the_post_that_was_asked_for(fake_api: FakeApi) -> None:
    said = [comment(1, START, replies=3), comment(2, START), comment(3, START)]
    replies = [comment(number, START + HOUR) for number in (11, 12, 13)]
    server = FakeLinkedin([post(7, START)], {"urn:li:share:7": said, REPLIED: replies})
    found = read(COMMENTS, fake_api, server)
    assert ids(found) == ["1", "11", "12", "13", "2", "3"]
    # Its own `object` is an activity, whose number is none of the post's.
    assert {(one["post_id"], one["organization"]) for one in found} == {("urn:li:share:7", ACME)}
    assert [one.get("parentComment") for one in found][:3] == [None, REPLIED, REPLIED]


def test_a_late_comment_below_an_old_post_is_read_and_one_of_tomorrow_is_not(fake_api: FakeApi) -> None:
    said = [comment(1, WINDOW.end - HOUR), comment(2, WINDOW.end)]
    server = FakeLinkedin([post(7, START - timedelta(days=20))], {"urn:li:share:7": said})
    assert ids(read(COMMENTS, fake_api, server)) == ["1"]


def test_comments_complete_where_no_attempt_may_ask_for_all(fake_api: FakeApi) -> None:
    posts = [post(number, START + number * HOUR) for number in range(12)]
    server = FakeLinkedin(posts, {f"urn:li:share:{number}": [comment(number, START)] for number in range(12)})

    def five_then_limited(asked: Asked) -> Answer:
        quota = Answer({"status": 429, "code": "TOO_MANY_REQUESTS"}, 429, {"Retry-After": "3600"})
        return quota if len(fake_api.asked) % 6 == 0 else server(asked)

    fake_api.respond = five_then_limited
    connection = Connection(fake_api.url, secret=SECRET, options={"organizations": ["71"], **HASTE})
    pages, attempts = read_in_attempts(COMMENTS, connection, RateLimited)
    assert {one["id"] for page in pages for one in page.records} == {str(number) for number in range(12)}
    assert attempts == 4


def test_a_position_in_the_lists_of_other_pages_is_not_used(fake_api: FakeApi) -> None:
    fake_api.respond = FakeLinkedin([post(number, START) for number in range(8)])
    options = {"organizations": ["71"], **HASTE}
    first, *_ = POSTS.extract(Request(Connection(fake_api.url, secret=SECRET, options=options), WINDOW))
    other = Connection(fake_api.url, secret=SECRET, options={**options, "organizations": ["72"]})
    with pytest.raises(CursorRejected, match="pages"):
        list(POSTS.extract(Request(other, WINDOW, first.cursor)))


def test_a_post_that_is_gone_since_it_was_listed_hides_no_other(fake_api: FakeApi) -> None:
    server = FakeLinkedin([post(7, START), post(8, START)], {"urn:li:share:8": [comment(1, START)]})
    assert ids(read(COMMENTS, fake_api, server)) == ["1"]
    connection = Connection(fake_api.url, secret=SECRET, options={"organizations": ["71"], **HASTE})
    [page] = COMMENTS.extract(Request(connection, WINDOW))
    assert [(one.reason, one.position) for one in page.rejected] == [("gone", "urn:li:share:7")]


def test_another_refusal_is_no_empty_list(fake_api: FakeApi) -> None:
    server = FakeLinkedin([post(7, START)])
    with pytest.raises(ContractBroken, match="400"):
        read(COMMENTS, fake_api, lambda asked: refused(400, "ILLEGAL_ARGUMENT") if "social" in asked.path else server(asked))  # fmt: skip  # noqa: E501


def test_a_version_that_is_no_longer_served_names_the_option(fake_api: FakeApi) -> None:
    with pytest.raises(ContractBroken, match="set option `version`") as broken:
        read(POSTS, fake_api, FakeLinkedin(), version="202401")
    assert "quote a person" not in str(broken.value)


@pytest.mark.parametrize("organizations", [[], ["acme"], ["urn:li:person:7x"]])
def test_pages_are_named_by_numbers(fake_api: FakeApi, organizations: list[str]) -> None:
    with pytest.raises(ContractBroken, match="organizations"):
        read(POSTS, fake_api, FakeLinkedin(), organizations=organizations)


def test_times_are_milliseconds_and_anything_else_is_none() -> None:
    assert COMMENTS.event_at(comment(1, START)) == "2026-10-27T00:00:00+00:00"
    assert POSTS.event_at({"createdAt": 1793059200500}) == "2026-10-27T00:00:00.500000+00:00"
    assert [POSTS.event_at(one) for one in ({}, {"publishedAt": "soon"}, {"publishedAt": 10**20})] == [None] * 3


def test_its_terms_forbid_to_match_its_authors() -> None:
    assert "CRM" in LINKEDIN.matching_forbidden
