"""Salesforce over a small server that knows as much SOQL as the connector writes: three records a query."""

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from typing import Any

import acceptance
from acceptance import Entry
from servers.fake_api import Answer, Asked
from servers.fake_sources import HASTE, SECRET
from social_crm.sources import salesforce
from social_crm.sources.model import Connection
from social_crm.sources.salesforce import SALESFORCE
from social_crm.sources.salesforce_reading import VERSION

PAGE = 3
TOKEN = "00D-token"
_SOQL = re.compile(
    r"select (?P<columns>[\w, ]+) from (?P<object>\w+)"
    r"(?: where (?P<conditions>.+) order by SystemModstamp, Id)? limit (?P<limit>\d+)"
)
_AFTER = re.compile(r"\(\(SystemModstamp = (\S+) and Id > '(\w+)'\) or SystemModstamp > \S+\)|SystemModstamp >= (\S+)")


def refusal(code: str, status: int) -> Answer:
    """Return an error as the REST API sends it: a list with nothing around it."""
    return Answer([{"errorCode": code, "message": "words that may quote a field's value"}], status)


def stamp(moment: datetime) -> str:
    return f"{moment:%FT%T}.000+0000"


class FakeSalesforce:
    """Records of any object by `queryAll`, sorted by stamp and Id, behind a client's token."""

    def __init__(self) -> None:
        self.records: list[dict[str, Any]] = []
        self.fields = [*salesforce.CONTACT, *salesforce.ACCOUNT, "MailingCountry", "Tier__c"]

    def __call__(self, asked: Asked) -> Answer:
        if asked.path == "/services/oauth2/token":
            known = (asked.body["grant_type"], asked.body["client_secret"]) == ("client_credentials", SECRET)
            refused = {"error": "invalid_client", "error_description": "invalid client credentials"}
            return Answer({"access_token": TOKEN, "token_type": "Bearer"}) if known else Answer(refused, 400)
        if asked.headers.get("authorization") != f"Bearer {TOKEN}":
            return refusal("INVALID_SESSION_ID", 401)
        if asked.path == f"/services/data/{VERSION}/sobjects/Contact/describe":
            return Answer({"name": "Contact", "fields": [{"name": name, "label": name} for name in self.fields]})
        assert asked.path == f"/services/data/{VERSION}/queryAll"
        return self._query(asked.params["q"])

    def _query(self, soql: str) -> Answer:
        said = _SOQL.fullmatch(soql)
        assert said, soql
        columns = said["columns"].split(", ")
        if any(column.startswith("Unknown") for column in columns):
            return refusal("INVALID_FIELD", 400)
        found = sorted(self.records, key=lambda record: (record["SystemModstamp"], record["Id"]))
        if said["conditions"]:
            after, _, end = said["conditions"].rpartition(" and SystemModstamp < ")
            found = [record for record in found if self._is_after(record, after) and self._at(record) < _moment(end)]
        found = found[: min(PAGE, int(said["limit"]))]
        return Answer({"totalSize": len(found), "done": True, "records": [self._shown(one, columns) for one in found]})  # fmt: skip  # noqa: E501

    @staticmethod
    def _shown(record: dict[str, Any], columns: list[str]) -> dict[str, Any]:
        """Return what was asked for, by the names that the org gives its fields."""
        own = {name.lower(): name for name in record}
        return {own.get(column.lower(), column): record.get(own.get(column.lower(), column)) for column in columns}

    def _is_after(self, record: dict[str, Any], after: str) -> bool:
        said = _AFTER.fullmatch(after)
        assert said, after
        tied, last, first = said.groups()
        if first:
            return self._at(record) >= _moment(first)
        return (self._at(record), record["Id"]) > (_moment(tied), last)

    @staticmethod
    def _at(record: dict[str, Any]) -> datetime:
        return _moment(record["SystemModstamp"])


def _moment(literal: str) -> datetime:
    return datetime.fromisoformat(literal)


class Harness(acceptance.Harness):
    """Contacts whose stamp is when they last changed; a deleted one stays in the recycle bin."""

    source, resource = SALESFORCE, SALESFORCE.resource("contacts")
    cuts_exactly = False

    def __init__(self, *args: Any) -> None:
        super().__init__(*args)
        self.patch.setattr(salesforce, "PER_PAGE", PAGE)
        self.server = FakeSalesforce()
        self.api.respond = self._respond

    def _respond(self, asked: Asked) -> Answer:
        self.server.records = [self._contact(entry) for entry in self.entries]
        return self.server(asked)

    def _contact(self, entry: Entry) -> dict[str, Any]:
        return {
            "Id": self.key(entry), "IsDeleted": entry.is_deleted, "CreatedDate": stamp(entry.at),
            "SystemModstamp": stamp(entry.edited_at or entry.at), "LastName": entry.text,
        }  # fmt: skip

    @property
    def connection(self) -> Connection:
        return Connection(self.api.url, "client", SECRET, HASTE)

    def key(self, entry: Entry) -> str:
        return f"003{entry.number:012}"

    def refusals(self) -> Iterator[tuple[str, Connection]]:
        yield "holds no secret", replace(self.connection, secret="")
        yield "no client id", replace(self.connection, login="")
        yield "wrong or revoked", replace(self.connection, secret=f"{SECRET}-not")
        yield "maps any of", replace(self.connection, options={**HASTE, "contact_fields": {"colour": "Colour__c"}})
        yield "no field for tier", replace(self.connection, options={**HASTE, "contact_fields": {"tier": "a from b"}})
        yield "no such field", replace(self.connection, options={**HASTE, "contact_fields": {"tier": "UnknownTier__c"}})
        self.api.faults.append(Answer({"error": "unsupported_grant_type"}))
        yield "gives no token", self.connection
        self.api.respond = lambda asked: Answer({"access_token": TOKEN, "other": 1})
        yield "is the URL Salesforce's API", self.connection

    def ignore_filter(self) -> bool:
        old = {"Id": "003x", "IsDeleted": False, "CreatedDate": "2020-01-01T00:00:00.000+0000", "SystemModstamp": "2020-01-01T00:00:00.000+0000"}  # fmt: skip  # noqa: E501
        self.api.respond = lambda asked: Answer({"access_token": TOKEN, "totalSize": 1, "done": True, "records": [old]})
        return True
