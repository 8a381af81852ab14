"""The CRM: customers and accounts with every version of their rows."""

import random
from datetime import datetime, timedelta
from typing import Any

from story.people import CRM_COUNT, Person, everyone
from story.timeline import END, START, dice, stamp

ACCOUNT_COUNT = 60
CHANGED_SHARE = 0.12
LAST_DAY = END - timedelta(days=1)
MOVED_AT = stamp(START + timedelta(hours=1))

Row = dict[str, Any]


def _customer(person: Person, rng: random.Random) -> Row:
    born = START - timedelta(days=rng.randrange(3, 2200), seconds=rng.randrange(86400))
    business = person.number % 5 == 0 or person.number in (11, 12)
    # A third of the customers never told us their handle; some staff type it with the @ or in capitals.
    handle = None if rng.random() < 0.35 else rng.choice([person.handle, f"@{person.handle}", person.handle.upper()])
    row: Row = {
        "id": 5000 + person.number,
        "account_id": 1 + person.number % ACCOUNT_COUNT if business else None,
        "first_name": person.first,
        "last_name": person.last,
        "email": person.email.upper() if person.number % 17 == 0 else person.email,
        "phone": _as_typed(person.phone, person.number) if person.number % 8 else None,
        "x_handle": handle,
        "external_ref": person.external_ref,
        "market": person.market,
        "segment": "business" if business else "retail",
        "tier": rng.choices(["standard", "plus", "private"], [70, 24, 6])[0],
        "lifetime_value_usd": f"{rng.lognormvariate(6.2, 1.2):.2f}",
        "status": "closed" if rng.random() < 0.04 else "active",
        "created_at": stamp(born),
    }
    return row | _moved_in(person.number, row["created_at"], rng.random() < 0.25)


def _moved_in(number: int, created_at: str, is_imported: bool) -> Row:
    """Return the times of a row: Acme moved to this CRM in the night before the first day.

    Rows that were carried over keep the day they were created; rows of a bulk import share the import's moment, and
    have no updated_at, which the CRM fills only when a row is changed for the first time.
    """
    if is_imported:
        return {"created_at": stamp(START + timedelta(minutes=15)), "updated_at": None}
    return {"created_at": created_at, "updated_at": stamp(START + timedelta(minutes=30, seconds=number))}


def _as_typed(phone: str, number: int) -> str:
    if number % 6 == 1 and phone.startswith("+1"):
        return f"({phone[2:5]}) {phone[5:8]}-{phone[8:]}"
    return f"{phone[:3]} {phone[3:]}" if number % 6 == 2 else phone


def _change(row: Row, at: datetime, rng: random.Random) -> Row:
    changes = [
        {"tier": "private" if row["tier"] == "plus" else "plus"},
        {"status": "closed" if row["status"] == "active" else "active"},
        {"lifetime_value_usd": f"{float(row['lifetime_value_usd']) + rng.randrange(10, 500):.2f}"},
        {"last_name": row["last_name"] + "-Ray"},
        {"email": f"new.{row['email'].lower()}"},
    ]
    return {**row, **rng.choice(changes), "updated_at": stamp(at)}


def build_customers() -> list[Row]:
    """Return every version of every customer, `from` when it holds; new customers join during the days."""
    rng, versions = dice("crm"), []
    for person in (person for person in everyone() if person.in_crm):
        row, since = _customer(person, rng), START + timedelta(hours=1)
        if 385 < person.number <= CRM_COUNT:
            since = START + timedelta(hours=rng.randrange(2, 24 * 14))
            row |= {"created_at": stamp(since), "updated_at": None}
        versions.append({"from": stamp(since), **row})
        if rng.random() < CHANGED_SHARE:
            for _ in range(rng.choice([1, 1, 2])):
                since += timedelta(hours=rng.randrange(30, 150))
                if since < LAST_DAY:
                    row = _change(row, since, rng)
                    versions.append({"from": stamp(since), **row})
        if person.number % 30 == 7:
            at = LAST_DAY + timedelta(minutes=rng.randrange(30, 1380))
            row = _change(row, at, rng)
            versions.append({"from": stamp(at), **row})
    return versions


def build_accounts() -> list[Row]:
    """Return every version of every business account."""
    rng, versions = dice("accounts"), []
    first = ["Lotus", "Harbour", "Elm", "Bay", "Maple", "Orchid", "Hudson", "Silver", "Ring", "Kopi"]
    second = ["Textiles", "Café", "Dental", "Traders", "Logistics", "Bakery"]
    for number in range(1, ACCOUNT_COUNT + 1):
        born = START - timedelta(days=rng.randrange(30, 2500))
        row = {
            "id": number,
            "name": f"{first[number % 10]} {second[number % 6]} {number}",
            "industry": rng.choice(["retail", "food", "health", "transport", "services"]),
            "market": rng.choice(["us", "in", "sg"]),
            **_moved_in(number, stamp(born), number % 4 == 0),
        }
        versions.append({"from": MOVED_AT, **row})
        if number % 20 == 3:
            at = START + timedelta(days=rng.randrange(2, 13), hours=3)
            versions.append({"from": stamp(at), **row, "industry": "services", "updated_at": stamp(at)})
    return versions
