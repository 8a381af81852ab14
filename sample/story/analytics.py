"""Daily visits to acmebank.example, as exported by its web analytics: what people looked for before they asked.

One CSV per day, delivered at the midnight that ends it in UTC.
"""

import random
from datetime import date

from story import named
from story.files import File, Row, after, csv_of
from story.timeline import DAYS, MARKET_WEIGHTS, OUTAGE_DAY, dice, is_weekend

SITE = "acmebank.example"
HEADER = ["site", "day", "page", "topic", "market", "visits", "visitors"]
# A page, its topic as set by the site's editors, and its visits on a working day in a market of weight 1.
PAGES = [
    ("/", "", 1800),
    ("/contact", "", 110),
    ("/help/app", "App", 42),
    ("/help/cards", "Cards", 64),
    ("/help/card-blocked", "Card blocked", 30),
    ("/help/payments", "Transfers", 75),
    ("/help/status", "Outages", 14),
    ("/help/login", "Login", 70),
    ("/help/fees", "Fees", 38),
    ("/help/fraud", "Fraud", 21),
    ("/help/disputes", "Disputes", 26),
    ("/help/complaints", "Complaints", 9),
    ("/loans/apply", "Loans", 33),
    ("/open-account", "New account", 58),
]
WEEKEND_SHARE = 0.55
# Factor for visits where payments fail.
OUTAGE_MARKETS = ("us", "in")
OUTAGE = {"/help/status": 16, "/help/payments": 6, "/help/card-blocked": 4, "/help/cards": 3, "/contact": 2.5}
# Sent again on the last day, without the visits of a crawler.
CORRECTED, CORRECTED_AT, CRAWLED = date(2026, 11, 4), "2026-11-08T10:00:00Z", ("us", "/open-account", 4100)
# Links in a mail that contain the reader's address; only the path is kept, and the visits count for the page.
MAIL_LINKS = {OUTAGE_DAY: ("us", "/help/card-blocked", "?email=someone@example.com", 2)}
# An export that stopped in the middle of a row and continued with the next day.
BAD_LINES = {date(2026, 11, 3): [f"{SITE},2026-11-03,/help/fees,Fees"]}


def _visits(day: date, market: str, page: str, usual: int, rng: random.Random) -> int:
    times = OUTAGE.get(page, 1) if day == OUTAGE_DAY and market in OUTAGE_MARKETS else 1
    share = WEEKEND_SHARE if is_weekend(day) else 1
    visits = round(usual * MARKET_WEIGHTS[market] * times * share * rng.lognormvariate(0, 0.08))
    return named.VISITS.get((str(day), market, page), visits)


def _rows(day: date, rng: random.Random) -> list[Row]:
    rows = []
    for market in MARKET_WEIGHTS:
        for page, topic, usual in PAGES:
            visits = _visits(day, market, page, usual, rng)
            visitors = round(visits * rng.uniform(0.7, 0.9))
            values = [SITE, str(day), page, topic, market, visits, visitors]
            rows.append(dict(zip(HEADER, values, strict=True)))
    if day in MAIL_LINKS:
        market, page, query, visits = MAIL_LINKS[day]
        row = _find(rows, market, page)
        rows.append({**row, "page": page + query, "visits": visits, "visitors": visits})
    return rows


def _find(rows: list[Row], market: str, page: str) -> Row:
    return next(row for row in rows if (row["market"], row["page"]) == (market, page))


def build() -> list[File]:
    """Return every delivered file, in order of delivery."""
    rng, files = dice("analytics"), []
    for day in DAYS:
        name, rows = f"visits_{day}.csv", _rows(day, rng)
        if day == CORRECTED:
            files.append((CORRECTED_AT, name, csv_of(HEADER, rows)))
            market, page, crawled = CRAWLED
            _find(rows, market, page)["visits"] += crawled
        files.append((after(day), name, csv_of(HEADER, rows, BAD_LINES.get(day, []))))
    return sorted(files)
