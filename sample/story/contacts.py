"""A customer in one of the other CRMs who is not in the customer database."""

from datetime import timedelta
from typing import Any

from story.people import Person, people_of
from story.timeline import START, stamp

CARRIED_OVER = START + timedelta(minutes=20)  # like the customers of the database, in the night before the first day


def strangers(market: str, first: int, count: int) -> list[Person]:
    """Return some people of a market who are not in the customer database."""
    return [person for person in people_of(market) if not person.in_crm][first : first + count]


def contact(person: Person, number: str, tier: str, **more: Any) -> dict[str, Any]:
    """Return the only version of a contact, valid from the move to the CRM."""
    return {
        "from": stamp(CARRIED_OVER), "kind": "contact", "id": number, "first_name": person.first,
        "last_name": person.last, "email": person.email, "phone": person.phone, "tier": tier,
        "market": person.market, "created_at": stamp(START - timedelta(days=30 + person.number)), **more,
    }  # fmt: skip


def company(number: str, name: str, industry: str) -> dict[str, Any]:
    """Return the only version of a company."""
    return {
        "from": stamp(CARRIED_OVER), "kind": "company", "id": number, "name": name, "industry": industry,
        "created_at": stamp(START - timedelta(days=400)),
    }  # fmt: skip
