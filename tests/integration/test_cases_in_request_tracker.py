"""Cases of ours in a real Request Tracker: once each, whatever happens on the way."""

import logging
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import requests
from test_staging import Warehouse

from servers import request_tracker
from servers.fake_api import Answer, Asked, FakeApi
from servers.fake_sources import read
from servers.request_tracker import RequestTracker as Server
from social_crm.activation.model import Item
from social_crm.activation.request_tracker import RequestTracker
from social_crm.activation.sending import Sent, preview, send
from social_crm.errors import CredentialRefused, RateLimited, SourceUnavailable
from social_crm.settings import Settings
from social_crm.sources.model import Connection, Window
from social_crm.sources.request_tracker import REQUEST_TRACKER
from worlds.interrupted_sending import QUICK, ends_killed, published_journal

ITEMS = [
    Item(
        "helpdesk_case", f"x:{number}:service", f"Answer: {number}", "> said", rule="queue",
        conversation_id=f"x:{number}", market_code="sg", team_code="service", group="Cards", action="answer",
        is_urgent=number == 1,
    )
    for number in (1, 2)
]  # fmt: skip


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    with request_tracker.running() as running:
        yield running


@pytest.fixture
def journal(warehouse: Settings) -> Callable[[str], list[tuple]]:
    """Publish something, and return a function that asks the journal."""
    return published_journal(warehouse)


def named(prefix: str) -> list[Item]:
    """Return items that no other test sends to the same server, told apart by their titles too."""
    return [replace(item, item_id=f"{prefix}:{item.item_id}", title=f"{prefix} {item.title}") for item in ITEMS]


def tickets(server: Server, item: Item) -> list[dict[str, Any]]:
    """Return the tickets that the helpdesk has of an item, by another search than the connector's."""
    query = f"Subject = '{item.title}'"
    return [server.ask("GET", f"ticket/{found['id']}") for found in server.ask("GET", "tickets", query=query)["items"]]


def sent(items: list[Item], connection: Connection) -> Sent:
    return send(items, RequestTracker(connection), kind="helpdesk_case", per_minute=QUICK)


def test_a_case_is_made_once_with_what_its_team_needs(server: Server, journal: Callable) -> None:
    items = named("once")
    assert sent(items, server.connection()).created_count == 2
    assert sent(items, server.connection()).created_count == 0
    [ticket] = tickets(server, items[0])
    assert (ticket["Subject"], ticket["Priority"], ticket["Requestor"]) == ("once Answer: 1", "100", [])
    assert server.ask("GET", f"queue/{ticket['Queue']['id']}")["Name"] == "Cards"
    [opening] = server.ask("GET", f"ticket/{ticket['id']}/attachments", fields="Content")["items"]
    assert opening["Content"] == "> said\nTeam service."
    rows = journal("select item_id, state, target, remote_id, attempt_count from bi.activations order by item_id")
    assert rows[0] == (items[0].item_id, "sent", "request_tracker", str(ticket["id"]), 1)
    assert len(rows) == 2


def test_a_team_without_a_queue_has_its_cases_in_the_one_that_is_configured(server: Server, journal: Callable) -> None:
    items = [replace(item, group=group) for item, group in zip(named("queue"), ("social_sg", None), strict=True)]
    sent(items, server.connection(queue="Cards"))
    queues = [server.ask("GET", f"queue/{tickets(server, item)[0]['Queue']['id']}")["Name"] for item in items]
    assert queues == ["Cards", "Cards"]


def test_a_dry_run_makes_nothing_and_logs_no_words(
    server: Server, journal: Callable, caplog: pytest.LogCaptureFixture
) -> None:
    items = [replace(item, body="> my card is lost", title="Ann") for item in named("dry")]
    with caplog.at_level(logging.INFO):
        assert preview(items, RequestTracker.name) == 2
    assert items[0].item_id in caplog.text
    assert not any(word in caplog.text for word in ("card", "Ann"))
    assert tickets(server, items[0]) == []
    assert journal("select * from bi.activations") == []


def test_killed_between_any_two_steps_every_case_is_made_once(server: Server, journal: Callable) -> None:
    kill_at, was_killed = 0, True
    while was_killed:
        kill_at += 1
        items = named(f"killed{kill_at}")
        was_killed = ends_killed(items, lambda: RequestTracker(server.connection()), kill_at)
        sent(items, server.connection())
        assert [len(tickets(server, item)) for item in items] == [1, 1], kill_at
    assert kill_at == 2 * (1 + 2 * 3) + 1
    assert journal("select distinct state from bi.activations") == [("sent",)]


@pytest.fixture
def proxy(server: Server, fake_api: FakeApi) -> FakeApi:
    """Give a proxy before the server, as a company has one, which can refuse or lose what passes."""

    def forward(asked: Asked) -> Answer:
        method = "GET" if asked.body is None else "POST"
        headers = {"Authorization": asked.headers["authorization"]}
        found = requests.request(
            method, f"{server.url}{asked.path}", params=asked.query, json=asked.body, headers=headers, timeout=30
        )
        return Answer(found.content, found.status_code)

    fake_api.respond = forward
    return fake_api


