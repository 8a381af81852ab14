"""Request Tracker: whatever becomes of a ticket, what happened to it is read, once and with who did it."""

from datetime import timedelta
from typing import Any

import pytest

from acceptance import LATER
from harnesses.request_tracker import (
    CUSTOMER,
    PAGE,
    RT_SYSTEM,
    STAFF,
    ZONE,
    FakeRequestTracker,
    named,
    part,
    step,
    ticket,
)
from servers.fake_api import Answer, FakeApi
from servers.fake_sources import HASTE, SECRET, START, WINDOW, ids, read, request_for
from social_crm.errors import ContractBroken
from social_crm.sources import request_tracker_reading
from social_crm.sources.model import Connection
from social_crm.sources.request_tracker import REQUEST_TRACKER
from social_crm.sources.request_tracker_reading import LOOK_AHEAD
from social_crm.sources.strict_json import DOUBLED

MESSAGES, STEPS, TICKETS = map(REQUEST_TRACKER.resource, ("messages", "transactions", "tickets"))
NOON = START + timedelta(hours=12)


@pytest.fixture
def server(fake_api: FakeApi, monkeypatch: pytest.MonkeyPatch) -> FakeRequestTracker:
    monkeypatch.setitem(request_tracker_reading.IN_ORDER, "per_page", 3)
    fake_api.respond = server = FakeRequestTracker()
    return server


@pytest.fixture
def connection(fake_api: FakeApi) -> Connection:
    return Connection(fake_api.url, "bot", SECRET, HASTE)


def records(resource: Any, connection: Connection) -> list[dict[str, Any]]:
    return [record for page in read(resource, connection) for record in page.records]


def test_a_window_is_cut_in_utc_though_the_server_reads_times_in_a_zone(
    server: FakeRequestTracker, connection: Connection
) -> None:
    edges = [START - ZONE, START - LATER, START, WINDOW.end - LATER, WINDOW.end, WINDOW.end + ZONE]
    server.history = [step(number, number, at) for number, at in enumerate(edges, 1)]
    assert ids(read(STEPS, connection)) == ["3", "4"]


def test_an_answer_without_the_parts_of_messages_is_named(
    server: FakeRequestTracker, connection: Connection, fake_api: FakeApi
) -> None:
    server.history = [step(1, 1, NOON, "Correspond")]
    fake_api.respond = lambda asked: Answer({}) if asked.path.endswith("/attachments") else server(asked)
    with pytest.raises(ContractBroken, match="field 'items' is missing"):
        read(MESSAGES, connection)


def test_parts_that_come_again_and_again_are_noticed(
    server: FakeRequestTracker, connection: Connection, fake_api: FakeApi
) -> None:
    server.history = [step(1, 1, NOON, "Correspond")]
    server.parts = [part(7, 1), part(8, 1)]
    unbounded = Answer({"items": server.parts})
    fake_api.respond = lambda asked: unbounded if asked.path.endswith("/attachments") else server(asked)
    with pytest.raises(ContractBroken, match="do not go on after id 8"):
        read(MESSAGES, connection)


@pytest.mark.parametrize("kind", ["user", "queue"])
def test_an_error_in_a_200_is_taken_for_no_user_and_no_queue(
    server: FakeRequestTracker, connection: Connection, fake_api: FakeApi, kind: str
) -> None:
    server.history, server.tickets = [step(1, 1, NOON)], [ticket(1, NOON)]
    error = Answer({"message": "words"})
    fake_api.respond = lambda asked: error if f"/{kind}/" in asked.path else server(asked)
    with pytest.raises(ContractBroken, match="is missing from all 1 records"):
        read(TICKETS, connection)


def test_a_page_of_which_nearly_all_is_hidden_does_not_end_the_walk(
    server: FakeRequestTracker, connection: Connection
) -> None:
    server.history = [step(number, 1, NOON) for number in range(1, 10)]
    server.hidden = {"1", "2", "5"}
    assert ids(read(STEPS, connection)) == ["3", "4", "6", "7", "8", "9"]


def test_pages_of_which_all_is_hidden_do_not_end_the_walk(server: FakeRequestTracker, connection: Connection) -> None:
    last = PAGE * LOOK_AHEAD
    server.history = [step(number, 1, NOON) for number in range(1, last + 1)]
    server.hidden = {str(number) for number in range(2, last)}
    assert ids(read(STEPS, connection)) == ["1", str(last)]


