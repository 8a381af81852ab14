"""Which role sees the rows of which markets, as the seed says."""

import csv
from pathlib import Path

SEED = Path(__file__).parents[1] / "dbt_project/seeds/market_entitlements.csv"
EVERY_MARKET = "all"


def read_entitlements() -> dict[str, set[str]]:
    """Return the markets of each role; whoever sees every market has that one."""
    markets: dict[str, set[str]] = {}
    with SEED.open(newline="") as rows:
        for row in csv.DictReader(rows):
            markets.setdefault(row["role_name"], set()).add(row["market_code"])
    return {role: {EVERY_MARKET} if EVERY_MARKET in seen else seen for role, seen in markets.items()}
