"""HubSpot: stamps that more records share than a search gives, records that move meanwhile, archived ones, quotas."""

from datetime import timedelta
from typing import Any

import pytest

from harnesses import hubspot as harness
from harnesses.hubspot import PAGE, FakeHubSpot, contact, refusal
from servers.fake_api import Answer, Asked, FakeApi
from servers.fake_sources import HASTE, SECRET, START, WINDOW, ids, read
from social_crm.errors import ContractBroken, CredentialRefused, RateLimited, SourceUnavailable
from social_crm.sources import hubspot_reading
from social_crm.sources.hubspot import HUBSPOT
from social_crm.sources.model import Connection

CONTACTS, COMPANIES = HUBSPOT.resource("contacts"), HUBSPOT.resource("companies")
NOON = START + timedelta(hours=12)


@pytest.fixture
def server(fake_api: FakeApi, monkeypatch: pytest.MonkeyPatch) -> FakeHubSpot:
    monkeypatch.setattr(hubspot_reading, "PER_PAGE", PAGE)
    monkeypatch.setattr(harness, "MOST", 2 * PAGE)
    server = FakeHubSpot()
    fake_api.respond = server
    return server


def connect_to(api: FakeApi, **options: Any) -> Connection:
    return Connection(api.url, secret=SECRET, options={**HASTE, **options})


def test_more_than_a_search_gives_is_read_whole(fake_api: FakeApi, server: FakeHubSpot) -> None:
    server.records = [contact(number, START, START + timedelta(minutes=number)) for number in range(1, 20)]
    assert set(ids(read(CONTACTS, connect_to(fake_api)))) == {str(number) for number in range(1, 20)}


def test_more_of_one_stamp_than_a_search_gives_are_read_by_id(fake_api: FakeApi, server: FakeHubSpot) -> None:
    server.records = [contact(number, START, NOON) for number in range(1, 20)]
    server.records += [contact(30, START, NOON + timedelta(seconds=1)), contact(31, START, NOON - timedelta(seconds=1))]
    pages = read(CONTACTS, connect_to(fake_api))
    assert set(ids(pages)) == {str(number) for number in (*range(1, 20), 30, 31)}
    for place, page in enumerate(pages):
        rest = read(CONTACTS, connect_to(fake_api), page.cursor)
        assert set(ids([*pages[: place + 1], *rest])) == set(ids(pages))


@pytest.mark.parametrize("apart", [timedelta(), timedelta(minutes=1)], ids=["of one stamp", "of many"])
def test_pages_smaller_than_asked_for_end_no_search(
    fake_api: FakeApi, server: FakeHubSpot, monkeypatch: pytest.MonkeyPatch, apart: timedelta
) -> None:
    monkeypatch.setattr(hubspot_reading, "PER_PAGE", 100)
    server.records = [contact(number, START, NOON + number * apart) for number in range(1, 20)]
    assert set(ids(read(CONTACTS, connect_to(fake_api)))) == {str(number) for number in range(1, 20)}


def test_a_page_that_leads_on_and_shows_nothing_is_no_end(fake_api: FakeApi, naps: list[float]) -> None:
    fake_api.respond = lambda asked: Answer({"total": 9, "results": [], "paging": {"next": {"after": "100"}}})
    with pytest.raises(SourceUnavailable, match="shows nothing"):
        read(CONTACTS, connect_to(fake_api))


def test_a_search_that_shows_nothing_of_its_total_is_no_end(fake_api: FakeApi, naps: list[float]) -> None:
    fake_api.respond = lambda asked: Answer({"total": 9, "results": []})
    with pytest.raises(SourceUnavailable, match="shows nothing"):
        read(CONTACTS, connect_to(fake_api))


def test_a_record_that_moved_since_the_search_saw_it_hides_none_that_follow(
    fake_api: FakeApi, server: FakeHubSpot
) -> None:
    server.records = [contact(number, START, START + timedelta(minutes=number)) for number in range(1, 9)]

    def with_newer_stamp(asked: Asked) -> Answer:
        answer = server(asked)
        for one in answer.body.get("results", []):
            if one["id"] == "2":
                one["properties"]["lastmodifieddate"] = "2030-01-01T00:00:00.000Z"
        return answer

    fake_api.respond = with_newer_stamp
    assert set(ids(read(CONTACTS, connect_to(fake_api)))) == {str(number) for number in range(1, 9)}


def test_a_record_that_moves_while_pages_are_read_hides_no_other(fake_api: FakeApi, server: FakeHubSpot) -> None:
    server.records = [contact(number, START, START + timedelta(minutes=number)) for number in range(1, 9)]
    searches: list[str] = []

    def respond(asked: Asked) -> Answer:
        answer = server(asked)
        if not searches:
            server.records[0]["properties"]["lastmodifieddate"] = "2030-01-01T00:00:00.000Z"
        searches.append(asked.path)
        return answer

    fake_api.respond = respond
    assert set(ids(read(CONTACTS, connect_to(fake_api)))) == {str(number) for number in range(1, 9)}