def test_a_superuser_is_told_where_the_history_ends(
    server: FakeRequestTracker, connection: Connection, fake_api: FakeApi
) -> None:
    server.history, server.is_superuser = [step(1, 1, NOON)], True
    assert ids(read(STEPS, connection)) == ["1"]
    told = sum("transactions" in asked.path for asked in fake_api.asked)
    fake_api.asked.clear()
    server.is_superuser = False
    assert ids(read(STEPS, connection)) == ["1"]
    assert (told, sum("transactions" in asked.path for asked in fake_api.asked)) == (2, 1 + LOOK_AHEAD)


def test_what_happens_during_a_walk_moves_no_page(server: FakeRequestTracker, connection: Connection) -> None:
    server.history = [step(number, number, NOON) for number in range(1, 8)]
    found = []
    for page in STEPS.extract(request_for(connection)):
        found += [record["id"] for record in page.records]
        server.history = [one for one in server.history if one["id"] != "1"]  # shredded
    assert found == [str(number) for number in range(1, 8)]


def test_what_may_not_be_read_of_a_merged_ticket_is_left_out(
    server: FakeRequestTracker, connection: Connection
) -> None:
    blank = {"Creator": "", "Field": "", "Type": "", "ObjectId": "9", "Created": "1970-01-01T00:00:00Z"}
    server.history = [step(1, 1, NOON), step(2, 9, NOON)]
    server.parts = [part(1, 1)]
    found = server._found
    server._found = lambda query: [one | blank if one["id"] == "2" else one for one in found(query)]  # type: ignore[method-assign]
    server.tickets = [ticket(1, NOON)]
    for resource in (MESSAGES, STEPS, TICKETS):
        assert ids(read(resource, connection)) == ["1"]


def test_a_history_that_is_not_in_order_is_refused(server: FakeRequestTracker, connection: Connection) -> None:
    server._found = lambda query: [step(2, 1, NOON), step(1, 1, NOON)]  # type: ignore[method-assign]
    with pytest.raises(ContractBroken, match="not in order of id"):
        read(STEPS, connection)


def test_steps_are_those_of_a_case_and_say_whether_staff_made_them(
    server: FakeRequestTracker, connection: Connection
) -> None:
    changed = {"creator": STAFF, "Field": "Owner", "OldValue": "6", "NewValue": "27"}
    server.history = [
        step(1, 1, NOON),
        step(2, 1, NOON, "EmailRecord", creator=RT_SYSTEM),
        step(3, 1, NOON, "Set", **changed),
        step(4, 1, NOON, "SetWatcher", **changed),
        step(5, 1, NOON, "Set", Field="Subject", OldValue="secret words"),
        step(6, 1, NOON, "Status", creator=RT_SYSTEM, Field="Status"),
        step(7, 1, NOON, "Correspond", creator=STAFF),
        step(8, 1, NOON, "AddLink", creator=STAFF, Field="MergedInto"),
        step(9, 1, NOON, "Take", **changed),
    ]
    found = records(STEPS, connection)
    assert [one["id"] for one in found] == ["1", "3", "6", "8", "9"]
    assert {one["Nobody"] for one in found} == {"6"}


def test_each_user_is_asked_about_once(server: FakeRequestTracker, connection: Connection, fake_api: FakeApi) -> None:
    server.history = [step(number, 1, NOON, "Comment", creator=STAFF) for number in range(1, 8)]
    server.parts = [part(number, number, "hi") for number in range(1, 8)]
    read(MESSAGES, connection)
    assert [one.path for one in fake_api.asked].count(f"/REST/2.0/user/{STAFF}") == 1


