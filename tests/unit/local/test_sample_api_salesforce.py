"""The sample server as Salesforce: a token for a client, and queries that go on after stamp and Id."""

from typing import Any
from urllib.parse import urlencode

import orjson
import pytest

from social_crm.local.sample_api.app import SampleApi
from social_crm.local.sample_api.company import Company
from social_crm.local.sample_api.messages import Answer, Call
from social_crm.local.sample_api.salesforce import CLIENT, LARGEST_PAGE, TOKEN

FORM = {"grant_type": "client_credentials", "client_id": CLIENT, "client_secret": "networks-secret"}
END = "SystemModstamp < 2026-11-10T00:00:00.000Z order by SystemModstamp, Id limit 2000"


def opened(server: SampleApi, **form: str) -> Answer:
    return server.respond(Call("POST", TOKEN, {}, {}, urlencode({**FORM, **form}).encode()))


@pytest.fixture
def query(server: SampleApi) -> Any:
    """Return a function that asks with a token that the server gave."""
    token = orjson.loads(opened(server).body)["access_token"]
    headers = {"authorization": f"Bearer {token}"}
    path = "/salesforce/services/data/v62.0/queryAll"
    return lambda soql: server.respond(Call("GET", path, {"q": soql}, headers))


def rows(query: Any, columns: str, after: str, of: str = "Contact") -> Any:
    return orjson.loads(query(f"select {columns} from {of} where {after} and {END}").body)


def test_pages_go_on_after_stamp_and_id_to_the_last_record(query: Any, company: Company) -> None:
    after, found = "SystemModstamp >= 2026-10-26T00:00:00.000Z", list[dict[str, Any]]()
    while True:
        page = rows(query, "Id, SystemModstamp, IsDeleted, Tier__c", after)
        assert len(page["records"]) <= LARGEST_PAGE
        found += page["records"]
        if page["done"]:
            break
        # A query writes a moment in ISO 8601, an answer does not.
        stamp, last = found[-1]["SystemModstamp"].replace("+0000", "Z"), found[-1]["Id"]
        after = f"((SystemModstamp = {stamp} and Id > '{last}') or SystemModstamp > {stamp})"
    contacts = {line["id"] for line in company.crms["salesforce"] if line["kind"] == "contact"}
    assert sorted(one["Id"] for one in found) == sorted(contacts)
    assert {one["Tier__c"] for one in found} == {"private"}
    assert [one["SystemModstamp"] for one in found if one["IsDeleted"]] == ["2026-10-29T03:00:00.000+0000"]


def test_a_page_names_its_next_records_up_to_the_limit(query: Any, get: Any, server: SampleApi) -> None:
    page = orjson.loads(query(f"select Id from Contact limit {LARGEST_PAGE + 1}").body)
    assert (page["totalSize"], page["done"], len(page["records"])) == (LARGEST_PAGE + 1, False, LARGEST_PAGE)
    login = {"authorization": f"Bearer {orjson.loads(opened(server).body)['access_token']}"}
    following = orjson.loads(get(f"/salesforce{page['nextRecordsUrl']}", login).body)
    assert (following["totalSize"], following["done"], len(following["records"])) == (LARGEST_PAGE + 1, True, 1)
    assert following["records"][0] not in page["records"]
    assert "nextRecordsUrl" not in following
    whole = orjson.loads(query("select Id from Contact limit 2").body)
    assert (whole["totalSize"], whole["done"], len(whole["records"])) == (2, True, 2)


def test_a_contact_is_deleted_at_its_moment(query: Any, post: Any) -> None:
    post("/_sample/clock", {"now": "2026-10-29T02:59:59Z"})
    after = "SystemModstamp >= 2026-10-29T00:00:00.000Z"
    assert rows(query, "Id", after)["records"] == []
    post("/_sample/clock", {"now": "2026-10-29T03:00:00Z"})
    assert len(rows(query, "Id", after)["records"]) == 1


def test_fields_that_there_are_not_and_other_queries_are_refused(query: Any, server: SampleApi, get: Any) -> None:
    assert orjson.loads(query("select Id, Colour__c from Contact limit 1").body)[0]["errorCode"] == "INVALID_FIELD"
    assert query("select Id from Lead limit 1").status == 400
    assert len(orjson.loads(query("select Id, Name, Industry from Account limit 1").body)["records"]) == 1
    assert opened(server, client_secret="else").status == 400
    assert get("/salesforce/services/data/v62.0/queryAll", {"authorization": "Bearer else"}).status == 401
