"""The fourteen days: when things happen, how busy each day is, and the format of ids and times."""

import random
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

SEED = "acme-bank-1"
FIRST_DAY = date(2026, 10, 26)
DAYS = [FIRST_DAY + timedelta(days=number) for number in range(14)]
START = datetime(2026, 10, 26, tzinfo=UTC)
END = START + timedelta(days=14)
OUTAGE_DAY = date(2026, 10, 29)
PRAISE_DAY = date(2026, 11, 4)

ZONES = {"us": ZoneInfo("America/New_York"), "in": ZoneInfo("Asia/Kolkata"), "sg": ZoneInfo("Asia/Singapore")}
BRANDS = ("acme_bank", "acme_pay")
MARKET_WEIGHTS = {"us": 5, "in": 4, "sg": 3}
WEEKEND_SHARE = 0.35
# Local hour of day → weight: people write after breakfast, at lunch and in the evening.
HOUR_WEIGHTS = [1, 1, 0, 0, 0, 1, 3, 6, 10, 11, 10, 9, 11, 10, 8, 8, 8, 9, 10, 10, 9, 7, 4, 2]

_X_EPOCH_MS = 1288834974657


def dice(name: str) -> random.Random:
    """Return the random stream of one part of the story, so that parts change independently."""
    return random.Random(f"{SEED}:{name}")


def is_weekend(day: date) -> bool:
    """Return whether a day is a Saturday or Sunday."""
    return day.weekday() >= 5


def volume_on(day: date, weekday_volume: int) -> int:
    """Return the number of cases of a day, given the number of a working day."""
    return round(weekday_volume * WEEKEND_SHARE) if is_weekend(day) else weekday_volume


def moment_on(day: date, market: str, rng: random.Random) -> datetime:
    """Return a random UTC moment of the market's local day, or of the nearest day inside the sample."""
    hour = rng.choices(range(24), HOUR_WEIGHTS)[0]
    local = datetime(day.year, day.month, day.day, hour, rng.randrange(60), rng.randrange(60), tzinfo=ZONES[market])
    moment = local.astimezone(UTC)
    if moment < START:
        moment += timedelta(days=1)
    return moment if moment < END else moment - timedelta(days=1)


def stamp(moment: datetime) -> str:
    """Write a moment the way Zendesk does: UTC, whole seconds, Z."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def post_id(moment: datetime, number: int) -> str:
    """Return an X id: milliseconds since X's epoch in the upper bits, so ids sort by time."""
    return str(((int(moment.timestamp()) * 1000 - _X_EPOCH_MS) << 22) | (number & 0x3FFFFF))
