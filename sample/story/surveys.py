"""Answers to surveys: satisfaction after calls and tickets, and likelihood to recommend Acme, asked once a year.

One CSV per UTC day, delivered at the midnight that ends it.
"""

import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from story import named, phone, zendesk
from story.files import File, Row, after, csv_of
from story.people import someone
from story.texts import bank
from story.tickets import Ticket
from story.timeline import DAYS, END, MARKET_WEIGHTS, ZONES, dice, moment_on, volume_on

CALL_SHARE, TICKET_SHARE, WEEKDAY_YEARLY = 0.2, 0.2, 10
COMMENTED_SHARE, BOTH_SHARE = 0.4, 0.3
HEADER = [
    "response_id", "metric", "score", "scale_min", "scale_max", "comment", "answered_at", "about_source", "about_id",
    "customer_ref", "account", "market", "brand",
]  # fmt: skip
SCALES = {"csat": (1, 5), "nps": (0, 10)}
# Answers of satisfied customers, and of others.
SCORES = {
    "csat": ([3, 4, 4, 5, 5, 5], [1, 1, 2, 3]),
    "nps": ([7, 8, 9, 9, 10, 10], [0, 2, 3, 5, 6, 7]),
}
# A missing cell, and an answer without the id of its response.
BAD_LINES = {
    date(2026, 11, 5): [
        "R-90001,csat,4,1,5,Fine,2026-11-05T15:00:00-05:00",
        ",csat,5,1,5,,2026-11-05T15:10:00-05:00,,,,after call,us,acme_bank",
    ],
}


@dataclass(frozen=True)
class Occasion:
    """The subject of a survey, and the time at which it is sent."""

    survey: str
    at: datetime
    market: str
    brand: str
    customer_ref: str
    is_content: bool
    source: str = ""
    identifier: str = ""


def _after_calls(rng: random.Random) -> Iterator[Occasion]:
    """Yield the answered calls whose callers answer a survey; callers who keyed in a score get none."""
    for call in phone.calls():
        if call["disposition"] == "answered" and not call["csat"] and rng.random() < CALL_SHARE:
            yield Occasion(
                "after call", datetime.fromisoformat(call["ended_at"]), call["market"], call["brand"],
                call["customer_ref"], call["resolved"] == "yes", "phone", f"{call['pbx']}/{call['call_id']}",
            )  # fmt: skip


def _statuses(ticket: Ticket) -> list[tuple[str, str]]:
    events = [(audit["at"], event) for audit in ticket.audits for event in audit["events"]]
    return [(at, event["value"]) for at, event in events if event.get("field_name") == "status"]


def _after_tickets(rng: random.Random) -> Iterator[Occasion]:
    """Yield the solved tickets whose customers answer a survey; a ticket solved twice was reopened."""
    for ticket in zendesk.build_tickets():
        statuses = _statuses(ticket)
        solved = [at for at, status in statuses if status == "solved"]
        if not solved or statuses[-1][1] == "deleted" or rng.random() >= TICKET_SHARE:
            continue
        reference = ticket.person.external_ref if ticket.person.in_crm else ""
        is_content = len(solved) == 1 and rng.random() < 0.85
        at = datetime.fromisoformat(solved[-1])
        given = (ticket.market, ticket.brand, reference, is_content)
        yield Occasion("after ticket", at, *given, "zendesk", str(ticket.number))


def _yearly(rng: random.Random) -> Iterator[Occasion]:
    """Yield the customers who are asked about the relationship as a whole."""
    markets, weights = list(MARKET_WEIGHTS), list(MARKET_WEIGHTS.values())
    for day in DAYS:
        for _ in range(volume_on(day, WEEKDAY_YEARLY)):
            market = rng.choices(markets, weights)[0]
            person, at = someone(market, rng, crm_share=1), moment_on(day, market, rng)
            yield Occasion("yearly", at, market, "acme_bank", person.external_ref, rng.random() < 0.7)


def _answers(occasion: Occasion, rng: random.Random) -> list[Row]:
    """Return the answers of one response without its number; the comment is with the first."""
    metrics = ["nps"] if occasion.survey == "yearly" else ["csat", "nps"] if rng.random() < BOTH_SHARE else ["csat"]
    at = occasion.at + timedelta(minutes=rng.randrange(5, 40 * 60))
    said = bank()["surveys"]["content" if occasion.is_content else "discontent"]
    comment = rng.choice(said) if rng.random() < COMMENTED_SHARE else ""
    rows = []
    for metric in metrics:
        score = rng.choice(SCORES[metric][0 if occasion.is_content else 1])
        rows.append(_row(metric, score, at.astimezone(ZONES[occasion.market]).isoformat(), occasion, comment))
        comment = ""
    return rows


def _row(metric: str, score: int, answered_at: str, occasion: Occasion, comment: str) -> Row:
    low, high = SCALES[metric]
    return {
        "metric": metric, "score": score, "scale_min": low, "scale_max": high, "comment": comment,
        "answered_at": answered_at, "about_source": occasion.source, "about_id": occasion.identifier,
        "customer_ref": occasion.customer_ref, "account": occasion.survey, "market": occasion.market,
        "brand": occasion.brand,
    }  # fmt: skip


def _day_of(row: Row) -> date:
    return datetime.fromisoformat(row["answered_at"]).astimezone(UTC).date()


def _named() -> Iterator[tuple[date, Row]]:
    """Yield each answer of the named cases with the day of its file."""
    for response_id, day, market, person, source, identifier, *answer in named.SURVEY_CASES:
        metric, score, answered_at, comment = answer
        survey, reference = ("after call" if source == "phone" else "after ticket"), person.external_ref
        at = datetime.fromisoformat(answered_at)
        occasion = Occasion(survey, at, market, "acme_bank", reference, True, source, identifier)
        row = _row(metric, score, answered_at, occasion, comment)
        yield date.fromisoformat(day), {"response_id": response_id} | row


def build() -> list[File]:
    """Return every delivered file; responses are numbered in the order of their answers."""
    rng = dice("surveys")
    by_day: dict[date, list[Row]] = {day: [] for day in DAYS}
    for day, row in _named():
        by_day[day].append(row)
    occasions = [*_after_calls(rng), *_after_tickets(rng), *_yearly(rng)]
    responses = [_answers(occasion, rng) for occasion in occasions]
    heard = [rows for rows in responses if datetime.fromisoformat(rows[0]["answered_at"]) < END]
    heard.sort(key=lambda rows: datetime.fromisoformat(rows[0]["answered_at"]))
    for number, rows in enumerate(heard, 1):
        by_day[_day_of(rows[0])] += [{"response_id": f"R-{number:05d}"} | row for row in rows]
    return [
        (after(day), f"answers_{day}.csv", csv_of(HEADER, rows, BAD_LINES.get(day, []))) for day, rows in by_day.items()
    ]
