"""How long agents held a case before its first reply, if they gave it."""

from collections import defaultdict
from datetime import datetime
from itertools import pairwise
from statistics import median

from oracle.case_clocks import states_of
from oracle.desks import CASES
from oracle.help_desk import comments_read, kind_at, life_of, versions_of_users
from oracle.reading import read
from oracle.working_hours import CHANNELS, WorkingHours, calendar_of


def taken_by(agent, states, at):
    """Return since when an agent had held a case at a moment; None if they did not hold it."""
    held = [(since, holder) for since, _, holder in states if since <= at]
    if not held or str(held[-1][1]) != str(agent):
        return None
    starts = [held[0], *(after for before, after in pairwise(held) if before[1] != after[1])]
    return starts[-1][0]


def tickets(data):
    """Yield (conversation, market, channel, states, sayings) of every ticket; a saying is (time, speaker, who)."""
    users = versions_of_users(data)
    for ticket in read(data / "zendesk_tickets.jsonl"):
        fields, statuses, comments = life_of(ticket)
        market = next(tag for tag in fields["tags"] if tag.startswith("market_"))[7:]
        sayings = [
            (at, kind_at(users, who, at) if is_public else "note", who)
            for at, who, is_public in comments_read(ticket, statuses, comments) or []
        ]
        yield f"zendesk:{ticket['id']}", market, ticket["channel"], states_of(ticket), sayings


def cases(data):
    """Yield the same of every case of other desks."""
    for found in CASES.values():
        for case in found(data):
            sayings = [(at, speaker, who) for at, _, speaker, who in case["said"]]
            yield f"{case['source']}:{case['id']}", case["market"], case["channel"], case["states"], sayings


def agents_waits(data):
    """Return {conversation: (source, market, working seconds)}, from taking the case or a later question to the reply.

    For conversations whose holder gave the first reply, as their first message since then.
    """
    hours, waits = WorkingHours(), {}
    for conversation, market, channel, states, sayings in [*tickets(data), *cases(data)]:
        asked = next((at for at, speaker, _ in sayings if speaker == "customer"), None)
        reply = next(((at, who) for at, speaker, who in sayings if speaker == "agent" and asked and at > asked), None)
        taken = taken_by(reply[1], states, reply[0]) if reply else None
        spoken = [at for at, speaker, who in sayings if (speaker, who) == ("agent", reply[1])] if taken else []
        if taken and min(at for at in spoken if at >= taken) == reply[0]:
            calendar = calendar_of(market, "traditional", CHANNELS.get(channel, channel))
            start, end = (datetime.fromisoformat(at) for at in (max(taken, asked), reply[0]))
            waits[conversation] = (conversation.split(":")[0], market, hours.seconds(calendar, start, end))
    return waits


def agents_answers(data):
    """Return their number and median by source and market."""
    groups = defaultdict(list)
    for source, market, seconds in agents_waits(data).values():
        groups[f"{source} {market}"].append(seconds)
    return {
        name: {"answered": len(found), "median_business_seconds": median(found)}
        for name, found in sorted(groups.items())
    }
