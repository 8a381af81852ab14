"""The sample server as HubSpot: searches by stamp, what was archived, and the names of properties."""

from typing import Any

import orjson
import pytest

from social_crm.local.sample_api.app import SampleApi
from social_crm.local.sample_api.company import Company
from social_crm.local.sample_api.hubspot import FIELDS
from social_crm.local.sample_api.messages import Call

LOGIN = {"authorization": "Bearer networks-secret"}
MOVED = 1792974000000  # 2026-10-26T00:20:00Z, when all came to the new CRM


@pytest.fixture
def search(server: SampleApi) -> Any:
    """Return a function that searches an object by its stamp and gives what is found."""

    def ask(name: str, stamp: str, operator: str, value: int, limit: int = 100) -> list[dict[str, Any]]:
        filters = [{"propertyName": stamp, "operator": operator, "value": str(value)}]
        query = {
            "filterGroups": [{"filters": filters}],
            "properties": [stamp, "email", FIELDS["tier"]],
            "sorts": [stamp],
        }
        body = orjson.dumps({**query, "limit": limit, "after": "0"})
        answer = server.respond(Call("POST", f"/hubspot/crm/v3/objects/{name}/search", {}, LOGIN, body))
        return orjson.loads(answer.body)["results"]  # type: ignore[no-any-return]

    return ask


def test_a_search_finds_what_moved_with_the_properties_that_were_named(search: Any, company: Company) -> None:
    contacts = {line["id"] for line in company.crms["hubspot"] if line["kind"] == "contact"}
    archived = {line["id"] for line in company.crms["hubspot"] if line.get("is_deleted")}
    found = search("contacts", "lastmodifieddate", "GTE", MOVED)
    assert {one["id"] for one in found} == contacts - archived
    assert all(one["properties"].keys() == {"lastmodifieddate", "email", FIELDS["tier"]} for one in found)
    assert search("contacts", "lastmodifieddate", "GT", MOVED) == []
    assert len(search("contacts", "lastmodifieddate", "EQ", MOVED, 3)) == 3
    assert len(search("companies", "hs_lastmodifieddate", "LT", MOVED + 1)) == 2


def test_an_archived_contact_is_in_a_list_from_its_moment_on(get: Any, post: Any) -> None:
    def listed(now: str) -> list[dict[str, Any]]:
        post("/_sample/clock", {"now": now})
        answer = get("/hubspot/crm/v3/objects/contacts", LOGIN, archived="true", limit=100)
        return orjson.loads(answer.body)["results"]  # type: ignore[no-any-return]

    assert listed("2026-10-28T14:59:59Z") == []
    [archived] = listed("2026-10-28T15:00:00Z")
    assert archived["archivedAt"] == "2026-10-28T15:00:00.000Z"


def test_names_of_properties_are_told_to_whoever_has_the_token(get: Any) -> None:
    answer = get("/hubspot/crm/v3/properties/contacts", LOGIN)
    assert set(FIELDS.values()) < {one["name"] for one in orjson.loads(answer.body)["results"]}
    assert get("/hubspot/crm/v3/properties/contacts", {"authorization": "Bearer else"}).status == 401
    assert get("/hubspot/crm/v3/properties/deals", LOGIN).status == 404