def test_an_answer_lost_on_the_way_makes_no_second_case(server: Server, proxy: FakeApi, journal: Callable) -> None:
    items, forward = named("lost")[:1], proxy.respond
    through = replace(server.connection(), url=proxy.url)
    proxy.respond = lambda asked: replace(forward(asked), cut_after=5) if asked.body else forward(asked)
    with pytest.raises(SourceUnavailable):
        sent(items, through)
    assert journal("select state, attempt_count, error_kind from bi.activations") == [
        ("planned", 1, "source_unavailable")
    ]
    assert len(tickets(server, items[0])) == 1
    proxy.respond = forward
    assert sent(items, through) == Sent(found_count=1)
    assert len(tickets(server, items[0])) == 1


def test_a_short_rate_limit_is_waited_out_and_a_long_one_is_the_callers(
    server: Server, proxy: FakeApi, journal: Callable
) -> None:
    through = replace(server.connection(queue="Cards"), url=proxy.url)
    items = [replace(item, group=None) for item in named("limit")]
    proxy.faults.append(Answer({"message": "slowly"}, 429, {"Retry-After": "1"}))
    assert sent(items, through).created_count == 2
    late = [replace(item, group=None) for item in named("late")]
    proxy.faults.append(Answer("<title>Maintenance</title>", 503, {"Retry-After": "900"}, "text/html"))
    with pytest.raises(RateLimited):
        sent(late, through)
    assert [len(tickets(server, item)) for item in items + late] == [1, 1, 0, 0]
    assert sent(late, through).created_count == 2


def test_a_refused_credential_makes_nothing(server: Server, journal: Callable) -> None:
    items = named("refused")
    with pytest.raises(CredentialRefused, match="wrong or revoked"):
        sent(items, replace(server.connection(), secret="wrong"))
    with pytest.raises(CredentialRefused, match="may not"):
        sent(items, server.connection("customer"))
    assert [tickets(server, item) for item in items] == [[], []]
    assert sent(items, server.connection()).created_count == 2


def test_a_login_that_cannot_find_what_it_made_makes_no_second_case(server: Server, journal: Callable) -> None:
    items = named("blind")
    with pytest.raises(CredentialRefused, match="ShowTicket and ModifyTicket"):
        sent(items, server.connection("sender"))
    assert journal("select item_id, state from bi.activations order by item_id") == [
        (items[0].item_id, "sent"),
        (items[1].item_id, "planned"),
    ]


@pytest.mark.parametrize("odd", ["it's, a \\ b?", "100%/\u00e9\u20ac;#&", "long" * 100])
def test_any_id_is_found_again_and_no_other(server: Server, odd: str) -> None:
    item, other = (replace(ITEMS[0], item_id=f"{odd}:{end}") for end in ("one", "two"))
    helpdesk = RequestTracker(server.connection())
    number = helpdesk.create(item)
    assert (helpdesk.find(item), helpdesk.find(other)) == (number, None)


def test_a_case_that_staff_merged_is_found_where_it_went(server: Server) -> None:
    item, helpdesk = replace(ITEMS[0], item_id="merged"), RequestTracker(server.connection())
    number, into = helpdesk.create(item), server.open_ticket()
    server.ask("PUT", f"ticket/{number}", body={"MergeInto": into})
    assert helpdesk.find(item) == str(into)


def test_a_case_that_we_made_comes_back_as_no_contact_and_a_merge_with_one_hides_none(
    server: Server, warehouse: Settings
) -> None:
    helpdesk = RequestTracker(server.connection())
    ours = [int(helpdesk.create(replace(ITEMS[0], item_id=f"back {number}"))) for number in range(3)]
    contact = server.open_ticket(RefersTo="https://else.example/social_crm:back")
    heard = [server.open_ticket(), server.open_ticket()]
    for merged, into in ((ours[1], heard[0]), (heard[1], ours[2])):
        server.ask("PUT", f"ticket/{merged}", body={"MergeInto": into})
    numbers = ", ".join(map(str, heard))
    server.sql(
        "update Transactions set Creator = (select id from Users where Name = 'customer')"
        f" where ObjectType = 'RT::Ticket' and Type = 'Create' and ObjectId in ({numbers})"
    )
    today = datetime.now(UTC).replace(microsecond=0) + timedelta(seconds=1)
    window, staging = Window(today - timedelta(hours=1), today), Warehouse(warehouse)
    server.sql(f"update Transactions set Created = '{today - timedelta(minutes=30):%F %T}'")
    loads = []
    for resource in REQUEST_TRACKER.resources:
        # The server's clock has not passed the window yet.
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr("social_crm.sources.request_tracker_reading.SETTLED_SECONDS", -60)
            pages = read(resource, server.connection(), window=window)
        records = [record for page in pages for record in page.records]
        known = [one for one in records if int(one.get("ObjectId", one["id"])) in (*ours, contact, *heard)]
        loads.append(staging.land(f"request_tracker.{resource.name}", *known))
    staging.transform(*loads, select=["staging.request_tracker"])
    for model in ("interactions", "case_events"):
        found = staging.rows(f"select distinct conversation_native_id from staging.stg_request_tracker__{model}")
        assert sorted(map(int, found)) == [contact, *heard], model
    assert staging.rows("select count(*) from raw_request_tracker.tickets") == [6]
