"""HubSpot, in which Acme Pay in the United States keeps its merchants: contacts of two companies, and one archived."""

from typing import Any

from story.contacts import company, contact, strangers

MARKET, COUNT = "us", 20
ARCHIVED_AT = "2026-10-28T15:00:00Z"


def build() -> list[dict[str, Any]]:
    """Return every version of every contact and company."""
    shops = [company("9100001", "Elm Avenue Dental", "HEALTH_CARE"), company("9100002", "Corner Deli", "RETAIL")]
    contacts = [
        contact(person, str(5012000 + person.number), "plus" if place % 4 == 0 else "standard", company=shop["id"])
        for place, person in enumerate(strangers(MARKET, 0, COUNT))
        for shop in [shops[place % 2]]
    ]
    # A merchant who left: an archived record identifies nobody, though its address stays.
    archived = {**contacts[-1], "from": ARCHIVED_AT, "is_deleted": True}
    return [*shops, *contacts, archived]
