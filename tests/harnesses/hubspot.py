"""HubSpot over a small server: searches with filters and a sort, lists of archived records, three records a page."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import acceptance
from acceptance import Entry
from servers.fake_api import Answer, Asked
from servers.fake_sources import HASTE, SECRET
from social_crm.sources import hubspot_reading
from social_crm.sources.hubspot import HUBSPOT
from social_crm.sources.model import Connection

PAGE = 3
MOST = 10_000


def refusal(category: str, status: int) -> Answer:
    """Return an error as the specification has it; `message` may quote a value."""
    return Answer({"status": "error", "category": category, "message": "words", "correlationId": "00000000-0000-0000-0000-000000000000"}, status)  # fmt: skip  # noqa: E501


def contact(number: int, at: datetime, moved: datetime, **more: Any) -> dict[str, Any]:
    """Return a contact with all of its properties."""
    properties = {"hs_object_id": str(number), "lastmodifieddate": f"{moved:%FT%T}.000Z", "firstname": "Ann"}
    return {
        "id": str(number), "createdAt": f"{at:%FT%T}.000Z", "updatedAt": f"{moved:%FT%T}.000Z", "archived": False,
        "properties": properties | more.pop("properties", {}), **more,
    }  # fmt: skip


class FakeHubSpot:
    """Objects of one kind; a search knows none that is archived, and sends no property that is not named."""

    def __init__(self) -> None:
        self.records: list[dict[str, Any]] = []
        self.properties = ["country", "lifecyclestage", "service_tier", "service_team"]

    def __call__(self, asked: Asked) -> Answer:
        if asked.headers.get("authorization") != f"Bearer {SECRET}":
            return refusal("INVALID_AUTHENTICATION", 401)
        if asked.path == "/crm/v3/properties/contacts":
            return Answer({"results": [{"name": name, "label": name.title()} for name in self.properties]})
        return self._search(asked.body) if asked.path.endswith("/search") else self._list(asked)

    def _search(self, body: dict[str, Any]) -> Answer:
        first, limit = int(body["after"]), min(PAGE, body["limit"])
        if first + limit > MOST:
            return refusal("VALIDATION_ERROR", 400)
        (group,) = body["filterGroups"]
        found = [one for one in self.records if not one["archived"] and all(self._meets(one, f) for f in group["filters"])]  # fmt: skip  # noqa: E501
        (order,) = body["sorts"]
        # Of one stamp in no order at all, which is what HubSpot promises.
        found.sort(key=lambda one: (self._value(one, order), -int(one["id"])))
        page = found[first : first + limit]
        paging = {"paging": {"next": {"after": str(first + limit)}}} if first + limit < len(found) else {}
        named = [{**one, "properties": self._named(one, body["properties"])} for one in page]
        return Answer({"total": len(found), "results": named, **paging})

    def _list(self, asked: Asked) -> Answer:
        assert asked.params["archived"] == "true"
        found = [one for one in self.records if one["archived"]]
        first = int(asked.params.get("after", 0))
        paging = {"paging": {"next": {"after": str(first + PAGE)}}} if first + PAGE < len(found) else {}
        return Answer({"results": found[first : first + PAGE], **paging})

    @staticmethod
    def _named(one: dict[str, Any], names: list[str]) -> dict[str, str]:
        return {name: value for name, value in one["properties"].items() if name in names}

    @staticmethod
    def _value(one: dict[str, Any], name: str) -> int:
        value = one["properties"][name]
        return int(value if value.isdigit() else datetime.fromisoformat(value).timestamp() * 1000)

    def _meets(self, one: dict[str, Any], wanted: dict[str, str]) -> bool:
        if wanted["propertyName"] not in one["properties"]:
            return True  # companies', while there are contacts only
        value, bound = self._value(one, wanted["propertyName"]), int(wanted["value"])
        return {"GTE": value >= bound, "LT": value < bound, "EQ": value == bound, "GT": value > bound}[wanted["operator"]]  # fmt: skip  # noqa: E501


class Harness(acceptance.Harness):
    """Contacts by when they were last modified; a deleted one is archived."""

    source, resource = HUBSPOT, HUBSPOT.resource("contacts")
    cuts_exactly = False

    def __init__(self, *args: Any) -> None:
        super().__init__(*args)
        self.patch.setattr(hubspot_reading, "PER_PAGE", PAGE)
        self.server = FakeHubSpot()
        self.api.respond = self._respond

    def _respond(self, asked: Asked) -> Answer:
        self.server.records = [self._contact(entry) for entry in self.entries]
        if "companies" in asked.path:
            self.server.records = []
        return self.server(asked)

    @staticmethod
    def _contact(entry: Entry) -> dict[str, Any]:
        moved = entry.edited_at or entry.at
        more = {"archived": True, "archivedAt": f"{moved:%FT%T}.000Z"} if entry.is_deleted else {}
        return contact(entry.number, entry.at, moved, properties={"firstname": entry.text}, **more)

    @property
    def connection(self) -> Connection:
        return Connection(self.api.url, secret=SECRET, options=HASTE)

    def key(self, entry: Entry) -> str:
        return str(entry.number)

    def refusals(self) -> Iterator[tuple[str, Connection]]:
        yield "holds no secret", replace(self.connection, secret="")
        yield "wrong or revoked", replace(self.connection, secret=f"{SECRET}-not")
        yield "maps any of", replace(self.connection, options={**HASTE, "contact_fields": {"colour": "colour"}})
        wrong = {**HASTE, "contact_fields": {"tier": "service_teir"}}
        yield r"tier: service_teir \(near: service_tier", replace(self.connection, options=wrong)
        self.api.respond = lambda asked: refusal("EXPIRED_AUTHENTICATION", 401)
        yield "has expired", self.connection
        self.api.respond = lambda asked: refusal("MISSING_SCOPES", 403)
        yield "may not read this", self.connection
        self.api.respond = lambda asked: Answer({"type": "other"})
        yield "'results' is missing", self.connection

    def ignore_filter(self) -> bool:
        old = contact(1, datetime(2020, 1, 1, tzinfo=UTC), datetime(2020, 1, 1, tzinfo=UTC))
        self.api.respond = lambda asked: Answer({"total": 1, "results": [old]})
        return True
