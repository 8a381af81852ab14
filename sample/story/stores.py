"""Visits to Acme's branches, as noted by staff: the branch's local time, and the name of its zone.

One CSV per local day of all branches, delivered at the midnight that ends it in UTC, when all have closed.
"""

import random
from datetime import date

from story import named
from story.files import File, Row, after, csv_of
from story.people import someone
from story.texts import bank, fill, pick_issue
from story.timeline import DAYS, MARKET_WEIGHTS, ZONES, dice, volume_on

WEEKDAY_VISITS = 22
BRANCHES = {
    "us": ["us-boston-01", "us-airport-02"],
    "in": ["in-pune-01", "in-mumbai-02"],
    "sg": ["sg-orchard-01", "sg-harbour-02"],
}
OPEN_HOURS = range(9, 17)
HEADER = ["store", "visit_id", "visited_at", "time_zone", "reason", "note", "customer_ref", "agent_id"]
# A missing cell, and a visit without a number.
BAD_LINES = {
    date(2026, 11, 2): [
        "in-pune-01,901,2026-11-02 11:20,Asia/Kolkata,cards",
        "in-pune-01,,2026-11-02 11:25,Asia/Kolkata,cards,Asked for the branch's hours,,in-pune-01-2",
    ],
}


def _visit(day: date, market: str, rng: random.Random) -> Row:
    """Return one visit without its number; a third of the visitors identify themselves."""
    store, issue = rng.choice(BRANCHES[market]), bank()["issues"][pick_issue(rng)]
    person = someone(market, rng, crm_share=0.9)
    is_known = person.in_crm and rng.random() < 0.35
    note = fill(rng.choice(issue["calls"]), market, "acme_bank", rng) if rng.random() < 0.85 else ""
    return {
        "store": store,
        "visited_at": f"{day} {rng.choice(OPEN_HOURS):02d}:{rng.randrange(60):02d}",
        "time_zone": ZONES[market].key,
        "reason": issue["product"],
        "note": note,
        "customer_ref": person.external_ref if is_known else "",
        "agent_id": f"{store}-{rng.randrange(1, 5)}",
    }


def _named(day: date) -> list[Row]:
    names = ("visit_id", "store", "visited_at", "time_zone", "reason", "note", "agent_id")
    rows = [
        dict(zip(names, case[1:], strict=True)) | {"customer_ref": case[0].external_ref} for case in named.VISIT_CASES
    ]
    return [row for row in rows if row["visited_at"].startswith(str(day))]


def build() -> list[File]:
    """Return every delivered file; each branch numbers its visits from 1."""
    rng, files, counters = dice("stores"), [], dict.fromkeys((store for two in BRANCHES.values() for store in two), 0)
    markets, weights = list(MARKET_WEIGHTS), list(MARKET_WEIGHTS.values())
    for day in DAYS:
        chosen = rng.choices(markets, weights, k=volume_on(day, WEEKDAY_VISITS))
        rows = sorted((_visit(day, market, rng) for market in chosen), key=lambda row: row["visited_at"])
        for row in rows:
            counters[row["store"]] += 1
            row["visit_id"] = counters[row["store"]]
        files.append((after(day), f"visits_{day}.csv", csv_of(HEADER, [*_named(day), *rows], BAD_LINES.get(day, []))))
    return files
