"""HubSpot as far as the warehouse reads it: searches by stamp, lists of what was archived, and names of properties."""

from datetime import datetime
from typing import Any

import orjson

from social_crm.local.sample_api.company import Clock, Company, Record, newest_versions, with_milliseconds
from social_crm.local.sample_api.messages import Answer, Call, answer_json

FIELDS = {"market": "hs_country_region_code", "tier": "service_tier"}  # which properties Acme chose, and what they hold
_API = "/hubspot/crm/v3/"
_KINDS = {"contacts": "contact", "companies": "company"}
_STAMPS = {"contacts": "lastmodifieddate", "companies": "hs_lastmodifieddate"}
SEARCHES = tuple(f"{_API}objects/{name}/search" for name in _KINDS)


class HubspotApi:
    """Answers like a portal, below /hubspot/."""

    def __init__(self, company: Company, clock: Clock, token: str) -> None:
        """Keep every version of every record."""
        self._versions, self._clock, self._token = company.crms.get("hubspot", []), clock, token

    def answer(self, call: Call) -> Answer:
        """Answer with a search, a list of what was archived, or the properties of an object."""
        if not call.bears(self._token):
            return _refused(401, "INVALID_AUTHENTICATION")
        what, name, *rest = (call.path.removeprefix(_API) + "/").split("/")
        if name not in _KINDS:
            return _refused(404, "OBJECT_NOT_FOUND")
        current = newest_versions(self._versions, self._clock.now)
        records = [_record(version, name) for version in current if version["kind"] == _KINDS[name]]
        if what == "properties":
            known = {asked for record in records for asked in record["properties"]}
            return answer_json({"results": [{"name": asked, "label": asked} for asked in sorted(known)]})
        if rest[0] == "search":
            return _search([one for one in records if not one["archived"]], orjson.loads(call.body))
        is_archived = call.params.get("archived") == "true"
        return answer_json({"results": [one for one in records if one["archived"] is is_archived]})


def _search(records: list[Record], asked: dict[str, Any]) -> Answer:
    """Return the first page of records that match all filters of the only group."""
    [group], [order] = asked["filterGroups"], asked["sorts"]
    found = [one for one in records if all(_meets(one["properties"], wanted) for wanted in group["filters"])]
    found.sort(key=lambda one: _number(one["properties"][order]))
    shown = [{**one, "properties": _named(one["properties"], asked["properties"])} for one in found[: asked["limit"]]]
    return answer_json({"total": len(found), "results": shown})


def _meets(properties: Record, wanted: dict[str, str]) -> bool:
    value, bound = _number(properties[wanted["propertyName"]]), int(wanted["value"])
    return {"GTE": value >= bound, "LT": value < bound, "EQ": value == bound, "GT": value > bound}[wanted["operator"]]


def _named(properties: Record, names: list[str]) -> Record:
    return {name: value for name, value in properties.items() if name in names}


def _record(version: Record, name: str) -> Record:
    stamp, is_archived = with_milliseconds(version["from"]), version.get("is_deleted", False)
    properties = {"hs_object_id": version["id"], _STAMPS[name]: stamp}
    if name == "contacts":
        properties |= {
            "firstname": version["first_name"], "lastname": version["last_name"], "email": version["email"],
            "phone": version["phone"], "mobilephone": None, "associatedcompanyid": version["company"],
            "country": None, "lifecyclestage": "customer", FIELDS["market"]: version["market"].upper(),
            FIELDS["tier"]: version["tier"],
        }  # fmt: skip
    else:
        properties |= {"name": version["name"], "industry": version["industry"]}
    record = {"id": version["id"], "createdAt": with_milliseconds(version["created_at"]), "updatedAt": stamp}
    record |= {"archived": is_archived, "properties": properties}
    return record | ({"archivedAt": stamp} if is_archived else {})


def _number(value: str) -> int:
    return int(value) if value.isdigit() else int(datetime.fromisoformat(value).timestamp() * 1000)


def _refused(status: int, category: str) -> Answer:
    return answer_json({"status": "error", "category": category, "message": "refused"}, status)
