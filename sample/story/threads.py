"""How an exchange on X unfolds: post, peers, replies by the brand, follow-ups, thanks."""

import random
from dataclasses import dataclass
from datetime import datetime, timedelta

from story.people import AGENTS, Agent, Person, agents_of, someone
from story.posts import Account, Stage, mention
from story.texts import bank, dress, fill, pick_issue
from story.timeline import OUTAGE_DAY, is_weekend

# Median minutes to a reply; the outage and weekends stretch them.
REPLY_MEDIAN_MINUTES = {"us": 22.0, "in": 41.0, "sg": 14.0}
REPLY_CHANCE = {"us": 0.82, "in": 0.74, "sg": 0.88}
OUTAGE_FACTOR, WEEKEND_FACTOR = 4.0, 2.2


def reply_wait(market: str, brand: str, at: datetime, rng: random.Random) -> timedelta:
    """Return the brand's reply time for a message that arrives at `at`."""
    minutes = REPLY_MEDIAN_MINUTES[market] * rng.lognormvariate(0, 0.9)
    if at.date() == OUTAGE_DAY and brand == "acme_pay":
        minutes *= OUTAGE_FACTOR
    elif is_weekend(at.date()):
        minutes *= WEEKEND_FACTOR
    return timedelta(seconds=max(20, round(minutes * 60)))


@dataclass
class Exchange:
    """One customer, one account of ours, and a random generator."""

    stage: Stage
    account: Account
    customer: Person
    rng: random.Random

    @property
    def agent(self) -> Agent:
        """Return the agent on duty for the account's market."""
        return self.rng.choice(agents_of(self.account.market, "social") or AGENTS)

    def fill(self, template: str, **given: str) -> str:
        """Fill a template for this market and brand, calling the customer by first name."""
        names = {"first": self.customer.first, **given}
        return fill(template, self.account.market, self.account.brand, self.rng, **names)

    def wait(self, at: datetime) -> timedelta:
        """Return the brand's reply time for a message that arrives at `at`."""
        return reply_wait(self.account.market, self.account.brand, at, self.rng)

    def pause(self, low: int, high: int) -> timedelta:
        """Return a random pause in seconds."""
        return timedelta(seconds=self.rng.randrange(low, high))

    def brand_says(self, at: datetime, template: str, reply_to: str, **given: str) -> str:
        """Post as the brand, signed by an agent."""
        text = f"{mention(self.customer)}{self.fill(template, **given)} ^{self.agent.initials}"
        return self.stage.say(self.account, at, text, reply_to)

    def customer_says(self, at: datetime, text: str, reply_to: str | None = None, lang: str = "en") -> str:
        """Post as the customer, mentioning the brand."""
        likes = int(self.rng.lognormvariate(0.2, 1.0))
        return self.stage.say(self.customer, at, mention(self.account) + text, reply_to, lang, likes=likes)

    def peer_says(self, at: datetime, template: str, reply_to: str) -> str:
        """Let a bystander answer the customer; the reply still mentions the brand, as on X."""
        peer = someone(self.account.market, self.rng, crm_share=0.3)
        if peer.number == self.customer.number:
            return reply_to
        text = f"{mention(self.customer)}{mention(self.account)}{self.fill(template)}"
        return self.stage.say(peer, at, text, reply_to)


def complaint(talk: Exchange, at: datetime, text: str, fixes: list[str], lang: str = "en") -> None:
    """Play a thread that begins with a problem or a question."""
    rng, replies = talk.rng, bank()["replies"]
    last = first = talk.customer_says(at, text, lang=lang)
    if rng.random() < 0.14:
        last = talk.customer_says(at + talk.pause(30, 240), talk.fill(rng.choice(bank()["followups"])), last)
    if rng.random() < 0.1:
        talk.peer_says(at + talk.pause(120, 5400), rng.choice(bank()["peer"]), first)
    if rng.random() > REPLY_CHANCE[talk.account.market]:
        if rng.random() < 0.3:
            talk.customer_says(at + talk.pause(7200, 30000), talk.fill(rng.choice(bank()["angry"])), last)
        return
    now = at + talk.wait(at)
    last = talk.brand_says(now, rng.choice(replies["open"]), last)
    for _ in range(rng.choices([0, 1, 2], [4, 5, 2])[0]):
        now += talk.pause(60, 7200)
        words = rng.choice(bank()["angry"] if rng.random() < 0.15 else bank()["followups"])
        last = talk.customer_says(now, talk.fill(words), last)
        if rng.random() < 0.25:
            return
        now += talk.wait(now)
        last = talk.brand_says(now, rng.choice(replies["close"]), last, fix=rng.choice(fixes))
    if rng.random() < 0.4:
        now += talk.pause(90, 5400)
        last = talk.customer_says(now, talk.fill(rng.choice(bank()["thanks"]), first="team"), last)
        if rng.random() < 0.3:
            talk.brand_says(now + talk.wait(now) / 3, rng.choice(replies["courtesy"]), last)


def praise(talk: Exchange, at: datetime) -> None:
    """Play a compliment, sometimes answered."""
    text = talk.fill(talk.rng.choice(bank()["praise"]), first="everyone")
    last = talk.customer_says(at, dress(text, talk.rng))
    if talk.rng.random() < 0.45:
        talk.brand_says(at + talk.wait(at), talk.rng.choice(bank()["replies"]["praise"]), last)


def ordinary(talk: Exchange, at: datetime) -> None:
    """Play any exchange of an ordinary day."""
    kind = talk.rng.choices(
        ["issue", "praise", "suggestions", "sarcasm", "competitor", "leaks", "foreign"], [62, 11, 5, 6, 2, 2, 12]
    )[0]
    if kind == "praise":
        praise(talk, at)
    elif kind == "foreign":
        language, text = talk.rng.choice(bank()["foreign"][talk.account.market])
        complaint(talk, at, text, ["it is solved"], language)
    elif kind == "issue":
        issue = bank()["issues"][pick_issue(talk.rng)]
        complaint(talk, at, dress(talk.fill(talk.rng.choice(issue["posts"])), talk.rng), issue["fixes"])
    else:
        given = {"email": talk.customer.email, "phone": talk.customer.phone}
        text = dress(talk.fill(talk.rng.choice(bank()[kind]), **given), talk.rng)
        complaint(talk, at, text, ["we have passed it on"])
