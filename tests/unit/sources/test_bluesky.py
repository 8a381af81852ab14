"""Where connectors of Bluesky lose posts: replies without a mention, claimed times, edits, caps, cursors, sessions."""

from datetime import timedelta
from typing import Any

import pytest

from harnesses.bluesky import DID, HANDLE, FakeBluesky, post
from servers.fake_api import Answer, Asked, FakeApi
from servers.fake_sources import HASTE, SECRET, START, WINDOW, read
from social_crm.errors import ConnectionUnusable, ContractBroken, CredentialRefused, CursorRejected
from social_crm.sources import bluesky_api, bluesky_reading
from social_crm.sources.bluesky import BLUESKY
from social_crm.sources.model import Connection, Page, Request
from social_crm.sources.rechecks import Known

POSTS, REMOVALS = BLUESKY.resource("posts"), BLUESKY.resource("removals")
NOON = START + timedelta(hours=12)
ANOTHERS = "at://did:plc:ann/app.bsky.feed.post/9"


def connection(url: str, **options: Any) -> Connection:
    return Connection(url, HANDLE, SECRET, {"lookback_minutes": 0, **HASTE, **options})


def posts(count: int) -> list[dict[str, Any]]:
    return [post(number, NOON + timedelta(minutes=number)) for number in range(1, count + 1)]


def uris(pages: list[Page]) -> list[str]:
    return [record["uri"] for page in pages for record in page.records]


def asked_for(fake_api: FakeApi, name: str) -> list[Asked]:
    return [call for call in fake_api.asked if call.path.endswith(f".{name}")]


def test_a_post_that_bluesky_leaves_out_is_removed_and_told_by_its_hash(fake_api: FakeApi) -> None:
    there, gone = posts(2)
    fake_api.respond = FakeBluesky(notified=[there])
    known = Known({str(POSTS.key(one)): one["uri"] for one in (there, gone)})
    [page] = REMOVALS.extract(Request(connection(fake_api.url), WINDOW, known=known))
    # The address names its author, so it is not in the record.
    assert page.records == [{"key": POSTS.key(gone), "is_removed": True}]
    assert len(asked_for(fake_api, "getPosts")) == 1


def test_what_notifies_us_is_read_as_posts_with_their_present_text(fake_api: FakeApi) -> None:
    notified = posts(30)
    fake_api.respond = FakeBluesky(notified=notified)
    pages = read(POSTS, connection(fake_api.url))
    assert sorted(uris(pages)) == [one["uri"] for one in notified]
    assert all("likeCount" in record for page in pages for record in page.records)
    assert "reasons=mention&reasons=reply&reasons=quote" in asked_for(fake_api, "listNotifications")[0].query


@pytest.mark.parametrize("before", [0, 1, 2, 3])
def test_notifications_of_one_moment_are_all_read_over_the_edge_of_a_page(fake_api: FakeApi, before: int) -> None:
    # Three a page, and their cursor is a moment alone.
    tied = [post(number, NOON) for number in (11, 12)]
    notified = [post(number, NOON + timedelta(seconds=number)) for number in range(1, before + 1)]
    notified += [*tied, *(post(number, NOON - timedelta(seconds=number)) for number in range(21, 25))]
    fake_api.respond = FakeBluesky(notified=notified)
    pages = read(POSTS, connection(fake_api.url))
    assert set(uris(pages)) == {one["uri"] for one in notified}
    assert [rejected for page in pages for rejected in page.rejected] == []
    assert [uris(read(POSTS, connection(fake_api.url), page.cursor))[-1:] for page in pages[:2]] == [[notified[-1]["uri"]]] * 2  # fmt: skip  # noqa: E501


def test_a_moment_that_fills_a_page_of_notifications_hides_none_that_follow_and_is_told(fake_api: FakeApi) -> None:
    notified = [*(post(number, NOON) for number in range(1, 6)), post(6, NOON - timedelta(seconds=1))]
    fake_api.respond = FakeBluesky(notified=notified)
    pages = read(POSTS, connection(fake_api.url))
    assert uris(pages) == [one["uri"] for one in (*notified[:3], notified[5])]
    assert [rejected.reason for page in pages for rejected in page.rejected] == ["ties_cut"]


def test_a_post_deleted_since_it_notified_us_is_missing_and_no_error(fake_api: FakeApi) -> None:
    kept, gone = posts(2)
    fake_api.respond = FakeBluesky(notified=[kept, gone], deleted={gone["uri"]})
    assert uris(read(POSTS, connection(fake_api.url))) == [kept["uri"]]


