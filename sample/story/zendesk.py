"""The fourteen days in the help desk: e-mail, web form, chat and voice tickets, and who works on them."""

import random
from datetime import datetime, timedelta
from typing import Any

from story import named, named_crms
from story.people import AGENTS, BOT_ID, EX_AGENT, MOVED_AGENT, Agent, Person, agents_of, everyone, someone
from story.texts import bank, fill, pick_issue
from story.tickets import GROUP_IDS, Ticket, requester_id
from story.timeline import DAYS, END, MARKET_WEIGHTS, OUTAGE_DAY, START, dice, moment_on, stamp, volume_on
from story.working import at_desk, taken_at

WEEKDAY_TICKETS, OUTAGE_EXTRA = 58, 60
CHANNELS = {"email": 42, "web": 24, "chat": 20, "voice": 14}
# Median minutes from the customer's message to the agent's answer, if the desk is open by then.
ANSWER_MEDIAN_MINUTES = {"email": 200.0, "web": 260.0, "chat": 2.0, "voice": 95.0}
# Urgent tickets are answered sooner: the factor on the usual wait.
SHARE_OF_WAIT = {"normal": 1.0, "high": 0.5, "urgent": 0.15}
FIRST_TICKET = 10001
# Staff profiles last changed at the start of the sample, so that the first window's export contains them.
STAFF_SINCE = {"from": stamp(START), "created_at": "2026-01-12T09:00:00Z"}


def _answered(ticket: Ticket, at: datetime, rng: random.Random) -> datetime:
    """Return when a message of some moment gets its reply."""
    minutes = ANSWER_MEDIAN_MINUTES[ticket.channel] * rng.lognormvariate(0, 0.8)
    minutes *= SHARE_OF_WAIT[ticket.values["priority"]]
    if at.date() == OUTAGE_DAY:
        minutes *= 2.5
    return _staffed(ticket, at + timedelta(seconds=max(15, round(minutes * 60))))


def _staffed(ticket: Ticket, at: datetime) -> datetime:
    """Return the next time at which somebody works on a ticket; chats are answered round the clock."""
    return at if ticket.channel == "chat" else at_desk(at, ticket.market)


def _words(ticket: Ticket, rng: random.Random, kind: str, agent: Agent | None = None, **given: str) -> str:
    names = {"first": ticket.person.first, "agent": agent.name.split()[0] if agent else "", **given}
    source = bank()["replies"].get(kind) or bank()[kind]
    return fill(rng.choice(source), ticket.market, ticket.brand, rng, **names)


def _open(number: int, at: datetime, market: str, brand: str, rng: random.Random) -> tuple[Ticket, list[str]]:
    """Return a ticket with the customer's first message, and the fixes for its issue."""
    issue = bank()["issues"]["transfer_pending" if rng.random() < 0.1 else pick_issue(rng)]
    channel = rng.choices(list(CHANNELS), list(CHANNELS.values()))[0]
    person = someone(market, rng, crm_share=0.75)
    subject = fill(rng.choice(issue["subjects"]), market, brand, rng)
    ticket = Ticket(number, channel, market, brand, person, subject, at, issue["product"])
    source = issue["posts"] if channel == "chat" else issue["calls"] if channel == "voice" else issue["bodies"]
    body = fill(rng.choice(source), market, brand, rng)
    if channel == "email":
        body = f"{rng.choice(['Hello', 'Dear team', 'Hi', 'To whom it may concern'])},\n\n{body}\n\n{person.name}"
    elif channel == "voice":
        body = f"Call from {person.phone}. {body}."
    if rng.random() < 0.02:
        body += f" You can also write to {person.email}, my card is 4111-1111-1111-1111."
    ticket.open_by_customer(body)
    return ticket, issue["fixes"]


def _routing(ticket: Ticket, rng: random.Random) -> None:
    """Let business rules raise the priority or send the ticket to the card specialists."""
    at = ticket.opened_at + timedelta(seconds=1)
    if ticket.product == "cards" and rng.random() < 0.5:
        ticket.rule(at, "Route cards to specialists", "trigger", group_id=GROUP_IDS["cards"])
    if rng.random() < 0.15:
        ticket.rule(at, "Raise priority of second contact", "trigger", priority=rng.choice(["high", "urgent"]))


