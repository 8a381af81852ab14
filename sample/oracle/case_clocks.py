"""How long tickets were open, who held them, and how many were unsolved at the end of each local day."""

from collections import Counter
from datetime import datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

from oracle.desks import desk_states
from oracle.help_desk import DONE, read_before
from oracle.reading import READS, read

ZONES = {"us": "America/New_York", "in": "Asia/Kolkata", "sg": "Asia/Singapore"}
CLOCKS = {
    "agent_wait": ("pending",),
    "requester_wait": ("new", "open", "hold"),
    "solve": ("new", "open", "hold", "pending"),
    "agent_work": ("new", "open"),
    "on_hold": ("hold",),
}


def states_of(ticket):
    """Return the (time, status, assignee) after each audit the warehouse could read; status None once it is deleted."""
    status = agent = None
    states = []
    deleted_at = next(
        (audit["at"] for audit in ticket["audits"] for event in audit["events"] if event.get("value") == "deleted"),
        None,
    )
    last_read = read_before(deleted_at, ticket["audits"][0]["at"])
    for audit in ticket["audits"] if last_read else []:
        values = {event.get("field_name"): event.get("value") for event in audit["events"]}
        if audit["at"] > last_read or values.get("status") == "deleted":
            break
        if "closed_by_merge" in (values.get("tags") or []):
            return [*states, (audit["at"], None, agent)]
        status, agent = values.get("status", status), values.get("assignee_id", agent)
        states.append((audit["at"], status, agent))
    return [*states, (deleted_at, None, agent)] if deleted_at and states else states


def moment(stamp):
    """Parse a timestamp."""
    return datetime.fromisoformat(stamp)


def add_clocks(states, sums):
    """Add a finished ticket's clocks to those of its market."""
    if states[-1][1] not in (*DONE, None):
        return
    sums["finished"] += 1
    for (start, status, agent), (end, _, _) in pairwise(states):
        length = int((moment(end) - moment(start)).total_seconds())
        for clock, statuses in CLOCKS.items():
            sums[clock] += length * (status in statuses)
        sums["unassigned"] += length * (agent is None and status in CLOCKS["solve"])


def is_open(status):
    """Tell whether a ticket with this status is still unsolved."""
    return status in CLOCKS["solve"]


def episodes_of(states):
    """Return how each stretch from open to done ended."""
    statuses = [status for _, status, _ in states]
    ends = [after for before, after in pairwise(statuses) if is_open(before) and not is_open(after)]
    outcomes = ["resolved" if end in DONE else "gone" for end in ends]
    return outcomes + (["open"] if is_open(statuses[-1]) else [])


def days_unsolved(states, market):
    """Yield each local day at whose end the ticket was unsolved, if the day was over everywhere by the last read."""
    zone = ZoneInfo(ZONES[market])
    day = moment(states[0][0]).astimezone(zone).date()
    while day < min(moment(READS[-1][0]).astimezone(ZoneInfo(name)).date() for name in ZONES.values()):
        ended = datetime.combine(day + timedelta(days=1), datetime.min.time(), zone)
        # An event at midnight belongs to the day that begins.
        if is_open([status for at, status, _ in states if moment(at) < ended][-1]):
            yield day.isoformat()
        day += timedelta(days=1)


def case_clock_answers(data):
    """Return clocks and hand-overs by market, how episodes ended, and the backlog by market and local day."""
    sums, outcomes, backlog = {market: Counter() for market in ZONES}, Counter(), Counter()
    for ticket in read(data / "zendesk_tickets.jsonl"):
        states = states_of(ticket)
        if not states:
            continue
        tags = next(event["value"] for event in ticket["audits"][0]["events"] if event.get("field_name") == "tags")
        market = next(tag for tag in tags if tag.startswith("market_"))[7:]
        add_clocks(states, sums[market])
        holders = [agent for _, _, agent in states if agent]
        sums[market]["handoffs"] += sum(before != after for before, after in pairwise(holders))
        outcomes.update(episodes_of(states))
        backlog.update(f"{market} {day}" for day in days_unsolved(states, market))
    # For cases of other desks, only the counts over all cases.
    for market, states in desk_states(data):
        outcomes.update(episodes_of(states))
        backlog.update(f"{market} {day}" for day in days_unsolved(states, market))
    return {
        "seconds_by_market": {market: dict(sorted(found.items())) for market, found in sums.items()},
        "episodes": dict(sorted(outcomes.items())),
        "backlog": dict(sorted(backlog.items())),
    }
