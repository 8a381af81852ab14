"""Salesforce, in which Acme Bank in Singapore keeps its private clients; one is in the customer database too."""

from typing import Any

from story.contacts import company, contact, strangers
from story.named_crms import IN_BOTH

MARKET, COUNT = "sg", 15
DELETED_AT = "2026-10-29T03:00:00Z"


def _id(prefix: str, number: int) -> str:
    return f"{prefix}5g00000{number:08d}"


def build() -> list[dict[str, Any]]:
    """Return every version of every contact and account."""
    family = company(_id("001", 1), "Bay Walk Family Office", "Finance")
    people = [*strangers(MARKET, 0, COUNT), IN_BOTH]
    contacts = [
        contact(person, _id("003", person.number), "private", company=family["id"] if place < 3 else None)
        for place, person in enumerate(people)
    ]
    deleted = {**contacts[COUNT - 1], "from": DELETED_AT, "is_deleted": True}
    return [family, *contacts, deleted]
