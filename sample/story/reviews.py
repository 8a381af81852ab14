"""Reviews of Acme's apps in their stores and of Acme on review sites, with what Acme answered.

One CSV per UTC day, delivered at the midnight that ends it: the reviews of the day, and again those answered on it.
"""

import random
from datetime import UTC, date, datetime, timedelta

from story import named
from story.files import File, Row, after, csv_of
from story.people import Person, someone
from story.texts import bank, fill, pick_issue
from story.timeline import DAYS, END, MARKET_WEIGHTS, OUTAGE_DAY, PRAISE_DAY, dice, moment_on, stamp, volume_on

WEEKDAY_REVIEWS, OUTAGE_EXTRA, PRAISE_EXTRA = 16, 24, 14
HEADER = [
    "review_id", "channel", "account", "score", "scale_min", "scale_max", "title", "text", "author_name",
    "reviewed_at", "reply", "replied_at", "market", "brand",
]  # fmt: skip
# Channel and account: the reviewed thing, and its best score.
PLACES = {
    ("app", "com.acmebank.app"): ("acme_bank", 5),
    ("app", "com.acmepay.app"): ("acme_pay", 5),
    ("site", "Acme Bank"): ("acme_bank", 10),
}
SCORES = {5: ([4, 5, 5], [1, 1, 2, 3]), 10: ([8, 9, 10, 10], [1, 2, 3, 5])}
ANSWERED = (0.25, 0.6)  # of good reviews, and of others
# A missing cell.
BAD_LINES = {date(2026, 10, 30): ["A-90001,app,com.acmebank.app,4,1,5,,Works,kim,2026-10-30T12:00:00Z,"]}


def _plan(rng: random.Random) -> list[tuple[datetime, str, tuple[str, str], str]]:
    """Return time, market, place and kind of each review."""
    markets, weights, places = list(MARKET_WEIGHTS), list(MARKET_WEIGHTS.values()), list(PLACES)
    plan = []
    for day in DAYS:
        for _ in range(volume_on(day, WEEKDAY_REVIEWS)):
            market = rng.choices(markets, weights)[0]
            plan.append((day, market, rng.choice(places), "good" if rng.random() < 0.45 else "bad"))
    plan += [(OUTAGE_DAY, rng.choice(["us", "in"]), places[1], "outage") for _ in range(OUTAGE_EXTRA)]
    plan += [(PRAISE_DAY, "sg", places[0], "good") for _ in range(PRAISE_EXTRA)]
    return sorted((moment_on(day, market, rng), market, place, kind) for day, market, place, kind in plan)


def _words(kind: str, market: str, brand: str, rng: random.Random) -> str:
    if kind == "outage":
        lines = bank()["outage"]["posts"]
    else:
        lines = bank()["praise"] if kind == "good" else bank()["issues"][pick_issue(rng)]["posts"]
    return fill(rng.choice(lines), market, brand, rng)


def _review(number: int, at: datetime, market: str, place: tuple[str, str], kind: str, rng: random.Random) -> Row:
    """Return a review, with its reply if there will be one."""
    person, (brand, best) = someone(market, rng), PLACES[place]
    is_good = kind == "good"
    score = rng.choice(SCORES[best][0 if is_good else 1])
    row = _row(f"A-{number:05d}", place, score, best, _words(kind, market, brand, rng), person, stamp(at), market)
    replied_at = at + timedelta(seconds=round(3600 * 5 * rng.lognormvariate(0, 1)))
    if rng.random() < ANSWERED[0 if is_good else 1] and replied_at < END:
        reply = rng.choice(bank()["replies"]["praise" if is_good else "open"])
        row |= {"reply": fill(reply, market, brand, rng, first=person.first), "replied_at": stamp(replied_at)}
    return row


def _row(
    review_id: str, place: tuple[str, str], score: int, best: int, text: str, person: Person, at: str, market: str
) -> Row:
    return {
        "review_id": review_id, "channel": place[0], "account": place[1], "score": score, "scale_min": 1,
        "scale_max": best, "title": "", "text": text, "author_name": person.first.lower(), "reviewed_at": at,
        "reply": "", "replied_at": "", "market": market, "brand": PLACES[place][0],
    }  # fmt: skip


def _deliveries(row: Row) -> list[tuple[date, Row]]:
    """Return the row as in the file of its day, and as in the file of its reply's day."""
    day, last = (
        datetime.fromisoformat(row[name] or row["reviewed_at"]).date() for name in ("reviewed_at", "replied_at")
    )
    if day == last:
        return [(day, row)]
    return [(day, row | {"reply": "", "replied_at": ""}), (last, row)]


def _named() -> list[tuple[date, Row]]:
    rows = []
    for (
        day,
        market,
        person,
        channel,
        account,
        review_id,
        score,
        best,
        text,
        at,
        reply,
        replied_at,
    ) in named.REVIEW_CASES:
        row = _row(review_id, (channel, account), score, best, text, person, at, market)
        rows.append((date.fromisoformat(day), row | {"reply": reply, "replied_at": replied_at}))
    return rows


def build() -> list[File]:
    """Return every delivered file; reviews are numbered in the order in which they were written."""
    rng = dice("reviews")
    by_day: dict[date, list[Row]] = {day: [] for day in DAYS}
    delivered = _named()
    for number, (at, market, place, kind) in enumerate(_plan(rng), 1):
        delivered += _deliveries(_review(number, at.astimezone(UTC), market, place, kind, rng))
    for day, row in delivered:
        by_day[day].append(row)
    return [
        (after(day), f"reviews_{day}.csv", csv_of(HEADER, rows, BAD_LINES.get(day, []))) for day, rows in by_day.items()
    ]