def _middle(ticket: Ticket, agent: Agent, now: datetime, rng: random.Random) -> tuple[datetime, Agent]:
    """Play the steps between first reply and solution; return the time reached, and the holder."""
    if rng.random() < 0.3:
        now += timedelta(minutes=rng.randrange(5, 900))
        ticket.customer_writes(now, _words(ticket, rng, "followups"))
    if rng.random() < 0.14:
        now = _staffed(ticket, now + timedelta(minutes=rng.randrange(2, 60)))
        ticket.note(now, agent, _words(ticket, rng, "notes"), status="hold")
        now = _staffed(ticket, now + timedelta(hours=rng.randrange(2, 60)))
        ticket.change(now, agent.zendesk_id, status="open")
    if rng.random() < 0.1 and agent.group != "cards":
        now = _staffed(ticket, now + timedelta(minutes=rng.randrange(2, 30)))
        ticket.note(now, agent, _words(ticket, rng, "notes"), group_id=GROUP_IDS["cards"], assignee_id=None)
        agent = rng.choice(agents_of(ticket.market, "cards"))
        now = _staffed(ticket, now + timedelta(minutes=rng.randrange(5, 300)))
        ticket.taken(now, agent)
    return now, agent


def _after_solution(ticket: Ticket, agent: Agent, now: datetime, fixes: list[str], rng: random.Random) -> None:
    """Play thanks, reopening, rating and closing by automation."""
    fate = rng.choices(["quiet", "thanks", "reopen", "rated"], [50, 18, 12, 20])[0]
    now += timedelta(minutes=rng.randrange(10, 1500))
    if fate == "thanks":
        ticket.customer_writes(now, _words(ticket, rng, "thanks"), status="open")
        now = _staffed(ticket, now + timedelta(minutes=rng.randrange(1, 120)))
        ticket.change(now, agent.zendesk_id, status="solved")
    elif fate == "reopen":
        ticket.customer_writes(now, _words(ticket, rng, "angry"), status="open")
        now = _answered(ticket, now, rng)
        words = _words(ticket, rng, "mail_close", agent, fix=rng.choice(fixes))
        ticket.agent_writes(now, agent, words, status="solved")
    elif fate == "rated":
        score = {"score": rng.choice(["good", "good", "good", "bad"]), "id": ticket.number, "comment": None}
        ticket.change(now, requester_id(ticket.person), satisfaction_rating=score)
    closing = ticket.last_at + timedelta(days=4)
    ticket.rule(closing, "Close four days after solved", "automation", status="closed")


def _agent_at(at: datetime, ticket: Ticket, rng: random.Random) -> Agent:
    """Return who answers a ticket: an expert for cards, else an agent of the market's desk.

    The last real case of the agent who leaves is a named one.
    """
    if ticket.values["group_id"] == GROUP_IDS["cards"]:
        return rng.choice(agents_of(ticket.market, "cards"))
    is_gone = at >= END - timedelta(days=2)
    return rng.choice([agent for agent in agents_of(ticket.market, "support") if agent != EX_AGENT or not is_gone])


def _play(ticket: Ticket, fixes: list[str], rng: random.Random) -> None:
    """Play a ticket from its opening to its end."""
    _routing(ticket, rng)
    now = ticket.opened_at + timedelta(seconds=2)
    chat = ticket.channel == "chat"
    if chat:
        now += timedelta(seconds=rng.randrange(3, 12))
        ticket.bot_writes(now, _words(ticket, rng, "bot"))
    if rng.random() < 0.08:
        return
    asked, now = now, _answered(ticket, now, rng)
    agent = _agent_at(now, ticket, rng)
    ticket.taken(taken_at(asked, now, ticket.channel, ticket.market, str(ticket.number)), agent)
    if rng.random() < 0.18 and not chat:
        ticket.note(now - timedelta(seconds=10), agent, _words(ticket, rng, "notes"))
    if rng.random() < 0.3 and not chat:
        ticket.agent_writes(now, agent, _words(ticket, rng, "mail_close", agent, fix=rng.choice(fixes)), "solved")
    else:
        opening = "chat_open" if chat else "mail_open"
        ticket.agent_writes(now, agent, _words(ticket, rng, opening, agent))
        now, agent = _middle(ticket, agent, now, rng)
        if rng.random() < 0.12:
            return
        now = now + timedelta(seconds=rng.randrange(40, 400)) if chat else _answered(ticket, now, rng)
        closing = "chat_close" if chat else "mail_close"
        words = _words(ticket, rng, closing, agent, fix=rng.choice(fixes))
        ticket.agent_writes(now, agent, words, status="solved")
    _after_solution(ticket, agent, now, fixes, rng)


