"""Salesforce: stamps that thousands share, pages shorter than asked for, quotas, tokens and chosen fields."""

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from harnesses.salesforce import PAGE, TOKEN, FakeSalesforce, refusal, stamp
from servers.fake_api import Answer, Asked, FakeApi
from servers.fake_sources import HASTE, SECRET, START, WINDOW, read
from social_crm.errors import ContractBroken, CredentialRefused, RateLimited, SourceUnavailable
from social_crm.sources import salesforce
from social_crm.sources.model import Connection, Page
from social_crm.sources.salesforce import SALESFORCE
from social_crm.sources.salesforce_reading import VERSION

CONTACTS, ACCOUNTS = SALESFORCE.resource("contacts"), SALESFORCE.resource("accounts")
NOON = START + timedelta(hours=12)


@pytest.fixture
def server(fake_api: FakeApi, monkeypatch: pytest.MonkeyPatch) -> FakeSalesforce:
    monkeypatch.setattr(salesforce, "PER_PAGE", PAGE)
    server = FakeSalesforce()
    fake_api.respond = server
    return server


def connect_to(api: FakeApi, **options: Any) -> Connection:
    return Connection(api.url, "client", SECRET, {**HASTE, **options})


def record(number: int, **more: Any) -> dict[str, Any]:
    return {"Id": f"003{number:012}", "IsDeleted": False, "CreatedDate": stamp(START), "SystemModstamp": stamp(NOON), **more}  # fmt: skip  # noqa: E501


def read_ids(pages: list[Page]) -> list[str]:
    return [str(CONTACTS.key(one)) for page in pages for one in page.records]


def test_a_bulk_load_of_one_stamp_is_read_whole_and_once(fake_api: FakeApi, server: FakeSalesforce) -> None:
    server.records = [record(number) for number in reversed(range(4 * PAGE))]
    pages = read(CONTACTS, connect_to(fake_api))
    assert read_ids(pages) == [f"003{number:012}" for number in range(4 * PAGE)]
    assert read_ids(read(CONTACTS, connect_to(fake_api), pages[1].cursor)) == read_ids(pages[2:])


def test_only_done_ends_a_window_for_wide_rows_make_pages_short(fake_api: FakeApi, server: FakeSalesforce) -> None:
    server.records = [record(number) for number in range(4)]

    def shorter(asked: Asked) -> Answer:
        answer = server(asked)
        if len(answer.body.get("records", [])) > 1:
            return Answer({**answer.body, "records": answer.body["records"][:1], "done": False})
        return answer

    fake_api.respond = shorter
    assert len(read_ids(read(CONTACTS, connect_to(fake_api)))) == 4


def test_a_record_that_only_the_system_changed_is_read(fake_api: FakeApi, server: FakeSalesforce) -> None:
    server.records = [record(1, LastModifiedDate=stamp(START - timedelta(days=90)))]
    assert len(read_ids(read(CONTACTS, connect_to(fake_api)))) == 1


def test_what_changes_every_night_before_it_is_read_is_in_some_window(
    fake_api: FakeApi, server: FakeSalesforce
) -> None:
    server.records = [record(1, SystemModstamp=stamp(WINDOW.end + timedelta(minutes=5)))]
    assert len(read_ids(read(CONTACTS, connect_to(fake_api)))) == 1


def test_a_window_of_too_many_pages_does_not_end_as_if_it_were_whole(fake_api: FakeApi, server: FakeSalesforce) -> None:
    server.records = [record(number) for number in range(4 * PAGE)]
    with pytest.raises(ContractBroken, match="more than 2 pages"):
        read(CONTACTS, connect_to(fake_api, pages=2))


def test_an_answer_that_shows_nothing_of_its_total_is_no_end(fake_api: FakeApi, server: FakeSalesforce) -> None:
    nothing = Answer({"totalSize": 9, "done": True, "records": []})
    fake_api.respond = lambda asked: nothing if asked.path.endswith("queryAll") else server(asked)
    with pytest.raises(SourceUnavailable, match="shows nothing"):
        read(CONTACTS, connect_to(fake_api))