def test_an_answer_without_the_posts_that_were_asked_for_is_named(fake_api: FakeApi) -> None:
    server = FakeBluesky(notified=posts(2))
    fake_api.respond = lambda asked: Answer({}) if asked.path.endswith(".getPosts") else server(asked)
    with pytest.raises(ContractBroken, match="field 'posts' is missing"):
        read(POSTS, connection(fake_api.url))


def test_a_like_is_no_utterance_even_if_the_server_sends_it(fake_api: FakeApi) -> None:
    server = FakeBluesky()

    def respond(asked: Asked) -> Answer:
        like = {**post(1, NOON), "reason": "like"}
        return Answer({"notifications": [like]}) if "listNotifications" in asked.path else server(asked)

    fake_api.respond = respond
    assert uris(read(POSTS, connection(fake_api.url))) == []
    assert asked_for(fake_api, "getPosts") == []


@pytest.mark.parametrize(
    ("words", "is_addressed"),
    [
        ({"facets": [{"features": [{"$type": "app.bsky.richtext.facet#mention", "did": DID}]}]}, True),
        ({"reply": {"root": {"uri": ANOTHERS}, "parent": {"uri": f"at://{DID}/app.bsky.feed.post/1"}}}, True),
        ({"embed": {"record": {"record": {"uri": f"at://{DID}/app.bsky.feed.post/1"}}}}, True),
        ({"text": f"Acme Bank, {DID}", "facets": [{"features": [{"tag": "acme"}]}]}, False),
        ({"reply": {"root": {"uri": f"at://{DID}/app.bsky.feed.post/1"}, "parent": {"uri": ANOTHERS}}}, False),
        ({"facets": [{"features": [{"did": f"{DID}s"}]}], "reply": None}, False),
    ],
)
def test_a_post_that_a_search_finds_is_not_said_to_us_unless_it_names_answers_or_quotes_us(
    fake_api: FakeApi, words: dict[str, Any], is_addressed: bool
) -> None:
    one = post(1, NOON)
    fake_api.respond = FakeBluesky(found=[{**one, "record": one["record"] | words}])
    [page] = [page for page in read(POSTS, connection(fake_api.url, searches=["acme"])) if page.records]
    assert [record["is_addressed"] for record in page.records] == [is_addressed]


def test_what_we_only_repeat_is_not_ours(fake_api: FakeApi) -> None:
    mine, other = posts(2)
    reason = {"$type": "app.bsky.feed.defs#reasonRepost", "indexedAt": mine["indexedAt"]}
    fake_api.respond = FakeBluesky(own=[mine, {"post": other, "reason": reason}])
    assert uris(read(POSTS, connection(fake_api.url))) == [mine["uri"]]


def test_a_page_of_repeated_posts_does_not_end_the_walk(fake_api: FakeApi) -> None:
    mine, *others = posts(7)
    own = [mine, *({"post": other, "reason": {"$type": "app.bsky.feed.defs#reasonRepost"}} for other in others)]
    fake_api.respond = FakeBluesky(own=own)
    assert uris(read(POSTS, connection(fake_api.url))) == [mine["uri"]]


def test_the_earlier_of_claim_and_sight_says_which_window_a_post_is_of(fake_api: FakeApi) -> None:
    ahead = post(1, NOON, claimed=START + timedelta(days=900))
    back = post(2, NOON, claimed=START - timedelta(hours=1))
    fake_api.respond = FakeBluesky(found=[ahead, back])
    assert uris(read(POSTS, connection(fake_api.url, searches=["acme"]))) == [ahead["uri"]]
    assert len(uris(read(POSTS, connection(fake_api.url, searches=["acme"], lookback_minutes=60)))) == 2


def test_a_server_that_ignores_the_time_asked_for_is_cut_by_us(fake_api: FakeApi) -> None:
    late = [post(number, START + timedelta(days=3, minutes=number)) for number in range(20, 30)]
    old = [post(number, START - timedelta(days=9, minutes=number)) for number in range(40, 60)]
    fake_api.respond = FakeBluesky(found=[*late, *posts(4), *old], obeys_time=False)
    assert len(uris(read(POSTS, connection(fake_api.url, searches=["acme"], slice_minutes=1440)))) == 4
    # Ten of later days and four of ours, then one page that is too old as a whole.
    assert len(asked_for(fake_api, "searchPosts")) == 6


def test_slices_of_no_time_are_refused_instead_of_cut_without_end(fake_api: FakeApi) -> None:
    fake_api.respond = FakeBluesky()
    with pytest.raises(ConnectionUnusable, match="slice_minutes"):
        read(POSTS, connection(fake_api.url, slice_minutes=0))