def test_what_changes_every_night_before_it_is_read_is_in_some_window(fake_api: FakeApi, server: FakeHubSpot) -> None:
    server.records = [contact(1, START, WINDOW.end + timedelta(minutes=5))]
    assert ids(read(CONTACTS, connect_to(fake_api))) == ["1"]


def test_a_server_that_ignores_the_id_is_noticed(fake_api: FakeApi, server: FakeHubSpot) -> None:
    server.records = [contact(number, START, NOON) for number in range(1, 9)]
    fake_api.respond = lambda asked: server(
        Asked(asked.path, asked.params, asked.headers, {**asked.body, "filterGroups": [{"filters": []}]})
    )
    with pytest.raises(ContractBroken, match="ignores the filter"):
        read(CONTACTS, connect_to(fake_api))


def test_properties_are_named_or_would_not_come(fake_api: FakeApi, server: FakeHubSpot) -> None:
    told = {"service_tier": "gold", "country": "SG", "hidden": "never asked for"}
    server.records = [contact(1, START, NOON, properties=told)]
    [page, _] = read(CONTACTS, connect_to(fake_api, contact_fields={"tier": "service_tier"}))
    assert page.records[0]["chosen"] == {"market": "SG", "status": None, "tier": "gold"}
    assert "hidden" not in page.records[0]["properties"]


def test_a_property_that_hubspot_does_not_have_is_named_before_anything_is_read(
    fake_api: FakeApi, server: FakeHubSpot
) -> None:
    server.records = [contact(1, START, NOON)]
    wrong = connect_to(fake_api, contact_fields={"tier": "servicetier", "segment": "zzz", "market": "Country"})
    told = r"does not have: segment: zzz \(nothing is near\); tier: servicetier \(near: service_tier(, \w+)*\)$"
    with pytest.raises(ContractBroken, match=told):
        read(CONTACTS, wrong)
    with pytest.raises(ContractBroken, match=told):
        HUBSPOT.check(wrong)
    assert fake_api.asked[0].path == "/crm/v3/properties/contacts"
    # What was begun is gone on with: the names were looked up then.
    assert read(CONTACTS, wrong, "archived:") != []


def test_a_token_that_may_not_look_up_names_reads_on_and_the_doctor_says_so(
    fake_api: FakeApi, server: FakeHubSpot
) -> None:
    server.records = [contact(1, START, NOON, properties={"service_tier": "gold"})]
    fake_api.respond = lambda asked: refusal("MISSING_SCOPES", 403) if "properties" in asked.path else server(asked)
    connection = connect_to(fake_api, contact_fields={"tier": "service_tier"})
    assert ids(read(CONTACTS, connection)) == ["1"]
    with pytest.raises(CredentialRefused, match="may not read this"):
        HUBSPOT.check(connection)


def test_those_archived_in_the_window_come_whenever_they_were_modified(fake_api: FakeApi, server: FakeHubSpot) -> None:
    day, old = timedelta(days=1), START - timedelta(days=90)
    archived = [(1, NOON), (2, NOON - day), (3, NOON + day), (4, START), (5, START + day)]
    server.records = [
        contact(number, old, old, archived=True, archivedAt=f"{at:%FT%T}.000Z") for number, at in archived
    ]
    pages = read(CONTACTS, connect_to(fake_api))
    assert set(ids(pages)) == {"1", "4"}
    assert CONTACTS.version_at(pages[0].records[0]) == f"{NOON:%FT%T}.000Z"


def test_companies_have_a_stamp_of_another_name(fake_api: FakeApi, server: FakeHubSpot) -> None:
    read(COMPANIES, connect_to(fake_api))
    assert fake_api.asked[0].body["sorts"] == ["hs_lastmodifieddate"]
    assert "hs_lastmodifieddate" in fake_api.asked[0].body["properties"]


def test_names_of_companies_which_never_land_are_not_asked_for(fake_api: FakeApi, server: FakeHubSpot) -> None:
    read(COMPANIES, connect_to(fake_api))
    assert [set(asked.body["properties"]) for asked in fake_api.asked if asked.path.endswith("/search")] == [
        {"industry", "hs_lastmodifieddate"}
    ]
    listed = [asked.params["properties"] for asked in fake_api.asked if "archived" in asked.params]
    assert listed == ["industry,hs_lastmodifieddate"]


def test_a_used_up_daily_quota_gives_the_slot_back(fake_api: FakeApi, naps: list[float]) -> None:
    body = {"status": "error", "message": "words", "errorType": "RATE_LIMIT", "policyName": "DAILY"}
    fake_api.respond = lambda asked: Answer(body, 429)
    with pytest.raises(RateLimited):
        read(CONTACTS, connect_to(fake_api))


def test_a_missing_scope_is_named_as_one(fake_api: FakeApi) -> None:
    fake_api.respond = lambda asked: refusal("MISSING_SCOPES", 403)
    with pytest.raises(CredentialRefused, match="may not read this"):
        read(CONTACTS, connect_to(fake_api))
