"""HubSpot: contacts and companies by when they were last modified, and those that were archived.

Quirks: a search stops after 10,000 results, and a record that moves while pages are read shifts all following ones. So
only the first page is requested: the next search begins at the timestamp of the last result, and if one timestamp fills
a page, its records are read by id. Only fields in `properties` are sent, and HubSpot ignores unknown names, so chosen
names are looked up first. Archived records are in no search: their list is read to its end for those archived in the
window. A used-up daily quota is a 429 as well.
"""

import logging
from collections.abc import Callable, Iterator
from datetime import timedelta

from dlt.sources.helpers.rest_client.auth import BearerTokenAuth

from social_crm.errors import ContractBroken, CredentialRefused
from social_crm.sources.crm_fields import (
    CONTACT_FIELDS,
    SLACK,
    WINDOW,
    chosen_fields,
    people_known_by,
    unknown_fields,
    with_chosen,
)
from social_crm.sources.fields import field
from social_crm.sources.hubspot_reading import ARCHIVED, STAMPS, archived, changed, milliseconds, property_names, search
from social_crm.sources.model import Connection, Page, Request, Resource, Source, Window
from social_crm.sources.options import PATIENCE
from social_crm.sources.people import People
from social_crm.sources.web.rest import Api, open_api

log = logging.getLogger(__name__)
USUAL = {"market": "country", "status": "lifecyclestage"}
NAMED = {
    "contacts": ("firstname", "lastname", "email", "phone", "mobilephone", "associatedcompanyid"),
    "companies": ("industry",),
}


def check(connection: Connection) -> None:
    """Search for one record of each object to see whether the token may read it, and look up chosen names.

    The look-up needs the scope crm.schemas.contacts.read; a load works without it.
    """
    api = _open("check", connection, None)
    for name, stamp in STAMPS.items():
        chosen = _chosen(name, connection)
        search(api, name, (stamp,), [(stamp, "GTE", 0)], stamp)
        _require_known(api, name, connection, chosen)


def _reader(name: str) -> Callable[[Request], Iterator[Page]]:
    def extract(request: Request) -> Iterator[Page]:
        """Yield what changed, then what was archived; a cursor is `<milliseconds>:<id>` or `archived:<position>`."""
        api, chosen = _open(name, request.connection, request.window), _chosen(name, request.connection)
        if request.cursor is None:
            try:
                _require_known(api, name, request.connection, chosen)
            except CredentialRefused as refused:  # only for this list, or the search is refused as well
                log.warning("names of `contact_fields` were not looked up: %s", refused)
        wide = request.window.widened(SLACK, SLACK)
        properties = tuple(dict.fromkeys((*NAMED[name], STAMPS[name], *chosen.values())))
        begun, _, position = (request.cursor or f"{milliseconds(wide.start)}:").partition(":")
        if begun != ARCHIVED:
            for records, cursor in changed(api, name, wide, properties, int(begun), position):
                yield Page([with_chosen(one, one["properties"], chosen) for one in records], cursor=cursor)
            position = ""
        for records, cursor in archived(api, name, request.window, properties, position):
            yield Page([with_chosen(one, one["properties"], chosen) for one in records], cursor=cursor)

    return extract


def _open(resource: str, connection: Connection, window: Window | None) -> Api:
    return open_api("hubspot", resource, connection, window, BearerTokenAuth(token=connection.secret))


def _chosen(name: str, connection: Connection) -> dict[str, str]:
    return chosen_fields("hubspot", connection, USUAL) if name == "contacts" else {}


def _require_known(api: Api, name: str, connection: Connection, chosen: dict[str, str]) -> None:
    """Raise ContractBroken for names that HubSpot would ignore; the default ones are HubSpot's own."""
    named = {asked: chosen[asked] for asked in connection.options.get("contact_fields", {}) if asked in chosen}
    told = unknown_fields(named, property_names(api, name)) if named else ""
    if told:
        raise ContractBroken(
            f"{api.context}: option `contact_fields` of connection hubspot_api names properties that HubSpot does not"
            f" have: {told}"
        )


def _resource(name: str, description: str, people: People) -> Resource:
    return Resource(
        name=name,
        extract=_reader(name),
        key=field("id"),
        event_at=field("createdAt"),
        version_at=field("archivedAt", "updatedAt"),
        description=description,
        order="by time of change, then by id; then the archived records",
        window=WINDOW,
        deletions="An archived record has `archivedAt`; a record deleted for privacy or merged stays as it was.",
        deletion_delay=timedelta(days=1),
        people=people,
    )


HUBSPOT = Source(
    name="hubspot",
    title="HubSpot",
    description="Contacts and companies, as customers of a CRM; option `contact_fields` says what each property holds.",
    resources=(
        _resource(
            "contacts",
            "One contact: a customer with e-mail, phones and the chosen properties.",
            people_known_by(
                "hubspot",
                "id",
                *(f"properties.{name}" for name in ("email", "phone", "mobilephone")),
                keeps="createdAt updatedAt archived archivedAt properties.associatedcompanyid",
            ),
        ),
        _resource("companies", "One company that contacts belong to.", People(omits="properties.name")),
    ),
    check=check,
    connection={
        "conn_type": "http",
        "host": "https://api.hubapi.com",
        "password": "<private app token>",
        "extra": {"contact_fields": {"market": "hs_country_region_code", "tier": "service_tier"}},
    },
    options={**CONTACT_FIELDS, **PATIENCE},
    access=(
        "The token of a private app with the scopes `crm.objects.contacts.read` and `crm.objects.companies.read`"
        " and, for `contact_fields`, `crm.schemas.contacts.read`."
    ),
    limits="5 searches a second and a daily quota; both answer 429, and the load waits.",
    retention="The same as your own records of customers.",
    tested_against={"official specification": "HubSpot's OpenAPI of contacts, as a proxy"},
)