def test_an_order_that_the_server_ignores_is_noticed_where_the_walk_would_end(fake_api: FakeApi) -> None:
    oldest_first = [post(number, START - timedelta(days=9 - number)) for number in range(1, 4)]
    server, answer = FakeBluesky(), Answer({"feed": [{"post": one} for one in oldest_first], "cursor": "3"})
    fake_api.respond = lambda asked: answer if asked.path.endswith(".getAuthorFeed") else server(asked)
    with pytest.raises(ContractBroken, match="should be newest first"):
        read(POSTS, connection(fake_api.url))


def test_slices_cover_the_window_once(fake_api: FakeApi) -> None:
    fake_api.respond = FakeBluesky()
    read(POSTS, connection(fake_api.url, searches=["acme"], slice_minutes=420))
    spans = [(call.params["since"], call.params["until"]) for call in asked_for(fake_api, "searchPosts")]
    assert (spans[0][0], spans[-1][1]) == (f"{WINDOW.start:%FT%T}.000Z", f"{WINDOW.end:%FT%T}.000Z")
    assert [until for _, until in spans[:-1]] == [since for since, _ in spans[1:]]
    assert len(spans) == 4


def test_a_search_as_long_as_bluesky_ever_gives_is_refused_also_after_a_resumption(
    fake_api: FakeApi, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bluesky_reading, "SEARCH_CAP", 110)
    fake_api.respond = FakeBluesky(found=posts(12))
    one = connection(fake_api.url, searches=["acme"], slice_minutes=1440)
    pages: list[Page] = []
    with pytest.raises(ContractBroken, match="slice_minutes"):
        pages.extend(POSTS.extract(Request(one, WINDOW)))
    assert len(uris(pages)) == 9, "what was read before stays"
    with pytest.raises(ContractBroken, match="slice_minutes"):
        read(POSTS, one, pages[-1].cursor)


@pytest.mark.parametrize(
    "answer", [Answer({"error": "UpstreamFailure"}, 502), Answer({"error": "InvalidRequest"}, 400)]
)
def test_a_saved_position_that_the_server_fails_on_restarts_the_window(
    fake_api: FakeApi, naps: list[float], answer: Answer
) -> None:
    server = FakeBluesky(own=posts(7))
    fake_api.respond = server
    cursor = read(POSTS, connection(fake_api.url))[1].cursor
    assert cursor
    assert cursor.endswith(":3:3")
    fake_api.respond = lambda asked: answer if asked.params.get("cursor") else server(asked)
    with pytest.raises(CursorRejected):
        read(POSTS, connection(fake_api.url), cursor)


def test_a_failure_without_a_saved_position_is_no_cursors_fault(fake_api: FakeApi) -> None:
    server = FakeBluesky()
    fake_api.respond = lambda asked: Answer({}, 400) if "Feed" in asked.path else server(asked)
    with pytest.raises(ContractBroken) as refused:
        read(POSTS, connection(fake_api.url))
    assert not isinstance(refused.value, CursorRejected)


def test_a_list_that_a_block_closes_is_named_after_the_rest_was_read(fake_api: FakeApi) -> None:
    server, blocked = FakeBluesky(found=posts(4)), Answer({"error": "BlockedActor", "message": "words"}, 400)
    fake_api.respond = lambda asked: blocked if asked.path.endswith(".getAuthorFeed") else server(asked)
    one = connection(fake_api.url, searches=["acme"], slice_minutes=1440)
    pages: list[Page] = []
    with pytest.raises(ConnectionUnusable, match=r"out of xrpc/app\.bsky\.feed\.getAuthorFeed \(BlockedActor\)"):
        pages.extend(POSTS.extract(Request(one, WINDOW)))
    assert len(uris(pages)) == 4
    assert [bool(page.cursor) for page in pages] == [True, False, False], "the next attempt begins with what is closed"


def test_a_session_is_renewed_before_its_token_ends(fake_api: FakeApi, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bluesky_api, "SESSION_SECONDS", -1.0)
    fake_api.respond = FakeBluesky(own=posts(7))
    assert len(uris(read(POSTS, connection(fake_api.url)))) == 7
    assert len(asked_for(fake_api, "createSession")) == 5


def test_a_dead_token_is_a_refused_credential_although_it_is_a_400(fake_api: FakeApi) -> None:
    server = FakeBluesky()
    fake_api.respond = lambda asked: (
        server(asked) if "createSession" in asked.path else Answer({"error": "InvalidToken"}, 400)
    )
    with pytest.raises(CredentialRefused, match="re-authorise source bluesky"):
        read(POSTS, connection(fake_api.url))
