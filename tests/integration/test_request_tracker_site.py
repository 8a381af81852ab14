"""The connector of Request Tracker against a real server, and the fake held to what that server answers."""

import json
from base64 import b64encode
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import requests

from harnesses.request_tracker import named, part, step, ticket
from servers import request_tracker
from servers.fake_sources import ids, read
from servers.request_tracker import PASSWORD, RequestTracker
from social_crm.errors import ContractBroken, CredentialRefused, SourceUnavailable
from social_crm.sources import request_tracker_reading
from social_crm.sources.model import Record, Request, Resource, Window
from social_crm.sources.request_tracker import REQUEST_TRACKER
from social_crm.sources.request_tracker_reading import FIELDS, IN_ORDER

MESSAGES, STEPS, TICKETS = map(REQUEST_TRACKER.resource, ("messages", "transactions", "tickets"))
# The night in which Berlin's clocks show 02:30 twice, an hour apart.
AUTUMN = datetime(2026, 10, 25, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
FILE = {"FileName": "a.txt", "FileType": "text/plain", "FileContent": b64encode(b"a log").decode()}


@pytest.fixture(scope="module")
def server() -> Iterator[RequestTracker]:
    with request_tracker.running() as running:
        yield running


class Told:
    """What a test did on the server, as of a moment of its own choice."""

    def __init__(self, server: RequestTracker, monkeypatch: pytest.MonkeyPatch) -> None:
        """Hide what other tests did, far in the past."""
        server.sql("update Transactions set Created = '2001-01-01 00:00:00'")
        monkeypatch.setitem(IN_ORDER, "per_page", 4)
        self.server = server

    def date(self, at: datetime, where: str = "Created > '2001-01-02'") -> None:
        """Let what was done since then have happened at a moment."""
        self.server.sql(f"update Transactions set Created = '{at:%F %T}' where {where}")

    def read(self, resource: Resource, window: Window, login: str = "agent", **options: Any) -> list[Record]:
        pages = read(resource, self.server.connection(login, **options), window=window)
        return [record for page in pages for record in page.records]


@pytest.fixture
def told(server: RequestTracker, monkeypatch: pytest.MonkeyPatch) -> Told:
    return Told(server, monkeypatch)


NOON = Window(AUTUMN + 12 * HOUR, AUTUMN + 13 * HOUR)


def test_a_conversation_is_read_with_who_wrote_what_for_whom(told: Told) -> None:
    number = told.server.open_ticket(Requestor="jo@else.example")
    words = {"Content": "<p>On its <b>way</b> \u20ac</p>", "ContentType": "text/html", "Attachments": [FILE]}
    told.server.ask("POST", f"ticket/{number}/correspond", "agent", words)
    told.server.ask("POST", f"ticket/{number}/comment", "agent", {"Content": "Called", "ContentType": "text/plain"})
    told.date(NOON.start)
    found = told.read(MESSAGES, NOON)
    assert [(one["Type"], one["Content"], one["file_count"], one["Creator"]["Privileged"]) for one in found] == [
        ("Create", "Where is my card?", 0, 1),
        ("Correspond", "<p>On its <b>way</b> \u20ac</p>", 1, 1),
        ("Comment", "Called", 0, 1),
    ]
    assert {one["ObjectId"] for one in found} == {str(number)}
    assert {one["Interface"] for one in found} == {"REST"}


def test_a_mail_of_a_customer_is_theirs_and_its_parts_are_counted(told: Told) -> None:
    mail = (
        "From: Jo <jo@else.example>\nTo: rt@acme.example\nSubject: Card\nMIME-Version: 1.0\n"
        'Content-Type: multipart/mixed; boundary="b"\n\n--b\nContent-Type: text/plain; charset=iso-8859-1\n'
        "Content-Transfer-Encoding: quoted-printable\n\nCaf=E9 charged me twice\n--b\nContent-Type: image/png\n"
        'Content-Disposition: attachment; filename="bill.png"\nContent-Transfer-Encoding: base64\n\niVBORw==\n--b--\n'
    )
    told.server.perl(
        "my $queue = RT::Queue->new(RT->SystemUser); $queue->Load('Cards');"
        "RT::Group->new(RT->SystemUser)->LoadSystemInternalGroup('Everyone');"
        "my $all = RT::Group->new(RT->SystemUser); $all->LoadSystemInternalGroup('Everyone');"
        "$all->PrincipalObj->GrantRight(Right => $_, Object => $queue) for qw(CreateTicket ReplyToTicket);"
        "require RT::Interface::Email; my @made = RT::Interface::Email::Gateway("
        f"{{message => join('', map {{ chr }} ({','.join(str(byte) for byte in mail.encode())})), queue => 'Cards',"
        " action => 'correspond'}); $made[0] > 0 or die $made[1];"
    )
    told.date(NOON.start)
    [found] = told.read(MESSAGES, NOON)
    assert (found["Content"].strip(), found["Interface"], found["file_count"]) == (
        "Caf\u00e9 charged me twice",
        "Email",
        1,
    )
    assert (found["Creator"]["EmailAddress"], found["Creator"]["Privileged"]) == ("jo@else.example", 0)


def test_steps_name_users_by_number_and_what_nobody_owns(told: Told) -> None:
    number = told.server.open_ticket()
    for change in ({"Owner": "agent", "Priority": 50}, {"Status": "resolved"}, {"Owner": "Nobody"}):
        told.server.ask("PUT", f"ticket/{number}", body=change)
    told.server.ask("PUT", f"ticket/{number}", body={"Subject": "secret words"})
    told.date(NOON.start)
    found = told.read(STEPS, NOON)
    agent, nobody = (str(told.server.ask("GET", f"user/{name}")["id"]) for name in ("agent", "Nobody"))
    assert [(one["Field"], one["OldValue"], one["NewValue"]) for one in found] == [
        ("", "", ""),
        ("Owner", nobody, agent),
        ("Priority", "0", "50"),
        ("Status", "new", "resolved"),
        ("Owner", agent, nobody),
    ]
    assert {one["Nobody"] for one in found} == {nobody}
    assert "secret" not in json.dumps(found)
    [owned] = told.read(TICKETS, NOON)
    assert (owned["Owner"]["number"], owned["Queue"]["Name"], owned["Status"]) == (int(nobody), "Cards", "resolved")


def test_both_halves_of_an_autumn_night_are_read_each_in_its_window(told: Told) -> None:
    first, second = told.server.open_ticket(), told.server.open_ticket()
    told.date(AUTUMN + HOUR / 2, f"ObjectId = {first} and ObjectType = 'RT::Ticket'")
    told.date(AUTUMN + 1.5 * HOUR, f"ObjectId = {second} and ObjectType = 'RT::Ticket'")
    windows = [Window(AUTUMN, AUTUMN + HOUR), Window(AUTUMN + HOUR, AUTUMN + 2 * HOUR)]
    assert [[one["ObjectId"] for one in told.read(STEPS, window)] for window in windows] == [
        [str(first)],
        [str(second)],
    ]


def test_a_moment_in_a_query_is_of_the_zone_of_the_login_whatever_stands_behind_it(told: Told) -> None:
    told.server.open_ticket()
    told.date(NOON.start)  # in Berlin one hour more
    for literal, is_met in (("13:00:00", True), ("13:00:01", False), ("13:00:01 UTC", False)):
        query = f"ObjectType = 'RT::Ticket' AND Created >= '2026-10-25 {literal}' AND Created < '2026-10-26 00:00:00'"
        assert bool(told.server.ask("GET", "transactions", query=query)["count"]) is is_met, literal
    # With a `Z`, as ISO 8601 has it, the time of day is lost.
    misread = "ObjectType = 'RT::Ticket' AND Created >= '2026-10-25T23:00:00Z'"
    assert told.server.ask("GET", "transactions", query=misread)["count"]
    everything = told.server.ask("GET", "transactions", query="Created >= 'nonsense'", per_page=1)["total"]
    assert everything > 10


def test_what_the_login_may_not_see_ends_no_walk_and_totals_are_not_trusted(told: Told) -> None:
    seen = [told.server.open_ticket()]
    for _ in range(3):
        told.server.open_ticket(Queue="General")
    seen += [told.server.open_ticket() for _ in range(7)]
    told.date(NOON.start)
    assert [one["ObjectId"] for one in told.read(STEPS, NOON)] == [str(number) for number in seen]
    assert told.server.ask("GET", "transactions", "agent", query="id > 0")["total"] is None


def test_what_happens_during_a_walk_hides_nothing(told: Told) -> None:
    numbers = [told.server.open_ticket() for _ in range(9)]
    told.date(NOON.start)
    pages = STEPS.extract(Request(told.server.connection(), NOON))
    found = ids([next(pages)])
    told.server.ask("DELETE", f"ticket/{numbers[0]}")
    told.server.ask("PUT", f"ticket/{numbers[6]}", body={"Subject": "moved"})
    rest = [record for page in pages for record in page.records]
    assert [*found, *(one["id"] for one in rest)] == ids(read(STEPS, told.server.connection(), window=NOON))
    assert len(found) + len(rest) == 9


def test_deleted_and_merged_tickets_are_gone_from_search_and_read_by_us(told: Told) -> None:
    gone, merged, kept = (told.server.open_ticket(subject=f"number {number}") for number in range(3))
    told.server.ask("DELETE", f"ticket/{gone}")
    told.server.ask("PUT", f"ticket/{merged}", body={"MergeInto": kept})
    told.date(NOON.start)
    for query in (f"id = {gone}", f"id = {merged}", "Status = 'deleted'"):
        assert told.server.ask("GET", "tickets", query=query)["items"] == [], query
    assert [(one["id"], one["Status"], one["merged_into"]) for one in told.read(TICKETS, NOON)] == [
        (gone, "deleted", None),
        (merged, "new", kept),
        (kept, "new", None),
    ]
    fields = [(one["ObjectId"], one["Field"], one["NewValue"]) for one in told.read(STEPS, NOON)]
    assert (str(gone), "Status", "deleted") in fields
    assert (str(merged), "MergedInto", f"fsck.com-rt://acme.example/ticket/{kept}") in fields


def test_a_ticket_merged_into_one_that_may_not_be_seen_is_left_out(told: Told) -> None:
    hidden, merged, seen = (
        told.server.open_ticket(Queue="General"),
        told.server.open_ticket(),
        told.server.open_ticket(),
    )
    told.server.ask("PUT", f"ticket/{merged}", body={"MergeInto": hidden})
    told.date(NOON.start)
    for resource in (MESSAGES, STEPS, TICKETS):
        found = told.read(resource, NOON)
        assert {str(one.get("ObjectId", one["id"])) for one in found} == {str(seen)}, resource.name


def test_a_shredded_ticket_holds_back_no_other(told: Told) -> None:
    shredded, kept = told.server.open_ticket(), told.server.open_ticket()
    told.date(NOON.start)
    connection = told.server.connection("root")
    pages = TICKETS.extract(Request(connection, NOON))
    told.server.sql(f"update Tickets set EffectiveId = 9999 where id = {shredded}")  # as far as anybody can tell
    found = list(pages)
    assert [one["id"] for page in found for one in page.records] == [kept]
    assert [rejected.reason for page in found for rejected in page.rejected] == ["ticket_gone"]


@pytest.mark.parametrize(
    ("login", "secret", "words"),
    [
        ("agent", "wrong", "wrong or revoked"),
        ("nobody-known", PASSWORD, "wrong or revoked"),
        ("", "1-2-wrong", "wrong or revoked"),
        ("customer", PASSWORD, "may not read this"),
    ],
)
def test_a_login_that_sees_too_little_is_refused(server: RequestTracker, login: str, secret: str, words: str) -> None:
    given = replace(server.connection(login), secret=secret)
    with pytest.raises(CredentialRefused, match=words):
        REQUEST_TRACKER.check(given)
    if login != "customer":
        with pytest.raises(CredentialRefused):
            read(STEPS, given, window=NOON)
    REQUEST_TRACKER.check(server.connection())


def test_a_token_serves_instead_of_a_password(told: Told) -> None:
    number = told.server.open_ticket()
    told.date(NOON.start)
    token = replace(told.server.connection(""), secret=told.server.token)
    REQUEST_TRACKER.check(token)
    assert [record["ObjectId"] for page in read(STEPS, token, window=NOON) for record in page.records] == [str(number)]


def test_an_address_without_request_tracker_is_refused(server: RequestTracker) -> None:
    with pytest.raises((ContractBroken, SourceUnavailable)):
        REQUEST_TRACKER.check(replace(server.connection(), url=f"{server.url}/elsewhere"))


def test_links_name_the_configured_host_and_are_not_followed(told: Told) -> None:
    number = told.server.open_ticket()
    told.date(NOON.start)
    assert told.server.ask("GET", f"ticket/{number}")["Queue"]["_url"].startswith("http://support.acme.example/")
    assert [one["id"] for one in told.read(TICKETS, NOON)] == [number]


def test_the_fake_answers_as_the_real_server_does(told: Told) -> None:
    number = told.server.open_ticket(Requestor="jo@else.example")
    told.date(NOON.start)
    query = {"query": f"ObjectType = 'RT::Ticket' AND ObjectId = {number} AND Type = 'Create'", "fields": FIELDS}
    [real] = told.server.ask("GET", "transactions", **query, **{"fields[Creator]": "id,Name,EmailAddress,RealName"})[
        "items"
    ]
    fake = step(int(real["id"]), number, NOON.start)
    assert {name: type(value) for name, value in real.items()} == {name: type(value) for name, value in fake.items()}
    assert {name: type(value) for name, value in real["Creator"].items()} == {
        name: type(value) for name, value in fake["Creator"].items()
    }
    whole, alone = told.server.ask("GET", f"ticket/{number}"), ticket(number, NOON.start)
    assert {name: type(value) for name, value in alone.items()}.items() <= {name: type(value) for name, value in whole.items()}.items()  # fmt: skip  # noqa: E501
    assert set(named("queue", 1)) == set(whole["Queue"]) == set(whole["Owner"])
    wanted = [{"field": "TransactionId", "operator": "=", "value": real["id"]}]
    answer = told.server.ask(
        "POST", "attachments", body=wanted, fields="TransactionId,ContentType,Filename,Headers,Content"
    )
    assert {name: type(value) for name, value in answer["items"][0].items()} == {
        name: type(value) for name, value in part(1, 1).items()
    }
    user = told.server.ask("GET", "user/agent", "agent")
    assert [link["id"] for link in user["_hyperlinks"] if link["ref"] == "self"] == [user["id"]]
    everyone = [*wanted, {"field": "id", "operator": "=", "value": 2}, {"field": "id", "operator": ">", "value": 0}]
    assert told.server.ask("POST", "attachments", body=everyone)["count"] == 1, "bounds of one field are joined by or"
    with pytest.raises(requests.HTTPError, match="500"):
        told.server.ask("POST", "attachments", body=wanted, fields="Parent")
    assert (
        told.server.ask("GET", "transactions", query="id > 0", per_page=500)["per_page"]
        == request_tracker_reading.PER_PAGE
    )
