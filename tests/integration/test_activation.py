"""What goes out of the warehouse, to a real sample server and a real CRM database: once each, whatever happens."""

import logging
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import ClassVar

import httpx
import pytest
import sqlalchemy as sa
from test_staging import Warehouse

from servers.fake_api import Answer, Asked, FakeApi
from social_crm.activation.crm_notes import CrmNotes
from social_crm.activation.journal import open_journal
from social_crm.activation.model import Item
from social_crm.activation.sending import preview, send
from social_crm.activation.zendesk import Zendesk
from social_crm.database import connect
from social_crm.errors import ActivationInProgress, ContractBroken, RateLimited, SourceUnavailable
from social_crm.settings import Settings
from social_crm.sources.model import Connection
from worlds.interrupted_sending import QUICK, ends_killed, published_journal
from worlds.sample_company import running_company

ITEMS = [
    Item(
        "helpdesk_case", f"x:{number}:service", f"Answer: {number}", "> said", rule="queue",
        conversation_id=f"x:{number}", customer_id=f"C-{number}", market_code="sg", team_code="service",
        group="social_sg", action="answer", is_urgent=True,
    )
    for number in (1, 2)
]  # fmt: skip


@pytest.fixture(scope="module")
def company(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Connection]:
    """Start the sample server and return the connection to its helpdesk."""
    with running_company(tmp_path_factory.mktemp("company")) as connections:
        yield connections["zendesk"]


@pytest.fixture
def journal(warehouse: Settings) -> Callable[[str], list[tuple]]:
    """Publish something, and return a function that asks the journal."""
    return published_journal(warehouse)


def named(prefix: str) -> list[Item]:
    """Return items that no other test sends to the same server."""
    return [replace(item, item_id=f"{prefix}:{item.item_id}") for item in ITEMS]


def tickets(company: Connection, item: Item) -> list[dict]:
    """Return the tickets that the helpdesk has of an item."""
    login = (f"{company.login}/token", company.secret)
    url = f"{company.url}/api/v2/tickets?external_id={item.external_id}"
    found = httpx.get(url, auth=login).raise_for_status().json()["tickets"]
    assert isinstance(found, list)
    return found


def set_faults(company: Connection, **faults: object) -> None:
    httpx.post(f"{company.url}/_sample/faults", json=faults or {}).raise_for_status()


def test_a_case_is_made_once_with_what_its_team_needs(company: Connection, journal: Callable) -> None:
    items = named("once")
    assert send(items, Zendesk(company), kind="helpdesk_case", per_minute=QUICK).created_count == 2
    assert send(items, Zendesk(company), kind="helpdesk_case", per_minute=QUICK).created_count == 0
    [ticket] = tickets(company, items[0])
    assert ticket["external_id"] == "social_crm:once:x:1:service"
    assert (ticket["priority"], ticket["is_public"], ticket["group_id"]) == ("high", False, 37000000006)
    assert {"team_service", "action_answer", "market_sg"} <= set(ticket["tags"])
    rows = journal(
        "select item_id, state, remote_id, attempt_count, market_code, as_of::date::text from bi.activations"
    )
    assert (items[0].item_id, "sent", str(ticket["id"]), 1, "sg", "2026-11-09") in rows
    assert len(rows) == 2


def test_a_group_on_a_later_page_of_the_helpdesks_list_gets_its_case(company: Connection) -> None:
    def helpdesk(asked: Asked) -> Answer:
        if asked.path.endswith("/tickets"):
            return Answer({"ticket": {"id": 1}}, status=201)
        is_last = asked.params.get("page[after]") == "2"
        group = {"id": 7, "name": "social_sg"} if is_last else {"id": 6, "name": "social_in"}
        return Answer({"groups": [group], "meta": {"has_more": not is_last, "after_cursor": "2"}})

    with FakeApi(helpdesk) as zendesk:
        Zendesk(replace(company, url=zendesk.url)).create(named("paged")[0])
    assert zendesk.asked[-1].body["ticket"]["group_id"] == 7


def test_a_rule_makes_no_more_cases_per_run_than_it_allows(company: Connection, journal: Callable) -> None:
    items = [replace(item, most_per_run=1) for item in named("most")]
    for _ in range(2):
        assert send(items, Zendesk(company), kind="helpdesk_case", per_minute=QUICK).created_count == 1
    assert [len(tickets(company, item)) for item in items] == [1, 1]


