"""What CRMs with an API have in common: custom fields, and records that appear once, at their newest timestamp.

Connection option `contact_fields` maps the fields of the warehouse to the CRM's names. A record stays as it was sent,
and the mapped values are added as `chosen`.
"""

import re
from collections.abc import Iterable, Mapping
from datetime import timedelta
from difflib import get_close_matches

from social_crm.errors import ConnectionUnusable
from social_crm.sources.model import Connection, Record
from social_crm.sources.people import People

ASKED_FOR = ("external_ref", "market", "segment", "tier", "status", "lifetime_value_usd", "x_handle")
CONTACT_FIELDS = {"contact_fields": f"the CRM's own names of any of {', '.join(f'`{name}`' for name in ASKED_FOR)}"}
# Those that describe the customer's status, not their identity.
STANDING = "market segment tier status lifetime_value_usd"
WINDOW = "records changed in the window, a day before or a day after; each is listed at its newest change only"
# A late commit has an earlier timestamp, and a record that changes every night between the end of a window and its
# reading would be in no window. Landing drops what it already holds.
SLACK = timedelta(days=1)
_NAME = re.compile(r"[A-Za-z]\w{0,99}")


def people_known_by(source: str, key: str, email: str, *phones: str, keeps: str) -> People:
    """Return whom a contact is about, and what remains after an erasure: keys and the customer's status."""
    known = {key: source, email: "email", **dict.fromkeys(phones, "phone")}
    chosen = {"chosen.x_handle": "x", "chosen.external_ref": "reference"}
    return People(({**known, **chosen},), " ".join([key, keeps, *(f"chosen.{name}" for name in STANDING.split())]))


def chosen_fields(source: str, connection: Connection, usual: Mapping[str, str]) -> dict[str, str]:
    """Return the CRM's name of each field that the connection or `usual` chooses; raises ConnectionUnusable."""
    option = connection.options.get("contact_fields", {})
    if not isinstance(option, dict) or not set(option) <= set(ASKED_FOR):
        raise ConnectionUnusable(
            f"connection {source}_api: option `contact_fields` maps any of {', '.join(ASKED_FOR)} to names of fields"
        )
    chosen = {**usual, **option}
    # They become part of a query.
    wrong = [asked for asked, name in chosen.items() if not _NAME.fullmatch(str(name))]
    if wrong:
        raise ConnectionUnusable(
            f"connection {source}_api: option `contact_fields` names no field for {', '.join(wrong)}"
        )
    return chosen


def unknown_fields(chosen: Mapping[str, str], known: Iterable[str]) -> str:
    """Return the chosen fields that a CRM does not have, each with similar names; "" if it has all of them."""
    there = {name.lower(): name for name in known}
    told = []
    for asked, name in sorted(chosen.items()):
        if name.lower() not in there:
            near = [there[like] for like in get_close_matches(name.lower(), sorted(there), 3, 0.6)]
            told.append(f"{asked}: {name} ({'near: ' + ', '.join(near) if near else 'nothing is near'})")
    return "; ".join(told)


def with_chosen(record: Record, values: Mapping[str, object], fields: Mapping[str, str]) -> Record:
    """Return the record with the values of the chosen fields under the warehouse's names."""
    # Salesforce takes a field's name in any case, and answers in its own.
    sent = {name.lower(): value for name, value in values.items()}
    return {**record, "chosen": {asked: sent.get(name.lower()) for asked, name in fields.items()}}
