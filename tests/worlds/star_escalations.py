"""Tickets of the small company's week that are escalated, paused, put on hold or merged, by day and by night."""

from datetime import datetime, timedelta
from random import Random
from typing import Any

from social_crm.sources.model import Record

Brought = list[tuple[int, str, Record]]
STATUSES = ("open", "pending", "open", "hold", "pending", "solved", "open", "solved")
PRIORITIES = ("low", "normal", "high", "urgent")


def escalations_of(seed: int, day: int, first_day: datetime) -> Brought:
    """Return (day, raw table, record) of three tickets opened on a day; ids are beyond those of other tickets."""
    random = Random(f"{seed} {day}")
    brought: Brought = []
    for number in range(3):
        ticket_id = 10_000 + 10 * day + number
        opened = first_day + timedelta(days=day, seconds=random.randrange(60_000))
        brought += _Ticket(random, ticket_id, opened, day).live()
    return brought


class _Ticket:
    """One ticket, written update by update."""

    def __init__(self, random: Random, ticket_id: int, opened: datetime, day: int) -> None:
        self._random = random
        self._id = ticket_id
        self._opened = opened
        self._day = day
        self._brought: Brought = []
        self._channel = random.choice(["email", "chat", "voice", "web"])
        self._tags = random.choice([["market_us"], ["market_in"], ["market_sg"], []])
        self._steps = 0

    def live(self) -> Brought:
        """Open the ticket, change it at random and maybe merge it; return what its loads contain."""
        random = self._random
        before, priority = "new", random.choice([None, "normal", "normal", "high"])
        at = self._opened
        self._update(0, 20, at, "new", [("status", None, "new")] + ([("priority", None, priority)] if priority else []))
        for status in STATUSES:
            if random.random() < 0.12:
                break
            later = self._random.choice([0, 0, 0, 1])
            at += timedelta(days=later, seconds=random.randrange(60, 20_000))
            if at >= self._opened + timedelta(days=3):
                break
            changes: list[tuple[str, Any, Any]] = [("status", before, status)] if random.random() < 0.8 else []
            before = status if changes else before
            if random.random() < 0.3:
                raised = random.choice(PRIORITIES)
                changes.append(("priority", priority, raised))
                priority = raised
            self._update((at - self._opened).days, random.choice([20, 10, 10, -1]), at, before, changes)
        if random.random() < 0.15:
            self._update(3, 10, at + timedelta(hours=1), "closed", [("tags", [], ["closed_by_merge"])])
        return self._brought

    def _update(self, later: int, author: int, at: datetime, status: str, changes: list[tuple[str, Any, Any]]) -> None:
        day, stamp = min(self._day + later, 6), f"{at:%Y-%m-%dT%H:%M:%S}Z"
        self._steps += 1
        # Shortly before another ticket's ids can begin.
        record_id = 9_000_000 + self._id * 100 + self._steps
        events = [
            {"type": "Change", "field_name": field, "previous_value": old, "value": new} for field, old, new in changes
        ]
        about = {"ticket_id": self._id, "author_id": author, "via": {"channel": "web"}, "created_at": stamp}
        if events:
            self._brought.append((day, "zendesk.audits", {"id": record_id, "events": events} | about))
        if self._random.random() < 0.8:
            said = {
                "id": record_id,
                "public": self._random.random() < 0.85,
                "html_body": f"<p>comment {self._steps}</p>",
            }
            self._brought.append((day, "zendesk.comments", said | about))
        ticket: Record = {
            "id": self._id, "brand_id": 360001, "tags": self._tags, "via": {"channel": self._channel},
            "status": status, "requester_id": 20, "created_at": f"{self._opened:%Y-%m-%dT%H:%M:%S}Z",
            "updated_at": stamp, "generated_timestamp": int(at.timestamp()),
        }  # fmt: skip
        self._brought.append((day, "zendesk.tickets", ticket))
