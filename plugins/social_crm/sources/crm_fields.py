"""Which fields of a CRM hold what each company keeps in fields of its own: tier, value, market, handle, reference.

Connection option `contact_fields` maps what the warehouse asks for to the names that the CRM gives its fields. A record
keeps what it was sent with and gets the chosen values besides, as `chosen`.
"""

import re
from collections.abc import Mapping

from social_crm.errors import ContractBroken
from social_crm.sources.model import Connection, Record

ASKED_FOR = ("external_ref", "market", "segment", "tier", "status", "lifetime_value_usd", "x_handle")
_NAME = re.compile(r"[A-Za-z]\w{0,99}")


def chosen_fields(source: str, connection: Connection, usual: Mapping[str, str]) -> dict[str, str]:
    """Return the CRM's name of each field that the connection or `usual` chooses; raises ContractBroken."""
    option = connection.options.get("contact_fields", {})
    if not isinstance(option, dict) or not set(option) <= set(ASKED_FOR):
        raise ContractBroken(
            f"connection {source}_api: option `contact_fields` maps any of {', '.join(ASKED_FOR)} to names of fields"
        )
    chosen = {**usual, **option}
    # They become part of a query.
    wrong = [asked for asked, name in chosen.items() if not _NAME.fullmatch(str(name))]
    if wrong:
        raise ContractBroken(f"connection {source}_api: option `contact_fields` names no field for {', '.join(wrong)}")
    return chosen


def with_chosen(record: Record, values: Mapping[str, object], fields: Mapping[str, str]) -> Record:
    """Return the record with the values of the chosen fields under what the warehouse calls them."""
    return {**record, "chosen": {asked: values.get(name) for asked, name in fields.items()}}
