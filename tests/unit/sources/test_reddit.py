"""Where readers of Reddit lose things or keep too much: lists that end early, names of the deleted, folded comments."""

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from harnesses import reddit as harness
from harnesses.reddit import GONE, FakeReddit, comment, fold, post
from servers.fake_api import Answer, Asked, FakeApi
from servers.fake_sources import HASTE, SECRET, START, WINDOW, read
from social_crm.errors import (
    ConnectionUnusable,
    ContractBroken,
    CredentialRefused,
    CursorRejected,
    RateLimited,
    SourceUnavailable,
    WindowUnavailable,
)
from social_crm.sources.model import Connection, Page, Request, Window
from social_crm.sources.rechecks import Known
from social_crm.sources.reddit import REDDIT
from social_crm.sources.reddit_lists import CUT_FROM, Reached

SUBMISSIONS, COMMENTS = REDDIT.resource("submissions"), REDDIT.resource("comments")
NOON = START + timedelta(hours=12)
EVER = Window(datetime(2005, 6, 23, 18, 45, 14, tzinfo=UTC), datetime(2026, 8, 1, tzinfo=UTC))


def connection(url: str, **options: Any) -> Connection:
    given = {"account": "acmebank", "searches": ["acme"], "login_host": url, "lookback_days": 0, **HASTE, **options}
    return Connection(url, "app", SECRET, given)


def known(*names: str) -> Known:
    return Known({name: name for name in names})


def posts(count: int, newest: datetime = NOON, **more: Any) -> list[dict[str, Any]]:
    return [post(number, newest - timedelta(minutes=count - number), **more) for number in range(1, count + 1)]


def names(pages: list[Page]) -> list[str]:
    return [record["name"] for page in pages for record in page.records]


def asked_for(api: FakeApi, path: str) -> list[Asked]:
    return [asked for asked in api.asked if asked.path.startswith(path)]


def read_until(error: type[Exception], pages: Iterator[Page]) -> tuple[list[Page], Any]:
    """Read to the error that is expected, and return both."""
    kept: list[Page] = []
    with pytest.raises(error) as raised:
        kept.extend(iter(lambda: next(pages), None))
    return kept, raised.value


def test_every_request_is_named_and_a_token_is_asked_for_once(fake_api: FakeApi) -> None:
    fake_api.respond = FakeReddit(posts(7))
    assert len(names(read(SUBMISSIONS, connection(fake_api.url)))) == 7
    assert len(asked_for(fake_api, "/api/v1/access_token")) == 1
    assert {asked.headers["user-agent"] for asked in fake_api.asked} == {
        "python:social-crm-warehouse:1 (by /u/acmebank)"
    }
    assert SECRET not in "".join(asked.query + str(asked.body) for asked in fake_api.asked)


def test_a_token_is_renewed_before_it_ends(fake_api: FakeApi) -> None:
    server = FakeReddit(posts(7))

    def respond(asked: Asked) -> Answer:
        answer = server(asked)
        is_token = asked.path.endswith("access_token")
        return replace(answer, body={**answer.body, "expires_in": 60}) if is_token else answer

    fake_api.respond = respond
    read(SUBMISSIONS, connection(fake_api.url))
    assert len(asked_for(fake_api, "/api/v1/access_token")) == len(asked_for(fake_api, "/search")) == 3


def test_a_post_that_leads_on_and_is_deleted_meanwhile_loses_nothing(fake_api: FakeApi) -> None:
    server = FakeReddit(posts(10))

    def respond(asked: Asked) -> Answer:
        answer = server(asked)
        if asked.path == "/search" and "after" not in asked.params:
            server.posts = [one for one in server.posts if one["id"] not in ("8", "9")]
        return answer

    fake_api.respond = respond
    assert names(read(SUBMISSIONS, connection(fake_api.url))) == [f"t3_{number}" for number in range(10, 0, -1)]


def test_a_list_that_ends_where_it_led_on_is_read_to_its_end(fake_api: FakeApi) -> None:
    server = FakeReddit(posts(6))

    def respond(asked: Asked) -> Answer:
        answer = server(asked)
        if asked.params.get("after") == "t3_4":
            answer.body["data"]["after"] = "t3_1"
        return answer

    fake_api.respond = respond
    assert len(names(read(SUBMISSIONS, connection(fake_api.url)))) == 6


def test_when_all_that_could_lead_on_is_deleted_a_later_try_is_asked_for(fake_api: FakeApi, naps: list[float]) -> None:
    server = FakeReddit(posts(20))

    def respond(asked: Asked) -> Answer:
        answer = server(asked)
        if asked.params.get("after") == "t3_18":
            server.posts = server.posts[:10]
        return answer

    fake_api.respond = respond
    with pytest.raises(SourceUnavailable, match="deleted while they were read"):
        read(SUBMISSIONS, connection(fake_api.url))


