"""Visits to branches, from the dropped files."""

import csv
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from oracle.files import newest_rows
from oracle.working_hours import SEEDS


def visited_at(row):
    """Return the time of a visit; in an hour that occurs twice, without an offset, the first one."""
    moment = datetime.fromisoformat(row["visited_at"])
    return (moment if moment.tzinfo else moment.replace(tzinfo=ZoneInfo(row["time_zone"]))).astimezone(UTC)


def store_answers(data):
    """Return interactions, conversations and counts of the branches, with their markets from a seed."""
    with (SEEDS / "source_accounts.csv").open(newline="", encoding="utf-8") as stream:
        markets = {row["source_account"]: row["market_code"] for row in csv.DictReader(stream)}
    visits, counts = newest_rows(data / "stores", "store", "visit_id")
    interactions, conversations = [], {}
    for key, row in visits.items():
        market, at = markets[row["store"]], visited_at(row).isoformat()
        interactions.append(("stores", "stores/visit", market, "inbound"))
        conversations[f"stores:{key}"] = ("stores", "traditional", market, "store", None, at)
    return interactions, conversations, dict(counts)
