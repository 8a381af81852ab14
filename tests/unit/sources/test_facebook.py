"""Where connectors of Facebook lose or invent things: links, retries of every 400, gone or hidden, late comments."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

import pytest

from harnesses.facebook import post, said
from servers.fake_api import Answer, Asked, FakeApi
from servers.fake_graph import FakeGraph, refused, stamp
from servers.fake_sources import HASTE, SECRET, START, WINDOW, ids, read, read_in_attempts
from social_crm.errors import ContractBroken, CredentialRefused, CursorRejected, RateLimited
from social_crm.sources.facebook import FACEBOOK
from social_crm.sources.graph_api import _tell_version, position_after
from social_crm.sources.model import Connection, Page, Request, Window

POSTS, COMMENTS, MESSAGES = (FACEBOOK.resource(name) for name in ("posts", "comments", "messages"))
NOON = START + timedelta(hours=12)
EVER = Window(datetime(2006, 1, 1, tzinfo=UTC), datetime(2026, 1, 1, tzinfo=UTC))


def connection(url: str, **options: Any) -> Connection:
    return Connection(url, secret=SECRET, options={**HASTE, **options})


def test_next_is_followed_on_our_own_host_and_its_token_is_kept_nowhere(fake_api: FakeApi) -> None:
    fake_api.respond = FakeGraph([post(number, NOON + timedelta(minutes=number)) for number in range(8)])
    pages = read(POSTS, connection(fake_api.url))
    assert len(ids(pages)) == 8
    assert all(SECRET not in str(page.cursor) for page in pages)
    assert all("access_token" not in call.params for call in fake_api.asked)


def test_an_empty_page_before_the_end_does_not_end_a_list_nor_do_cursors_lead_on(fake_api: FakeApi) -> None:
    fake_api.respond = FakeGraph([post(number, NOON) for number in range(2)], is_empty_first=True)
    assert len(ids(read(POSTS, connection(fake_api.url)))) == 2
    assert len(fake_api.asked) == 2


@pytest.mark.parametrize("paging", [None, {"next": None}, {}])
def test_a_list_ends_where_nothing_leads_on(fake_api: FakeApi, paging: Any) -> None:
    fake_api.respond = lambda asked: Answer({"data": [post(1, NOON)], "paging": paging})
    assert len(ids(read(POSTS, connection(fake_api.url)))) == 1


def test_an_edit_of_an_older_post_is_met_by_looking_back(fake_api: FakeApi) -> None:
    old = post(1, START - timedelta(days=20), edited_at=NOON)
    fake_api.respond = FakeGraph([old])
    (page,) = read(POSTS, connection(fake_api.url))
    assert [POSTS.version_at(record) for record in page.records] == [stamp(NOON)]
    assert ids(read(POSTS, connection(fake_api.url, lookback_days=10))) == []


def test_bounds_are_asked_for_a_second_wider_and_cut_by_us(fake_api: FakeApi) -> None:
    moments = (START - timedelta(seconds=1), START, WINDOW.end - timedelta(seconds=1), WINDOW.end)
    fake_api.respond = FakeGraph([post(number, at) for number, at in enumerate(moments)])
    assert sorted(ids(read(POSTS, connection(fake_api.url, lookback_days=0)))) == ["7_001", "7_002"]


def test_late_and_edited_comments_and_replies_below_older_posts_are_read_with_their_post(fake_api: FakeApi) -> None:
    old = post(1, START - timedelta(days=20))
    comments = [said(f"c{number}", NOON + timedelta(minutes=number)) for number in range(4)]
    comments.append(said("early", START - timedelta(days=19)))
    fake_api.respond = FakeGraph([old], below={old["id"]: [*comments, said("tomorrow", WINDOW.end)]})
    (page,) = read(COMMENTS, connection(fake_api.url))
    assert sorted(record["id"] for record in page.records) == ["c0", "c1", "c2", "c3", "early"]
    assert {record["post_id"] for record in page.records} == {old["id"]}
    assert fake_api.asked[1].params["filter"] == "stream"


@pytest.mark.parametrize(("served", "count"), [("v23.0", 0), ("v31.0", 1)])
def test_a_version_that_meta_answers_by_unasked_is_told_once_a_load(
    fake_api: FakeApi, caplog: pytest.LogCaptureFixture, served: str, count: int
) -> None:
    posts = [post(number, NOON) for number in range(3)]
    server = FakeGraph(posts, below={one["id"]: [said("c", NOON)] for one in posts})
    fake_api.respond = lambda asked: replace(server(asked), headers={"facebook-api-version": served})
    _tell_version.cache_clear()
    assert len(ids(read(COMMENTS, connection(fake_api.url)))) == 3
    assert [f"answers by version {served}, not v23.0" in told for told in caplog.messages] == [True] * count


def test_comments_complete_where_no_attempt_may_ask_for_all(fake_api: FakeApi) -> None:
    posts = [post(number, NOON + timedelta(seconds=number)) for number in range(90)]
    below = {one["id"]: [said(f"c{one['id']}", NOON)] for one in posts}
    server = FakeGraph(posts, below=below, page_size=100)

    def forty_then_limited(asked: Asked) -> Answer:
        limited = replace(refused(4), headers={"Retry-After": "3600"})
        return limited if len(fake_api.asked) % 41 == 0 else server(asked)

    fake_api.respond = forty_then_limited
    pages, _ = read_in_attempts(COMMENTS, connection(fake_api.url), RateLimited)
    assert {*ids(pages)} == {f"c{one['id']}" for one in posts}


def test_one_answer_of_gone_or_hidden_is_counted_and_no_deletion(fake_api: FakeApi) -> None:
    kept, lost = post(1, NOON), post(2, NOON)
    fake_api.respond = FakeGraph([kept, lost], below={kept["id"]: [said("c1", NOON)]})
    (page,) = read(COMMENTS, connection(fake_api.url))
    assert ids([page]) == ["c1"]
    assert [(one.reason, one.position) for one in page.rejected] == [("partial_error", lost["id"])]
    assert "words" not in page.rejected[0].content + page.rejected[0].detail


def test_gone_or_hidden_everywhere_is_a_lost_permission(fake_api: FakeApi) -> None:
    fake_api.respond = FakeGraph([post(1, NOON), post(2, NOON)])
    with pytest.raises(ContractBroken, match="permission"):
        read(COMMENTS, connection(fake_api.url))


@pytest.mark.parametrize("refusal", [refused(100, subcode=34), Answer({"error": "a proxy's"}, 404)])
def test_another_refusal_of_comments_is_no_absence(fake_api: FakeApi, refusal: Answer) -> None:
    server = FakeGraph([post(1, NOON)])
    fake_api.respond = lambda asked: refusal if "comments" in asked.path else server(asked)
    with pytest.raises(ContractBroken, match="request was refused"):
        read(COMMENTS, connection(fake_api.url))


def test_messages_are_walked_back_to_the_window_and_conversations_to_the_last_touched(fake_api: FakeApi) -> None:
    threads = [{"id": f"t_{day}", "updated_time": stamp(NOON - timedelta(days=2 * day))} for day in range(9)]
    old = [said(f"old{number}", START - timedelta(hours=number + 25)) for number in range(9)]
    below = {"t_0": [said("m1", NOON), said("m2", START), *old]}
    fake_api.respond = FakeGraph(threads=threads, below=below)
    pages = read(MESSAGES, connection(fake_api.url))
    assert ids(pages) == ["m1", "m2"]
    assert not any(page.rejected for page in pages)
    assert pages[0].records[0]["conversation_id"] == "t_0"
    # Two pages of conversations; of messages, one that crosses the start and one that is before it.
    assert [call.path.rpartition("/")[2] for call in fake_api.asked] == ["conversations", "messages", "messages", "conversations"]  # fmt: skip  # noqa: E501


@pytest.mark.parametrize("is_of_messages", [False, True])
def test_an_order_that_facebook_ignores_is_noticed_where_the_walk_would_end(
    fake_api: FakeApi, is_of_messages: bool
) -> None:
    days = [START - timedelta(days=9 - day) for day in range(3)]
    threads = [{"id": f"t_{at:%d}", "updated_time": stamp(at)} for at in days]
    if is_of_messages:
        threads = [{"id": "t_0", "updated_time": stamp(NOON)}]
    onward = {"next": f"{fake_api.url}/?after=2"}
    oldest_first = Answer({"data": [said(f"m{at:%d}", at) for at in days], "paging": onward})
    listed = Answer({"data": threads, "paging": onward})
    fake_api.respond = lambda asked: listed if asked.path.endswith("conversations") else oldest_first
    kept: list[Page] = []
    with pytest.raises(ContractBroken, match="should be newest first"):
        kept.extend(MESSAGES.extract(Request(connection(fake_api.url), WINDOW)))
    assert kept == []


def test_a_conversation_that_moved_up_while_it_was_read_is_read_the_next_day(fake_api: FakeApi) -> None:
    missed, late = said("missed", START - timedelta(hours=10)), said("late", START + timedelta(minutes=16))
    thread = {"id": "t_0", "updated_time": late["created_time"]}
    fake_api.respond = FakeGraph(threads=[thread], below={"t_0": [late, missed]})
    assert ids(read(MESSAGES, connection(fake_api.url))) == ["late", "missed"]


def test_messages_that_facebook_no_longer_gives_are_counted(fake_api: FakeApi) -> None:
    threads = [{"id": f"t_{number}", "updated_time": stamp(NOON), "message_count": 2} for number in range(2)]
    fake_api.respond = FakeGraph(threads=threads, below={"t_0": [said("m1", NOON)], "t_1": [said("m2", NOON), said("m3", START)]})  # fmt: skip  # noqa: E501
    pages = read(MESSAGES, connection(fake_api.url))
    assert sorted(ids(pages)) == ["m1", "m2", "m3"]
    cut = [(one.reason, one.detail, one.position) for page in pages for one in page.rejected]
    assert cut == [("messages_cut", "1 of 2 given", "conversation t_0")]


@pytest.mark.parametrize("code", [4, 17, 32, 341, 613, 80001])
def test_a_throttle_says_when_to_come_back_although_it_is_a_400(
    fake_api: FakeApi, code: int, naps: list[float]
) -> None:
    use = {"7": [{"type": "pages", "call_count": 100, "estimated_time_to_regain_access": 30}]}
    answer = refused(code)
    fake_api.respond = lambda asked: Answer(answer.body, 400, {"X-Business-Use-Case-Usage": json.dumps(use)})
    with pytest.raises(RateLimited) as limited:
        read(POSTS, connection(fake_api.url))
    assert timedelta(minutes=29) < limited.value.resume_at - datetime.now(UTC) <= timedelta(minutes=30)
    assert len(fake_api.asked) == 1


@pytest.mark.parametrize("status", [400, 401, 403])
def test_what_meta_calls_transient_is_asked_for_again(fake_api: FakeApi, status: int, naps: list[float]) -> None:
    fake_api.respond = FakeGraph([post(1, NOON)])
    fake_api.faults.append(Answer({"error": {"type": "OAuthException", "is_transient": True, "code": 2}}, status))
    assert len(ids(read(POSTS, connection(fake_api.url)))) == 1
    assert len(naps) == 1


def test_json_that_is_called_a_script_is_read(fake_api: FakeApi) -> None:
    server = FakeGraph([post(1, NOON)])
    fake_api.respond = lambda asked: replace(server(asked), kind="text/javascript; charset=UTF-8")
    assert len(ids(read(POSTS, connection(fake_api.url)))) == 1


@pytest.mark.parametrize("code", [102, 190])
def test_a_dead_token_is_not_retried_although_it_is_a_400(fake_api: FakeApi, code: int, naps: list[float]) -> None:
    fake_api.respond = lambda asked: refused(code, message="Session has expired on Monday")
    with pytest.raises(CredentialRefused, match="has expired"):
        read(POSTS, connection(fake_api.url))
    assert (len(fake_api.asked), naps) == (1, [])


def test_a_position_that_is_no_longer_taken_restarts_the_window(fake_api: FakeApi) -> None:
    fake_api.respond = FakeGraph([post(number, NOON) for number in range(8)])
    cursor = read(POSTS, connection(fake_api.url))[0].cursor
    assert cursor
    fake_api.respond = lambda asked: refused(100)
    with pytest.raises(CursorRejected):
        read(POSTS, connection(fake_api.url), cursor)
    with pytest.raises(ContractBroken) as first:
        read(POSTS, connection(fake_api.url))
    assert not isinstance(first.value, CursorRejected)


def test_recorded_lists_are_read_and_led_on(fake_api: FakeApi, shared_data: Path) -> None:
    folder = shared_data / "api_payloads/facebook_instagram_sns_sdks/facebook/apidata"
    files = [*folder.glob("posts/feed*.json"), *folder.glob("groups/feed*.json")]
    count = 0
    for file in files:
        body = json.loads(file.read_text())
        if not all("created_time" in one for one in body["data"]) or not body["data"]:
            continue
        assert "access_token" not in position_after(body)
        onward = dict(parse_qsl(position_after(body)))

        def respond(asked: Asked, body: Any = body, onward: dict[str, str] = onward) -> Answer:
            return Answer({"data": []} if onward and onward.items() <= asked.params.items() else body)

        fake_api.respond = respond
        pages = read(POSTS, connection(fake_api.url), window=EVER)
        assert ids(pages) == [one["id"] for one in body["data"]]
        assert len(pages) == 1 + bool(onward)
        assert all(POSTS.event_at(record) for page in pages for record in page.records)
        count += len(body["data"])
    assert count == 31


@pytest.mark.parametrize("name", ["error.json", "base/error_data.json"])
def test_recorded_refusals_are_no_dead_token_and_quote_nobody(fake_api: FakeApi, shared_data: Path, name: str) -> None:
    body = json.loads((shared_data / "api_payloads/facebook_instagram_sns_sdks" / name).read_text())
    fake_api.respond = lambda asked: Answer(body, 400)
    with pytest.raises(ContractBroken, match="OAuthException") as broken:
        read(POSTS, connection(fake_api.url))
    assert body["error"]["message"] not in str(broken.value)
