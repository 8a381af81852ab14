"""Forms and chats of Acme's site with the replies, as stored in its database."""

import random
from datetime import datetime, timedelta

from story import named
from story.files import Row
from story.people import Agent, Person, agents_of, someone
from story.texts import bank, fill, pick_issue
from story.timeline import DAYS, END, MARKET_WEIGHTS, dice, moment_on, stamp, volume_on
from story.working import at_desk

WEEKDAY_FORMS = 11
ANSWERED_SHARE, FOLLOWED_SHARE = 0.88, 0.25
ANSWER_MEDIAN_HOURS = 4


class Exchange:
    """One form or chat being written; the story stores `rows`."""

    def __init__(self, case: str, channel: str, market: str, brand: str, person: Person) -> None:
        """Start empty."""
        self.rows: list[Row] = []
        self._case, self._person = case, person
        self._given = {"channel": channel, "account": "acmebank.example", "market": market, "brand": brand}

    def says(self, at: datetime, sender: str, text: str, agent: Agent | None = None) -> None:
        """Add a message; only messages of the customer identify the customer."""
        number = f"{self._given['channel']}/{self._case}/{len(self.rows) + 1}"
        row = {"id": number, "conversation_id": self._case, **self._given}
        row |= {"sender": sender, "text": text, "agent_id": agent.pbx_id if agent else None}
        is_customer = sender == "customer"
        row["author_name"] = self._person.name if is_customer else None
        row["author_email"] = self._person.email if is_customer else None
        self.rows.append(row | {"created_at": stamp(at)})


def _wait(rng: random.Random) -> timedelta:
    return timedelta(seconds=round(3600 * ANSWER_MEDIAN_HOURS * rng.lognormvariate(0, 0.8)))


def _form(case: str, at: datetime, market: str, rng: random.Random) -> Exchange:
    """Return a form, mostly with its reply, and sometimes with the customer's reaction."""
    brand, issue = rng.choice(["acme_bank", "acme_bank", "acme_pay"]), bank()["issues"][pick_issue(rng)]
    person, agent = someone(market, rng), rng.choice(agents_of(market, "support"))
    exchange, names = Exchange(case, "web_form", market, brand, person), {"first": person.first}
    names |= {"agent": agent.name.split()[0], "fix": rng.choice(issue["fixes"])}

    def words(lines: list[str]) -> str:
        return fill(rng.choice(lines), market, brand, rng, **names)

    exchange.says(at, "customer", words(issue["bodies"]))
    if rng.random() < ANSWERED_SHARE:
        at = at_desk(at + _wait(rng), market)
        exchange.says(at, "agent", words(bank()["replies"]["mail_close"]), agent)
        if rng.random() < FOLLOWED_SHARE:
            at += _wait(rng)
            exchange.says(at, "customer", words(bank()[rng.choice(["thanks", "followups"])]))
    return exchange


def _named() -> list[Exchange]:
    exchanges = []
    for case, channel, market, person, messages in named.FORM_CASES:
        exchange = Exchange(case, channel, market, "acme_bank", person)
        for at, sender, text, agent in messages:
            exchange.says(datetime.fromisoformat(at), sender, text, agent)
        exchanges.append(exchange)
    return exchanges


def build() -> list[Row]:
    """Return every message of the fourteen days, exchange by exchange."""
    rng, markets, weights = dice("forms"), list(MARKET_WEIGHTS), list(MARKET_WEIGHTS.values())
    chosen = [(day, rng.choices(markets, weights)[0]) for day in DAYS for _ in range(volume_on(day, WEEKDAY_FORMS))]
    moments = sorted((moment_on(day, market, rng), market) for day, market in chosen)
    forms = [_form(f"F-{number:04d}", at, market, rng) for number, (at, market) in enumerate(moments, 1)]
    return [row for exchange in [*_named(), *forms] for row in exchange.rows if row["created_at"] < stamp(END)]
