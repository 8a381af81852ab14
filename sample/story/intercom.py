"""The fourteen days in the messenger of Acme Pay's app in India: an assistant answers first, then staff."""

import random
from datetime import datetime, timedelta
from typing import Any

from story import named_desks
from story.chats import Chat, admin_id
from story.people import EX_AGENT, Agent, Person, agents_of, someone
from story.texts import bank, fill, pick_issue
from story.timeline import DAYS, OUTAGE_DAY, dice, moment_on, volume_on

MARKET, BRAND = "in", "acme_pay"
WEEKDAY_CHATS, OUTAGE_EXTRA, ANSWER_MEDIAN_SECONDS = 1, 4, 130


def _words(lines: list[str], person: Person, agent: Agent, rng: random.Random, **given: str) -> str:
    names = {"first": person.first, "agent": agent.name.split()[0], **given}
    return fill(rng.choice(lines), MARKET, BRAND, rng, **names)


def _play(number: int, at: datetime, lines: list[str], fixes: list[str], rng: random.Random) -> Chat:
    """Return a typical conversation: question, greeting by the assistant, answer, closure."""
    person, replies = someone(MARKET, rng), bank()["replies"]
    agent = rng.choice([one for one in agents_of(MARKET, "support") if one != EX_AGENT])
    chat = Chat(number, person)
    chat.asks(at, _words(lines, person, agent, rng))
    at += timedelta(seconds=rng.randrange(2, 9))
    chat.bot(at, _words(replies["bot"], person, agent, rng))
    if rng.random() < 0.15:
        return chat
    chat.bot(at, None, "assignment", assignee=admin_id(agent))
    at += timedelta(seconds=round(ANSWER_MEDIAN_SECONDS * rng.lognormvariate(0, 0.7)))
    chat.staff(at, agent, _words(replies["chat_open"], person, agent, rng))
    if rng.random() < 0.4:
        at += timedelta(seconds=rng.randrange(40, 600))
        chat.asks(at, _words(bank()["followups"], person, agent, rng))
    at += timedelta(seconds=rng.randrange(60, 500))
    chat.staff(at, agent, _words(replies["chat_close"], person, agent, rng, fix=rng.choice(fixes)))
    chat.staff(at, agent, kind="close")
    return chat


def build() -> list[dict[str, Any]]:
    """Return every conversation, oldest first."""
    rng, outage, issues = dice("intercom"), bank()["outage"], bank()["issues"]
    moments = [moment_on(day, MARKET, rng) for day in DAYS for _ in range(volume_on(day, WEEKDAY_CHATS))]
    begun = [(at, issues[pick_issue(rng)]) for at in moments]
    failing = {"posts": outage["posts"], "fixes": ["payments work again"]}
    begun += [(moment_on(OUTAGE_DAY, MARKET, rng), failing) for _ in range(OUTAGE_EXTRA)]
    begun.sort(key=lambda case: case[0])
    chats = [_play(number, at, issue["posts"], issue["fixes"], rng) for number, (at, issue) in enumerate(begun, 100)]
    records = [*named_desks.intercom_cases(), *(chat.record() for chat in chats)]
    return sorted(records, key=lambda record: record["parts"][0]["at"])
