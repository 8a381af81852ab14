"""The fourteen days in the mailbox of Acme Bank in Singapore: mails of customers, and what was sent to them."""

import random
from datetime import datetime, timedelta
from typing import Any

from story import named_mails
from story.mails import Exchange
from story.people import agents_of, someone
from story.texts import bank, fill, pick_issue
from story.timeline import DAYS, dice, moment_on, volume_on
from story.working import at_desk

MARKET, BRAND = "sg", "acme_bank"
WEEKDAY_MAILS, ANSWER_MEDIAN_MINUTES = 1, 170


def _play(number: int, at: datetime, rng: random.Random) -> Exchange:
    """Return a typical exchange: question, answer, and sometimes more."""
    person, agent = someone(MARKET, rng), rng.choice(agents_of(MARKET, "support"))
    issue = bank()["issues"][pick_issue(rng)]
    names = {"first": person.first, "agent": agent.name.split()[0], "fix": rng.choice(issue["fixes"])}

    def words(lines: list[str]) -> str:
        return fill(rng.choice(lines), MARKET, BRAND, rng, **names)

    exchange = Exchange(f"m{number}", person, words(issue["subjects"]))
    exchange.writes(at, f"Hello,\n\n{words(issue['bodies'])}\n\n-- \n{person.name}\n{person.phone}")
    if rng.random() < 0.85:
        at = at_desk(at + timedelta(minutes=round(ANSWER_MEDIAN_MINUTES * rng.lognormvariate(0, 0.8))), MARKET)
        exchange.answers(at, words(bank()["replies"]["mail_close"]))
        if rng.random() < 0.4:
            exchange.writes(at + timedelta(minutes=rng.randrange(20, 900)), words(bank()["followups"]))
    return exchange


def build() -> list[dict[str, Any]]:
    """Return every mail, oldest first."""
    rng = dice("mail")
    moments = sorted(moment_on(day, MARKET, rng) for day in DAYS for _ in range(volume_on(day, WEEKDAY_MAILS)))
    exchanges = [*named_mails.cases(), *(_play(number, at, rng) for number, at in enumerate(moments, 1))]
    return sorted((mail for exchange in exchanges for mail in exchange.record()), key=lambda mail: mail["at"])
