"""Where connectors of Mastodon lose statuses: `since_id`, short pages, ids, threads; and what a real server sent."""

import json
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from harnesses.mastodon import FakeMastodon, status
from servers.fake_api import Answer, Asked, FakeApi
from servers.fake_sources import HASTE, SECRET, START, WINDOW, ids, read
from social_crm.errors import ConnectionUnusable, ContractBroken, CursorRejected
from social_crm.sources.mastodon import MASTODON
from social_crm.sources.mastodon_reading import first_id_of
from social_crm.sources.model import Connection, Request, Window
from social_crm.sources.rechecks import Known

STATUSES, REMOVALS = MASTODON.resource("statuses"), MASTODON.resource("removals")
NOON = START + timedelta(hours=12)


def connection(url: str, **options: Any) -> Connection:
    return Connection(url, secret=SECRET, options={"hashtags": ["acme"], "lookback_minutes": 0, **HASTE, **options})


def statuses(count: int) -> list[dict[str, Any]]:
    return [status(number, NOON + timedelta(minutes=number)) for number in range(1, count + 1)]


def test_a_timeline_is_read_forward_without_a_gap(fake_api: FakeApi) -> None:
    tagged = statuses(10)
    fake_api.respond = FakeMastodon(fake_api.url, tagged=tagged)
    assert sorted(ids(read(STATUSES, connection(fake_api.url)))) == [one["id"] for one in tagged]
    asked = [call.params for call in fake_api.asked if "/tag/" in call.path]
    assert all("min_id" in params and "since_id" not in params for params in asked)


def test_a_status_that_the_server_leaves_out_is_removed(fake_api: FakeApi) -> None:
    there, muted, hidden = statuses(3)

    def respond(asked: Asked) -> Answer:
        if asked.path == "/api/v1/statuses":
            return Answer([there])
        return Answer(muted) if asked.path.endswith(muted["id"]) else Answer({"error": "Record not found"}, 404)

    fake_api.respond = respond
    known = Known({one["id"]: one["id"] for one in (there, muted, hidden)})
    [page] = REMOVALS.extract(Request(connection(fake_api.url), WINDOW, known=known))
    # A list leaves out whom we mute, and the status itself is there.
    assert page.records == [{"key": hidden["id"], "is_removed": True}]
    asked, *_ = fake_api.asked
    # `id` without brackets would be one id: the last.
    assert (asked.path, asked.query.count("id%5B%5D=")) == ("/api/v1/statuses", 3)


def test_a_server_that_shows_no_statuses_by_their_ids_is_named(fake_api: FakeApi) -> None:
    fake_api.respond = lambda asked: Answer({"error": "Not Found"}, 404)
    request = Request(connection(fake_api.url), WINDOW, known=Known({"1": "1"}))
    with pytest.raises(ConnectionUnusable, match=r"older than Mastodon 4\.3 .* `recheck_days`: 0"):
        list(REMOVALS.extract(request))


def test_the_first_id_of_a_window_is_in_it_though_min_id_leaves_it_out(fake_api: FakeApi) -> None:
    first, last = status(0, START), status(0, START + timedelta(days=1))
    fake_api.respond = FakeMastodon(fake_api.url, tagged=[first, last])
    assert ids(read(STATUSES, connection(fake_api.url))) == [first["id"]]


def test_short_and_empty_pages_before_the_end_do_not_end_it(fake_api: FakeApi) -> None:
    tagged = statuses(10)
    hidden = {one["id"] for one in tagged[:4]}
    fake_api.respond = FakeMastodon(fake_api.url, tagged=tagged, hidden=hidden)
    assert len(ids(read(STATUSES, connection(fake_api.url)))) == 6


def test_mentions_are_walked_back_until_they_are_too_old(fake_api: FakeApi) -> None:
    old = [status(n, START - timedelta(days=2, minutes=30 - n)) for n in range(1, 20)]
    mentions = [*old, *statuses(4)]
    fake_api.respond = FakeMastodon(fake_api.url, mentions=mentions)
    assert len(ids(read(STATUSES, connection(fake_api.url)))) == 4
    # Three pages: one of the window, one that holds its rest, one that is too old as a whole.
    assert len([call for call in fake_api.asked if call.path.endswith("/notifications")]) == 3


def test_mentions_that_do_not_come_newest_first_are_noticed_where_the_walk_would_end(fake_api: FakeApi) -> None:
    oldest_first = [status(number, START - timedelta(days=9 - number)) for number in range(1, 4)]
    mentions = [{"id": one["id"], "created_at": one["created_at"], "status": one} for one in oldest_first]
    server = FakeMastodon(fake_api.url)
    fake_api.respond = lambda asked: Answer(mentions) if asked.path.endswith("/notifications") else server(asked)
    with pytest.raises(ContractBroken, match="should be newest first"):
        read(STATUSES, connection(fake_api.url))


