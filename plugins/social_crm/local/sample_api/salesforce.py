"""Salesforce as far as the warehouse reads it: a token for a client, and queries by stamp and Id in SOQL.

What an answer has no room for stands at its `nextRecordsUrl`, until the server ends.
"""

import re
import secrets
import sqlite3
from contextlib import closing
from urllib.parse import parse_qs

from social_crm.local.sample_api.company import Clock, Company, Record, newest_versions
from social_crm.local.sample_api.messages import Answer, Call, answer_json

CLIENT = "warehouse"
FIELDS = {"market": "MailingCountryCode", "tier": "Tier__c"}  # which fields Acme chose, and what they hold
LARGEST_PAGE = 5  # whatever size is requested, so that a small story has more than one page
TOKEN = "/salesforce/services/oauth2/token"  # noqa: S105 -- an address
_QUERY = re.compile(
    r"select (?P<columns>[\w, ]+) from (?P<object>Contact|Account)"
    r"(?: where (?P<conditions>.+) order by SystemModstamp, Id)? limit (?P<limit>\d+)"
)
_MORE = re.compile(r"(?P<query>.+/queryAll)/(?P<locator>\w+)-(?P<place>\d+)")
_MOMENT = re.compile(r"\d{4}-\d\d-\d\dT[\d:.]+Z")


class SalesforceApi:
    """Answers like an org, below /salesforce/."""

    def __init__(self, company: Company, clock: Clock, secret: str) -> None:
        """Keep every version of every record, and a token for the client."""
        self._versions, self._clock, self._secret = company.crms.get("salesforce", []), clock, secret
        self._token = secrets.token_urlsafe(18)
        self._found: dict[str, list[Record]] = {}  # results of queries, by the locator of their next records

    def answer(self, call: Call) -> Answer:
        """Answer with a token, or with one page of a query; errors are a plain list."""
        if call.path == TOKEN:
            given = {name: values[0] for name, values in parse_qs(call.body.decode()).items()}
            wanted = {"grant_type": "client_credentials", "client_id": CLIENT, "client_secret": self._secret}
            if given != wanted:
                return answer_json({"error": "invalid_client"}, 400)
            return answer_json({"access_token": self._token, "token_type": "Bearer"})
        if not call.bears(self._token):
            return answer_json([{"errorCode": "INVALID_SESSION_ID", "message": "Session expired or invalid"}], 401)
        more = _MORE.fullmatch(call.path)
        if more and more["locator"] in self._found:
            return self._page(more["query"], more["locator"], int(more["place"]))
        asked = _QUERY.fullmatch(call.params.get("q", ""))
        if not asked or not call.path.endswith("/queryAll"):
            return answer_json([{"errorCode": "MALFORMED_QUERY", "message": "unexpected token"}], 400)
        return self._query(call.path, asked)

    def _query(self, path: str, asked: re.Match[str]) -> Answer:
        """Answer with the first page of a query's results, or refuse a field that does not exist."""
        current = newest_versions(self._versions, self._clock.now)
        records = [_contact(one) if one["kind"] == "contact" else _account(one) for one in current]
        found = _queried([one for one in records if one["type"] == asked["object"]], asked["conditions"] or "true")
        columns, wanted = asked["columns"].split(", "), found[: int(asked["limit"])]
        if any(column not in record for record in wanted for column in columns):
            return answer_json([{"errorCode": "INVALID_FIELD", "message": "No such column"}], 400)
        locator = secrets.token_hex(9)
        self._found[locator] = [{column: record[column] for column in columns} for record in wanted]
        return self._page(path, locator, 0)

    def _page(self, path: str, locator: str, place: int) -> Answer:
        """Answer with a page of a query's results; the last page forgets the query."""
        found, following = self._found[locator], place + LARGEST_PAGE
        page = {"totalSize": len(found), "done": following >= len(found), "records": found[place:following]}
        if page["done"]:
            del self._found[locator]
            return answer_json(page)
        next_url = f"{path.removeprefix('/salesforce')}/{locator}-{following}"
        return answer_json({**page, "nextRecordsUrl": next_url})


def _queried(records: list[Record], conditions: str) -> list[Record]:
    """Return the records that match conditions on stamp and Id, which are SQL once moments are quoted."""
    with closing(sqlite3.connect(":memory:")) as database:
        database.execute("create table records (Id, SystemModstamp, place)")
        for place, record in enumerate(records):
            row = (record["Id"], record["SystemModstamp"].replace("+0000", "Z"), place)  # as queries write it
            database.execute("insert into records values (?, ?, ?)", row)
        where = _MOMENT.sub(r"'\g<0>'", conditions)
        query = f"select place from records where {where} order by SystemModstamp, Id"  # noqa: S608 -- in memory
        return [records[place] for (place,) in database.execute(query)]


def _contact(version: Record) -> Record:
    return {
        **_common(version), "type": "Contact", "AccountId": version["company"], "FirstName": version["first_name"],
        "LastName": version["last_name"], "Email": version["email"], "Phone": None, "MobilePhone": version["phone"],
        FIELDS["market"]: version["market"].upper(), FIELDS["tier"]: version["tier"],
    }  # fmt: skip


def _account(version: Record) -> Record:
    return {**_common(version), "type": "Account", "Name": version["name"], "Industry": version["industry"]}


def _common(version: Record) -> Record:
    return {
        "Id": version["id"], "IsDeleted": version.get("is_deleted", False),
        "CreatedDate": version["created_at"].replace("Z", ".000+0000"),
        "SystemModstamp": version["from"].replace("Z", ".000+0000"),
    }  # fmt: skip