def test_a_saved_name_that_is_deleted_restarts_the_window(fake_api: FakeApi) -> None:
    server = FakeReddit(posts(10))
    fake_api.respond = server
    cursor = read(SUBMISSIONS, connection(fake_api.url))[0].cursor
    server.posts = [one for one in server.posts if one["id"] != "8"]
    with pytest.raises(CursorRejected):
        read(SUBMISSIONS, connection(fake_api.url), cursor)


@pytest.mark.parametrize(("count", "is_cut"), [(CUT_FROM - 1, False), (CUT_FROM, True)])
def test_a_long_list_that_ends_inside_the_window_is_a_gap_told_after_the_rest(
    fake_api: FakeApi, count: int, is_cut: bool
) -> None:
    loud, quiet = FakeReddit(posts(count + 40), most=count), FakeReddit(posts(1))
    fake_api.respond = lambda asked: (quiet if asked.path == "/r/acme/new" else loud)(asked)
    lists = connection(fake_api.url, searches=[], subreddits=["acmebank", "r/acme"])
    pages = SUBMISSIONS.extract(Request(lists, WINDOW, known=known("t3_9")))
    if not is_cut:
        assert len(names(list(pages))) == count + 1
        return
    kept, gap = read_until(WindowUnavailable, pages)
    assert len(names(kept)) == count + 1
    assert (gap.gap_start, gap.gap_end) == (START, NOON - timedelta(minutes=count - 1))
    assert {asked.path for asked in fake_api.asked} >= {"/r/acmebank/new", "/r/acme/new", "/api/info"}
    # A crash after the list does not forget it.
    _, again = read_until(WindowUnavailable, SUBMISSIONS.extract(Request(lists, WINDOW, kept[-1].cursor)))
    assert again.gap_end == gap.gap_end


def test_a_list_that_ends_before_the_window_is_no_gap(fake_api: FakeApi) -> None:
    old = post(5000, START - timedelta(minutes=1))
    fake_api.respond = FakeReddit([old, *posts(CUT_FROM + 10)])
    assert len(names(read(SUBMISSIONS, connection(fake_api.url)))) == CUT_FROM + 10


def test_a_resumed_list_remembers_how_much_was_read_of_it(fake_api: FakeApi) -> None:
    fake_api.respond = FakeReddit(posts(CUT_FROM))
    kept, _ = read_until(WindowUnavailable, SUBMISSIONS.extract(Request(connection(fake_api.url), WINDOW)))
    resumed = SUBMISSIONS.extract(Request(connection(fake_api.url), WINDOW, kept[-2].cursor))
    read_until(WindowUnavailable, resumed)


def test_posts_that_do_not_come_newest_first_are_noticed(fake_api: FakeApi) -> None:
    server = FakeReddit([post(1, NOON), post(2, NOON - timedelta(days=2))])

    def respond(asked: Asked) -> Answer:
        answer = server(asked)
        if asked.path == "/search":
            answer.body["data"]["children"].reverse()
        return answer

    fake_api.respond = respond
    with pytest.raises(ContractBroken, match="newest first"):
        read(SUBMISSIONS, connection(fake_api.url))


def test_a_server_that_ignores_after_is_noticed(fake_api: FakeApi) -> None:
    server = FakeReddit(posts(7))
    fake_api.respond = lambda asked: server(replace(asked, params={k: v for k, v in asked.params.items() if k != "after"}))  # fmt: skip  # noqa: E501
    with pytest.raises(ContractBroken, match="loop"):
        read(SUBMISSIONS, connection(fake_api.url))


def test_a_listing_that_has_its_things_twice_is_refused_for_some_would_be_lost(fake_api: FakeApi) -> None:
    server = FakeReddit(posts(2))
    fake_api.respond = lambda asked: Answer(
        server(asked).content.replace(b'"children": [', b'"children": [], "children": [', 1)
    )
    with pytest.raises(ContractBroken, match=r"a listing has two values under one key \(children\)"):
        read(SUBMISSIONS, connection(fake_api.url))


def test_a_post_that_two_lists_show_is_read_once(fake_api: FakeApi) -> None:
    fake_api.respond = FakeReddit(posts(4))
    both = connection(fake_api.url, searches=["acme", "acme bank"])
    assert names(read(SUBMISSIONS, both)) == ["t3_4", "t3_3", "t3_2", "t3_1"]