def test_a_deleted_record_comes_with_its_mark(fake_api: FakeApi, server: FakeSalesforce) -> None:
    server.records = [record(1, IsDeleted=True)]
    [page] = read(CONTACTS, connect_to(fake_api))
    assert page.records[0]["IsDeleted"] is True
    assert {asked.path for asked in fake_api.asked[1:]} == {f"/services/data/{VERSION}/queryAll"}


def test_chosen_fields_come_beside_the_record(fake_api: FakeApi, server: FakeSalesforce) -> None:
    server.records = [record(1, Tier__c="gold", MailingCountry="SG")]
    [page] = read(CONTACTS, connect_to(fake_api, contact_fields={"tier": "tier__C"}))
    assert page.records[0]["chosen"] == {"market": "SG", "tier": "gold"}
    assert page.records[0]["Tier__c"] == "gold"


def test_a_field_that_the_org_does_not_have_is_named_with_what_is_near(
    fake_api: FakeApi, server: FakeSalesforce
) -> None:
    told = r"hides it from this user \(Contact\.UnknownTier__c: UnknownTier__c \(near: Tier__c(, \w+)*\)\); compare"
    with pytest.raises(ContractBroken, match=told):
        SALESFORCE.check(connect_to(fake_api, contact_fields={"tier": "UnknownTier__c"}))
    # An org that describes nothing is believed all the same.
    server.fields = []
    with pytest.raises(ContractBroken, match="hides it from this user; compare"):
        read(CONTACTS, connect_to(fake_api, contact_fields={"tier": "UnknownTier__c"}))


def test_a_used_up_daily_quota_gives_the_slot_back(fake_api: FakeApi, naps: list[float]) -> None:
    tokens = Answer({"access_token": TOKEN})
    fake_api.respond = lambda asked: tokens if asked.path.endswith("token") else refusal("REQUEST_LIMIT_EXCEEDED", 403)
    with pytest.raises(RateLimited):
        read(CONTACTS, connect_to(fake_api))


def test_a_query_that_took_too_long_is_asked_again(
    fake_api: FakeApi, server: FakeSalesforce, naps: list[float]
) -> None:
    server.records, late = [record(1)], [refusal("QUERY_TIMEOUT", 400)]
    fake_api.respond = lambda asked: late.pop() if late and "q" in asked.params else server(asked)
    assert len(read_ids(read(CONTACTS, connect_to(fake_api)))) == 1
    fake_api.respond = lambda asked: server(asked) if "token" in asked.path else refusal("QUERY_TIMEOUT", 400)
    with pytest.raises(SourceUnavailable, match="try again later"):
        read(CONTACTS, connect_to(fake_api))


def test_a_session_that_was_revoked_is_no_wrong_client(fake_api: FakeApi) -> None:
    tokens = Answer({"access_token": TOKEN})
    fake_api.respond = lambda asked: tokens if asked.path.endswith("token") else refusal("INVALID_SESSION_ID", 401)
    with pytest.raises(CredentialRefused, match="re-authorise source salesforce") as refused:
        read(CONTACTS, connect_to(fake_api))
    assert SECRET not in str(refused.value)
    assert "words that may quote" not in str(refused.value)


def test_real_records_call_their_fields_as_we_do(shared_data: Path) -> None:
    records = json.loads((shared_data / "api_payloads/salesforce/contacts-data.json").read_text())["records"]
    # Imports leave out what the system fills.
    given = {column for one in records for column in one}
    assert given & set(salesforce.CONTACT) == {"FirstName", "LastName", "Email", "Phone"}


def test_names_of_accounts_which_never_land_are_not_asked_for(fake_api: FakeApi, server: FakeSalesforce) -> None:
    server.records = [record(1, Name="Bay Walk", Industry="Finance")]
    SALESFORCE.check(connect_to(fake_api))
    [page] = read(ACCOUNTS, connect_to(fake_api))
    assert page.records[0]["Industry"] == "Finance"
    queries = [asked.params["q"] for asked in fake_api.asked if " from Account " in asked.params.get("q", "")]
    assert len(queries) == 2
    assert not any("Name" in query for query in queries)