def test_what_the_target_refuses_takes_no_place_of_others_in_the_next_run(journal: Callable) -> None:
    class Picky:
        name = "picky"
        options: ClassVar[dict[str, str]] = {}
        made: ClassVar[list[str]] = []

        def find(self, item: Item) -> str | None:
            return None

        def create(self, item: Item) -> str:
            if item.item_id.startswith("bad"):
                raise ContractBroken("no such group")
            self.made.append(item.item_id)
            return item.item_id

    items = [replace(ITEMS[0], item_id=name, most_per_run=2) for name in ("bad 1", "bad 2", "a", "b", "c")]
    for _ in range(3):
        with suppress(ContractBroken):
            send(items, Picky(), kind="helpdesk_case", per_minute=QUICK)
    assert Picky.made == ["a", "b", "c"]


def test_a_dry_run_sends_nothing_and_logs_no_words(
    company: Connection, journal: Callable, caplog: pytest.LogCaptureFixture
) -> None:
    items = [replace(item, body="> my card is lost", title="Ann") for item in named("dry")]
    with caplog.at_level(logging.INFO):
        assert preview(items, "zendesk") == 2
    assert items[0].item_id in caplog.text
    assert not any(word in caplog.text for word in ("card", "Ann", "C-1"))
    assert tickets(company, items[0]) == []
    assert journal("select * from bi.activations") == []


def test_an_answer_lost_on_the_way_makes_no_second_case(company: Connection, journal: Callable) -> None:
    items, helpdesk = named("lost")[:1], Zendesk(company)

    def create_unheard(item: Item) -> str:
        set_faults(company, dropped_connection=1, only="/api/v2/tickets")
        return Zendesk.create(helpdesk, item)

    helpdesk.create = create_unheard  # type: ignore[method-assign]
    with pytest.raises(SourceUnavailable):
        send(items, helpdesk, kind="helpdesk_case", per_minute=QUICK)
    assert journal("select state, attempt_count, error_kind from bi.activations") == [
        ("planned", 1, "source_unavailable")
    ]
    set_faults(company)
    assert len(tickets(company, items[0])) == 1
    assert send(items, Zendesk(company), kind="helpdesk_case", per_minute=QUICK).found_count == 1
    assert len(tickets(company, items[0])) == 1


def test_a_journal_from_a_backup_makes_no_second_case_and_learns_of_the_first(
    company: Connection, journal: Callable, warehouse: Settings
) -> None:
    items = named("restored")
    assert send(items, Zendesk(company), kind="helpdesk_case", per_minute=QUICK).created_count == 2
    sent = journal("select item_id, state, remote_id from bi.activations order by 1")
    with connect(warehouse.warehouse_admin_url) as admin:
        admin.execute("delete from bi.activations")
    assert send(items, Zendesk(company), kind="helpdesk_case", per_minute=QUICK).found_count == 2
    assert [len(tickets(company, item)) for item in items] == [1, 1]
    assert journal("select item_id, state, remote_id from bi.activations order by 1") == sent


def test_a_short_rate_limit_is_waited_out_and_a_long_one_is_the_callers(company: Connection, journal: Callable) -> None:
    items = named("limit")
    helpdesk = Zendesk(company)
    set_faults(company, rate_limit_after_n=1, rate_limit_seconds=1, only="/api/v2/tickets")
    assert send(items, helpdesk, kind="helpdesk_case", per_minute=QUICK).created_count == 2
    set_faults(company)
    set_faults(company, rate_limit_after_n=0, rate_limit_seconds=900, only="/api/v2/tickets")
    with pytest.raises(RateLimited):
        send(named("limited"), helpdesk, kind="helpdesk_case", per_minute=QUICK)
    set_faults(company)
    assert [len(tickets(company, item)) for item in items + named("limited")] == [1, 1, 0, 0]


def test_what_is_wanted_no_more_is_confirmed_if_it_arrived_and_forgotten_if_not(
    company: Connection, journal: Callable
) -> None:
    arrived, absent = named("gone")
    with open_journal("zendesk") as notes:
        notes.plan([arrived, absent])
        notes.begin(arrived)
        notes.begin(absent)
    Zendesk(company).create(arrived)
    assert send([], Zendesk(company), kind="helpdesk_case").found_count == 1
    assert journal("select item_id, state from bi.activations") == [(arrived.item_id, "sent")]


def test_two_runs_never_send_at_the_same_time(journal: Callable) -> None:
    with open_journal("zendesk"), pytest.raises(ActivationInProgress), open_journal("zendesk"):
        pass