def test_what_is_in_raw_is_asked_for_by_id_and_tells_its_deletion(fake_api: FakeApi) -> None:
    gone = post(900, START - timedelta(days=20), "[deleted]", **GONE)
    fake_api.respond = FakeReddit(posts(2), known=[gone])
    keys = ["t3_1", *(f"t3_{number}" for number in range(900, 1050))]
    pages = list(SUBMISSIONS.extract(Request(connection(fake_api.url), WINDOW, known=known(*keys))))
    assert names(pages) == ["t3_2", "t3_1", "t3_900"]
    asked = [one.params["id"].split(",") for one in asked_for(fake_api, "/api/info")]
    assert [len(ids) for ids in asked] == [100, 50]  # without t3_1, which the search showed
    # Reddit sets `edited` back with a deletion: by that, the words that were edited would be the newer version.
    assert SUBMISSIONS.version_at(gone) is None
    fake_api.asked.clear()
    rest = list(SUBMISSIONS.extract(Request(connection(fake_api.url), WINDOW, pages[-2].cursor, known=known(*keys))))
    assert (names(rest), len(asked_for(fake_api, "/api/info"))) == ([], 1)


def test_a_tree_of_comments_is_read_whole_and_each_without_what_is_below_it(fake_api: FakeApi) -> None:
    elsewhere = comment(20, NOON, "t1_4", (comment(21, NOON, "t1_20"),))
    tree = [
        comment(2, NOON, "t3_1", (comment(3, NOON, "t1_2", (comment(4, NOON, "t1_3", (fold("t1_4"),)),)),)),
        fold("t3_1", *(str(number) for number in range(100, 230))),
    ]
    folded = [comment(number, NOON, "t3_1") for number in range(100, 229)] + [fold("t1_228", "400")]
    server = FakeReddit(
        posts(1, num_comments=140),
        threads={"1": tree, "1/_/4": [comment(4, NOON, "t1_3", (elsewhere,))]},
        folded=[*folded[:-1], comment(400, NOON, "t1_228")],
    )

    def respond(asked: Asked) -> Answer:
        answer = server(asked)
        if "228" in asked.params.get("children", "").split(","):
            answer.body["json"]["data"]["things"].append({"kind": "more", "data": folded[-1]})
        return answer

    fake_api.respond = respond
    pages = read(COMMENTS, connection(fake_api.url))
    expected = {2, 3, 4, 20, 21, *range(100, 229), 400}  # 229 is gone
    assert sorted(names(pages)) == sorted(f"t1_{number}" for number in expected)
    assert all("replies" not in record for page in pages for record in page.records)
    asked = [one.params["children"].split(",") for one in asked_for(fake_api, "/api/morechildren")]
    assert [len(ids) for ids in asked] == [100, 30, 1]
    assert {one.params["link_id"] for one in asked_for(fake_api, "/api/morechildren")} == {"t3_1"}


def test_comments_that_are_folded_again_for_ever_are_noticed(fake_api: FakeApi) -> None:
    fake_api.respond = FakeReddit(posts(1, num_comments=9), threads={"1": [fold("t1_4")], "1/_/4": [fold("t1_4")]})
    with pytest.raises(ContractBroken, match="folded again"):
        read(COMMENTS, connection(fake_api.url))


def test_comments_are_read_anew_below_older_posts_and_not_after_the_window(fake_api: FakeApi) -> None:
    old = post(1, START - timedelta(days=5), num_comments=3)
    silent = post(2, NOON, num_comments=0)
    below = [comment(3, NOON, "t3_1"), comment(4, WINDOW.end, "t3_1"), comment(5, START - timedelta(days=4), "t3_1")]
    fake_api.respond = FakeReddit([old, silent], threads={"1": below})
    assert names(read(COMMENTS, connection(fake_api.url, lookback_days=7))) == ["t1_3", "t1_5"]
    assert [one.path for one in asked_for(fake_api, "/comments/")] == ["/comments/1"]
    assert names(read(COMMENTS, connection(fake_api.url))) == []


def test_a_post_that_is_gone_since_its_list_was_read_has_no_comments(fake_api: FakeApi) -> None:
    fake_api.respond = FakeReddit(posts(2, num_comments=1), threads={"1": [comment(3, NOON, "t3_1")]})
    pages = read(COMMENTS, connection(fake_api.url))
    assert names(pages) == ["t1_3"]
    assert [(one.reason, one.position) for page in pages for one in page.rejected] == [("gone", "t3_2")]