def _openings(rng: random.Random) -> list[tuple[datetime, str, str]]:
    """Return time, place and brand of each new ticket, oldest first."""
    openings = []
    markets, weights = list(MARKET_WEIGHTS), list(MARKET_WEIGHTS.values())
    for day in DAYS:
        for _ in range(volume_on(day, WEEKDAY_TICKETS)):
            market = rng.choices(markets, weights)[0]
            brand = rng.choice(["acme_bank", "acme_bank", "acme_pay"])
            openings.append((moment_on(day, market, rng), market, brand))
    for _ in range(OUTAGE_EXTRA):
        market = rng.choice(["us", "in"])
        openings.append((moment_on(OUTAGE_DAY, market, rng), market, "acme_pay"))
    return sorted(openings)


def build_tickets() -> list[Ticket]:
    """Return every ticket, the named ones first; those of other CRMs' customers last."""
    rng = dice("zendesk")
    tickets = named.ticket_cases()
    for number, (at, market, brand) in enumerate(_openings(rng), FIRST_TICKET):
        ticket, fixes = _open(number, at, market, brand, rng)
        _play(ticket, fixes, rng)
        tickets.append(ticket)
    early = [
        t for t in tickets if t.number >= FIRST_TICKET and t.number % 98 == 0 and t.last_at < END - timedelta(days=3)
    ]
    for ticket in early:
        agent = agents_of(ticket.market, "support")[0]
        ticket.delete(at_desk(ticket.last_at + timedelta(hours=20), ticket.market), agent)
    return [*tickets, *named_crms.ticket_cases()]


def _end_user(person: Person, since: datetime) -> dict[str, Any]:
    user = {
        "from": stamp(since),
        "created_at": stamp(since),
        "id": requester_id(person),
        "name": person.name,
        "role": "end-user",
    }
    user |= {"email": person.email, "phone": person.phone if person.number % 3 else None}
    # Half of the known customers have the CRM's reference.
    return user | {"external_id": person.external_ref if person.in_crm and person.number % 2 else None}


def _staff(agent: Agent) -> list[dict[str, Any]]:
    user = {**STAFF_SINCE, "id": agent.zendesk_id, "name": agent.name, "role": "agent"}
    user |= {"email": f"{agent.name.replace(' ', '.').lower()}@acmebank.example.com", "alias": agent.initials}
    user["default_group_id"] = GROUP_IDS[agent.group]
    if agent == EX_AGENT:
        return [user, {**user, "from": "2026-11-08T06:00:00Z", "role": "end-user", "default_group_id": None}]
    if agent == MOVED_AGENT:
        moved = {"from": "2026-11-08T01:30:00Z", "default_group_id": GROUP_IDS["cards"], "name": "Grace Heng-Lim"}
        return [user, {**user, **moved}]
    return [user]


def build_users(tickets: list[Ticket]) -> list[dict[str, Any]]:
    """Return every version of every help desk user, staff first."""
    since: dict[int, datetime] = {}
    for ticket in tickets:
        known = since.get(ticket.person.number, END)
        since[ticket.person.number] = min(known, ticket.opened_at)
    bot = {**STAFF_SINCE, "id": BOT_ID, "name": "Acme Assistant", "role": "agent", "tags": ["bot"]}
    users = [{**bot, "email": "assistant@acmebank.example.com", "alias": "bot"}]
    users += [version for agent in AGENTS for version in _staff(agent)]
    by_number = {person.number: person for person in everyone()}
    for number, at in sorted(since.items(), key=lambda item: item[1]):
        users.append(_end_user(by_number[number], at))
    return users


def build_groups() -> list[dict[str, Any]]:
    """Return the groups."""
    born = stamp(START - timedelta(days=280))
    return [{"id": identifier, "name": name, "created_at": born} for name, identifier in GROUP_IDS.items()]