def test_a_note_is_written_once_on_the_contact(journal: Callable, tmp_path: Path) -> None:
    notes = [replace(item, kind="crm_note", body=f"Case {number} made") for number, item in enumerate(ITEMS)]
    crm = CrmNotes(Connection(f"sqlite:///{tmp_path}/crm.sqlite"))
    for expected in (2, 0):
        assert send(notes, crm, kind="crm_note", per_minute=QUICK).created_count == expected
    assert crm.create(notes[0]) == notes[0].external_id
    with sa.create_engine(f"sqlite:///{tmp_path}/crm.sqlite").connect() as database:
        rows = database.execute(sa.text("select customer_id, note from contact_notes order by 1")).fetchall()
    assert [tuple(row) for row in rows] == [("C-1", "Case 0 made"), ("C-2", "Case 1 made")]


def test_a_crm_that_refuses_or_is_gone_is_told_of_without_its_words(tmp_path: Path) -> None:
    crm = CrmNotes(Connection(f"sqlite:///{tmp_path}/crm.sqlite"))
    with pytest.raises(ContractBroken, match="contact_notes") as refused:
        crm.create(replace(ITEMS[0], customer_id=None))
    assert "said" not in str(refused.value)
    with sa.create_engine(f"sqlite:///{tmp_path}/crm.sqlite").begin() as database:
        database.execute(sa.text("drop table contact_notes"))
    for ask in (crm.find, crm.create):
        with pytest.raises(SourceUnavailable, match="crm_notes_api"):
            ask(ITEMS[0])
    with pytest.raises(ContractBroken, match="crm_notes_api") as refused:
        CrmNotes(Connection("postgresql+psycopg://u:p@ss:canary@h/d"))
    assert "canary" not in str(refused.value)


def test_killed_between_any_two_steps_every_case_is_made_once(company: Connection, journal: Callable) -> None:
    kill_at, was_killed = 0, True
    while was_killed:
        kill_at += 1
        items = named(f"killed{kill_at}")
        was_killed = ends_killed(items, lambda: Zendesk(company), kill_at)
        send(items, Zendesk(company), kind="helpdesk_case", per_minute=QUICK)
        assert [len(tickets(company, item)) for item in items] == [1, 1], kill_at
    # Plan once; begin, create and confirm each item; a point before and one after each.
    assert kill_at == 2 * (1 + 2 * 3) + 1
    assert journal("select distinct state from bi.activations") == [("sent",)]


def test_a_case_that_we_made_comes_back_as_no_contact(warehouse: Settings) -> None:
    staging = Warehouse(warehouse)
    ticket = {
        "id": 7, "brand_id": 360001, "via": {"channel": "api"}, "status": "new", "requester_id": 20,
        "created_at": "2026-10-26T02:00:00Z", "updated_at": "2026-10-26T02:00:00Z", "generated_timestamp": 1,
    }  # fmt: skip
    comment = {
        "id": 71, "ticket_id": 7, "author_id": 20, "public": False, "via": {"channel": "api"},
        "html_body": "<p>Answer it</p>", "created_at": "2026-10-26T02:00:00Z",
    }  # fmt: skip
    audit = {
        "id": 72, "ticket_id": 7, "author_id": 20, "created_at": "2026-10-26T02:00:00Z", "via": {"channel": "api"},
        "events": [{"type": "Create", "field_name": "status", "value": "new"}],
    }  # fmt: skip
    ours = {"external_id": ITEMS[0].external_id}
    loads = [
        staging.land("zendesk.tickets", ticket | ours, ticket | {"id": 8, "external_id": "A-17"}),
        staging.land("zendesk.comments", comment, comment | {"id": 81, "ticket_id": 8}),
        staging.land("zendesk.audits", audit, audit | {"id": 82, "ticket_id": 8}),
    ]
    staging.transform(*loads)
    models = ("int_interactions", "int_case_events")
    found = "select distinct conversation_native_id from intermediate.{} where source = 'zendesk' order by 1"
    assert [staging.rows(found.format(model)) for model in models] == [["8"], ["8"]]

    # Whoever is put on the case and answers has contacted us, whoever made it.
    since = dict.fromkeys(("created_at", "updated_at"), "2026-10-26T00:00:00Z")
    customer = {"id": 21, "role": "end-user", "name": "Ann", **since}
    answer = comment | {"id": 73, "author_id": 21, "public": True, "created_at": "2026-10-26T03:00:00Z"}
    staging.transform(*loads, staging.land("zendesk.users", customer), staging.land("zendesk.comments", answer))
    assert [staging.rows(found.format(model)) for model in models] == [["7", "8"], ["7", "8"]]
