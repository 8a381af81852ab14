"""The fourteen days of Acme Pay's desk for merchants in the United States: tickets in Request Tracker."""

import random
from datetime import datetime, timedelta
from typing import Any

from story import named_desks
from story.desk_tickets import DeskTicket, records
from story.people import agents_of, someone
from story.texts import bank, fill, pick_issue
from story.timeline import DAYS, OUTAGE_DAY, dice, moment_on, volume_on
from story.working import at_desk, taken_at

MARKET, BRAND = "us", "acme_pay"
WEEKDAY_TICKETS, OUTAGE_EXTRA, ANSWER_MEDIAN_MINUTES = 1, 2, 150
FIRST_TICKET = 7101


def _play(number: int, at: datetime, rng: random.Random) -> DeskTicket:
    """Return a typical ticket: taken, answered, resolved, and sometimes reopened."""
    person, agent = someone(MARKET, rng), rng.choice(agents_of(MARKET, "support"))
    issue = bank()["issues"]["transfer_pending" if at.date() == OUTAGE_DAY else pick_issue(rng)]
    names = {"first": person.first, "agent": agent.name.split()[0], "fix": rng.choice(issue["fixes"])}

    def words(lines: list[str]) -> str:
        return fill(rng.choice(lines), MARKET, BRAND, rng, **names)

    ticket = DeskTicket(number, person, rng.choice(["Email", "Email", "Web"]))
    ticket.customer_writes(at, words(issue["bodies"]))
    if rng.random() < 0.1:
        return ticket
    asked, at = at, at_desk(at + timedelta(minutes=round(ANSWER_MEDIAN_MINUTES * rng.lognormvariate(0, 0.8))), MARKET)
    ticket.change(taken_at(asked, at, "email", MARKET, f"rt{number}"), agent, "Owner", agent.number)
    if rng.random() < 0.3:
        ticket.comment(at - timedelta(seconds=30), agent, words(bank()["replies"]["notes"]))
    if rng.random() < 0.3:
        ticket.staff_writes(at, agent, words(bank()["replies"]["mail_open"]), "stalled")
        at += timedelta(hours=rng.randrange(3, 30))
        ticket.customer_writes(at, words(bank()["followups"]))
        at = at_desk(at + timedelta(minutes=rng.randrange(20, 200)), MARKET)
    ticket.staff_writes(at, agent, words(bank()["replies"]["mail_close"]), "resolved")
    if rng.random() < 0.25:
        ticket.customer_writes(at + timedelta(hours=rng.randrange(2, 20)), words(bank()["angry"]))
    return ticket


def build() -> list[dict[str, Any]]:
    """Return every ticket, oldest first."""
    rng = dice("request_tracker")
    days = [day for day in DAYS for _ in range(volume_on(day, WEEKDAY_TICKETS))] + [OUTAGE_DAY] * OUTAGE_EXTRA
    moments = sorted(moment_on(day, MARKET, rng) for day in days)
    tickets = [_play(number, at, rng) for number, at in enumerate(moments, FIRST_TICKET)]
    return records([*named_desks.request_tracker_cases(), *tickets])
