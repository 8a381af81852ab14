"""Visits to branches, as the dropped files give them."""

import csv
from collections import Counter
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from oracle.files import delivered, rows_of
from oracle.working_hours import SEEDS


def visited_at(row):
    """Return the moment of a visit; of an hour that comes twice without an offset, the first one's."""
    moment = datetime.fromisoformat(row["visited_at"])
    return (moment if moment.tzinfo else moment.replace(tzinfo=ZoneInfo(row["time_zone"]))).astimezone(UTC)


def store_answers(data):
    """Return interactions, conversations and counts of the branches, whose markets a seed gives."""
    with (SEEDS / "source_accounts.csv").open(newline="", encoding="utf-8") as stream:
        markets = {row["source_account"]: row["market_code"] for row in csv.DictReader(stream)}
    interactions, conversations, counts = [], {}, Counter()
    for _, text in delivered(data / "stores"):
        rows, ragged = rows_of(text)
        counts["ragged_rows"] += ragged
        for row in rows:
            if not row["visit_id"]:
                counts["rows_without_key"] += 1
                continue
            market = markets[row["store"]]
            interactions.append(("stores", "stores/visit", market, "inbound"))
            key = f"stores:{row['store']}/{row['visit_id']}"
            conversations[key] = ("stores", "traditional", market, "store", None, visited_at(row).isoformat())
    return interactions, conversations, dict(counts)