def test_what_a_stranger_says_in_private_is_read_though_a_policy_keeps_it_from_view(fake_api: FakeApi) -> None:
    fake_api.respond = FakeMastodon(fake_api.url, mentions=statuses(1), strangers=[status(2, NOON)])
    assert len(ids(read(STATUSES, connection(fake_api.url)))) == 2


def test_a_mention_under_a_hashtag_of_ours_is_one_status(fake_api: FakeApi) -> None:
    (one,) = statuses(1)
    fake_api.respond = FakeMastodon(fake_api.url, mentions=[one], tagged=[one])
    first, second = [record for page in read(STATUSES, connection(fake_api.url)) for record in page.records]
    assert first == second


def test_a_late_or_edited_status_is_met_by_looking_back(fake_api: FakeApi) -> None:
    late = status(1, START - timedelta(hours=20))
    fake_api.respond = FakeMastodon(fake_api.url, tagged=[late])
    assert ids(read(STATUSES, connection(fake_api.url))) == []
    assert ids(read(STATUSES, connection(fake_api.url, lookback_minutes=1440))) == [late["id"]]


def test_a_status_that_another_server_sends_late_is_of_the_window_in_which_it_came(fake_api: FakeApi) -> None:
    late = {**status(1, NOON), "created_at": "2026-10-20T12:00:00.000Z"}
    fake_api.respond = FakeMastodon(fake_api.url, tagged=[late])
    assert ids(read(STATUSES, connection(fake_api.url))) == [late["id"]]


def test_a_reply_carries_the_first_status_of_its_thread(fake_api: FakeApi) -> None:
    first, reply, again, orphan = statuses(4)
    reply["in_reply_to_id"], again["in_reply_to_id"], orphan["in_reply_to_id"] = first["id"], "55", "66"
    roots = {again["id"]: "11"}
    fake_api.respond = FakeMastodon(fake_api.url, tagged=[first, reply, again, orphan], roots=roots)
    records = {record["id"]: record for page in read(STATUSES, connection(fake_api.url)) for record in page.records}
    found = [records[one["id"]]["thread_root_id"] for one in (first, reply, again, orphan)]
    # Two pages: the newest of a page come first, so the reply's thread has to be asked for, too.
    assert found == [first["id"], first["id"], "11", "66"]


def test_a_server_whose_ids_are_no_times_is_refused(fake_api: FakeApi) -> None:
    other = {**status(1, NOON), "id": "01ARZ3NDEKTSV4RRFFQ69G5FAV"}

    def respond(asked: Asked) -> Answer:
        return Answer({"id": "1"} if "verify" in asked.path else [other] if "/tag/" in asked.path else [])

    fake_api.respond = respond
    with pytest.raises(ContractBroken, match="not Mastodon's own software"):
        read(STATUSES, connection(fake_api.url))


def test_a_position_saved_for_other_hashtags_is_not_used(fake_api: FakeApi) -> None:
    fake_api.respond = FakeMastodon(fake_api.url, tagged=statuses(10))
    cursor = read(STATUSES, connection(fake_api.url))[0].cursor
    with pytest.raises(CursorRejected, match="hashtags"):
        read(STATUSES, connection(fake_api.url, hashtags=["other"]), cursor)


def recorded(shared_data: Path) -> list[dict[str, Any]]:
    """Return every status that Mastodon.py recorded from a real server, once per id."""
    found: dict[str, dict[str, Any]] = {}
    for file in (shared_data / "api_payloads/mastodon_py").glob("*.json"):
        for call in json.loads(file.read_text()):
            items = call["body"] if isinstance(call["body"], list) else [call["body"]]
            for item in items:
                one = item.get("status", item) if isinstance(item, dict) else None
                if isinstance(one, dict) and {"id", "content", "created_at", "visibility"} <= one.keys():
                    found[one["id"]] = one
    return sorted(found.values(), key=lambda one: int(one["id"]))


def test_ids_of_a_real_server_are_made_from_their_times(shared_data: Path) -> None:
    statuses = recorded(shared_data)
    assert len(statuses) > 20
    for one in statuses:
        moment = datetime.fromisoformat(one["created_at"])
        # A status of another server may get its id as it arrives: windows are cut by ids, and none is lost.
        assert first_id_of(moment - timedelta(seconds=1)) < int(one["id"]) < first_id_of(moment + timedelta(minutes=1))


def test_recorded_statuses_are_read_to_their_last_id(fake_api: FakeApi, shared_data: Path) -> None:
    found = recorded(shared_data)
    fake_api.respond = FakeMastodon(fake_api.url, tagged=found)
    moments = sorted(datetime.fromisoformat(one["created_at"]) for one in found)
    window = Window(moments[0] - timedelta(seconds=1), moments[-1] + timedelta(seconds=1))
    pages = read(STATUSES, connection(fake_api.url), window=window)
    assert sorted(ids(pages), key=int) == [one["id"] for one in found]
    assert {STATUSES.key(record) for page in pages for record in page.records} == set(ids(pages))