def test_a_message_has_the_words_that_request_tracker_shows_and_a_number_of_files(
    server: FakeRequestTracker, connection: Connection, fake_api: FakeApi
) -> None:
    server.history = [
        step(1, 1, NOON),
        step(2, 1, NOON, "Correspond", creator=STAFF),
        step(3, 1, NOON, "Comment", creator=STAFF),
        step(4, 1, NOON, "Status"),
        step(5, 2, NOON),
    ]
    web = "X-RT-Interface: Web"
    server.parts = [
        part(1, 1, "", ContentType="multipart/mixed"),
        part(2, 1, "<p>hi</p>", ContentType="text/html", Headers=""),
        part(3, 1, "hi", Headers=""),
        part(4, 1, "log", Filename="a.txt", Headers=""),
        part(5, 1, "PNG", Filename="b.png", ContentType="image/png", Headers=""),
        part(6, 2, "<b>on its way</b>", ContentType="text/html", Headers=web),
        part(7, 3, "scan", Filename="c.pdf", ContentType="application/pdf", Headers=web),
    ]
    found = {one["id"]: one for one in records(MESSAGES, connection)}
    told = [(one["ContentType"], one["Content"], one["Interface"], one["file_count"]) for one in found.values()]
    assert told == [
        ("text/plain", "hi", "Email", 2), ("text/html", "<b>on its way</b>", "Web", 0), (None, None, "Web", 1),
    ]  # fmt: skip
    assert found["1"]["Creator"]["Privileged"] == 0
    assert "Parent" not in "".join(one.params.get("fields", "") for one in fake_api.asked)
    asked = [bound["value"] for one in fake_api.asked if one.params.get("fields") == "Content" for bound in one.body]
    assert asked == ["3", "6"], "no file is asked for"


def test_deleted_and_merged_tickets_are_read_and_shredded_ones_counted(
    server: FakeRequestTracker, connection: Connection
) -> None:
    server.history = [step(number, number, NOON) for number in (1, 2, 3, 4)]
    owned = ticket(1, NOON, Owner=named("user", "agent"))
    server.tickets = [owned, ticket(2, NOON, Status="deleted"), ticket(5, NOON, merged=("3",))]
    pages = read(TICKETS, connection)
    found = [record for page in pages for record in page.records]
    assert [(one["id"], one["Status"], one["merged_into"]) for one in found] == [
        (1, "open", None), (2, "deleted", None), (3, "open", 5),
    ]  # fmt: skip
    assert [one["Owner"]["number"] for one in found] == [27, 6, 6]
    assert {one["Queue"]["Name"] for one in found} == {"General"}
    assert [rejected.reason for page in pages for rejected in page.rejected] == ["ticket_gone"]


def test_of_a_ticket_neither_words_nor_addresses_are_kept(server: FakeRequestTracker, connection: Connection) -> None:
    ours = {"ref": "refers-to", "type": "external", "_url": "social_crm:x:1"}
    words = {"Subject": "secret words", "CustomFields": [{"name": "IBAN", "values": ["secret words"]}]}
    server.history = [step(1, 1, NOON)]
    server.tickets = [ticket(1, NOON, _hyperlinks=[{**named("ticket", 1), "ref": "self"}, ours], **words)]
    assert records(TICKETS, connection) == [
        {
            "id": 1, "merged_into": None, "Status": "open", "Priority": "0", "Created": f"{NOON:%FT%TZ}",
            "LastUpdated": f"{NOON:%FT%TZ}", "Queue": {"id": "1", "Name": "General"},
            "Owner": {"id": "Nobody", "number": 6}, "_hyperlinks": [ours],
        }
    ]  # fmt: skip


def test_a_ticket_that_says_something_twice_goes_on_to_landing_with_its_mark(
    server: FakeRequestTracker, connection: Connection, fake_api: FakeApi
) -> None:
    server.history, server.tickets = [step(1, 1, NOON)], [ticket(1, NOON)]
    fake_api.respond = lambda asked: Answer(
        server(asked).content.replace(b'"Status": "open"', b'"Status": "new", "Status": "open"', 1)
    )
    assert [repr(one.get(DOUBLED)) for one in records(TICKETS, connection)] == ["Status"]


def test_a_ticket_without_what_staging_reads_is_refused(server: FakeRequestTracker, connection: Connection) -> None:
    server.history, server.tickets = [step(1, 1, NOON)], [ticket(1, NOON)]
    del server.tickets[0]["_hyperlinks"]
    with pytest.raises(ContractBroken, match="'_hyperlinks' is missing"):
        read(TICKETS, connection)


def test_a_token_serves_instead_of_a_password(server: FakeRequestTracker, fake_api: FakeApi) -> None:
    server.history = [step(1, 1, NOON, creator=CUSTOMER)]
    token = Connection(fake_api.url, "", SECRET, HASTE)
    REQUEST_TRACKER.check(token)
    assert ids(read(STEPS, token)) == ["1"]