@pytest.mark.parametrize(("status", "reason"), [(403, "private"), (403, "quarantined"), (404, "banned"), (302, "")])
def test_a_subreddit_that_is_closed_is_named_after_the_rest_was_read(
    fake_api: FakeApi, status: int, reason: str
) -> None:
    server = FakeReddit(posts(2), known=[post(9, START)])
    closed = Answer({"reason": reason, "message": "words", "error": status}, status)
    fake_api.respond = lambda asked: closed if asked.path == "/r/closed/new" else server(asked)
    given = connection(fake_api.url, searches=[], subreddits=["closed", "money"])
    kept, error = read_until(ConnectionUnusable, SUBMISSIONS.extract(Request(given, WINDOW, known=known("t3_9"))))
    assert sorted(names(kept)) == ["t3_1", "t3_2", "t3_9"]
    assert "r/closed/new: private, banned, renamed or not there" in str(error)
    assert not any(page.cursor for page in kept)


def test_a_search_that_leads_elsewhere_is_no_closed_subreddit(fake_api: FakeApi) -> None:
    server = FakeReddit()
    fake_api.respond = lambda asked: Answer("", 302) if asked.path == "/search" else server(asked)
    with pytest.raises(ContractBroken, match=r"redirected \(302\)"):
        read(SUBMISSIONS, connection(fake_api.url, subreddits=["money"]))


def test_a_thread_in_a_subreddit_that_is_closed_hides_no_other(fake_api: FakeApi) -> None:
    server = FakeReddit(posts(2, num_comments=1), threads={"1": [comment(5, NOON, "t3_1")]})
    closed = Answer({"reason": "private", "error": 403}, 403)
    fake_api.respond = lambda asked: closed if asked.path == "/comments/2" else server(asked)
    assert names(read(COMMENTS, connection(fake_api.url))) == ["t1_5"]


def test_a_token_that_may_read_nothing_is_no_closed_subreddit(fake_api: FakeApi) -> None:
    server = FakeReddit()
    fake_api.respond = lambda asked: server(asked) if "token" in asked.path else Answer({"message": "Forbidden"}, 403)
    with pytest.raises(CredentialRefused, match="may not read this"):
        read(SUBMISSIONS, connection(fake_api.url, searches=[], subreddits=["money"]))


def test_a_rate_limit_is_counted_in_seconds_from_now(fake_api: FakeApi, naps: list[float]) -> None:
    server = FakeReddit(posts(1))
    headers = {"X-Ratelimit-Used": "100", "X-Ratelimit-Remaining": "0.0", "X-Ratelimit-Reset": "290"}
    fake_api.respond = lambda asked: server(asked) if asked.body else Answer({"error": 429}, 429, headers)
    with pytest.raises(RateLimited) as limited:
        read(SUBMISSIONS, connection(fake_api.url))
    assert timedelta(seconds=280) < limited.value.resume_at - datetime.now(UTC) <= timedelta(seconds=290)


def test_a_list_of_before_the_end_of_the_window_is_waited_for(fake_api: FakeApi, naps: list[float]) -> None:
    server = FakeReddit(posts(1))
    early = {"Date": f"{WINDOW.end + timedelta(seconds=30):%a, %d %b %Y %T GMT}"}
    fake_api.respond = lambda asked: replace(server(asked), headers=early)
    with pytest.raises(SourceUnavailable, match="not over at the source"):
        read(SUBMISSIONS, connection(fake_api.url))


def test_a_position_is_read_as_it_was_written() -> None:
    for reached in (Reached(), Reached("t3_1", 7, 1_793_000_000)):
        assert Reached.of(str(reached)) == reached


def recorded(shared_data: Path, name: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (shared_data / f"reddit/{name}.jsonl").read_text().splitlines()]


def test_recorded_posts_are_read_and_dated(
    fake_api: FakeApi, shared_data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(harness, "PAGE", 100)
    fake_api.respond = FakeReddit(recorded(shared_data, "submissions"), most=10_000)
    pages = read(SUBMISSIONS, connection(fake_api.url), window=EVER)
    assert len({*names(pages)}) == len(names(pages)) == 2577
    dated = [SUBMISSIONS.event_at(record) for page in pages for record in page.records]
    assert dated[-1] == "2005-06-23T18:45:14+00:00"
    assert all(dated)


def test_recorded_comments_are_read_and_dated(fake_api: FakeApi, shared_data: Path) -> None:
    comments = recorded(shared_data, "comments")
    fake_api.respond = FakeReddit(posts(1, num_comments=len(comments)), threads={"1": comments})
    window = Window(EVER.start, WINDOW.end)
    pages = read(COMMENTS, connection(fake_api.url), window=window)
    assert len({*names(pages)}) == len(names(pages)) == 5195
    assert all(COMMENTS.event_at(record) for page in pages for record in page.records)
