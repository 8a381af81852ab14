"""One Zendesk ticket as a list of audits; every change and comment of its life is an event in one of them."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from story.people import BOT_ID, Agent, Person
from story.timeline import stamp

SYSTEM_ID = -1
BRAND_IDS = {"acme_bank": 360001, "acme_pay": 360002}
GROUP_IDS = {
    name: 37000000001 + number
    for number, name in enumerate(
        ["support_us", "support_in", "support_sg", "social_us", "social_in", "social_sg", "cards"]
    )
}


def requester_id(person: Person) -> int:
    """Return the Zendesk user id of a customer."""
    return 38000000000 + person.number


@dataclass
class Ticket:
    """A ticket being written; the story stores `audits`."""

    number: int
    channel: str
    market: str
    brand: str
    person: Person
    subject: str
    opened_at: datetime
    product: str = "accounts"
    audits: list[dict[str, Any]] = field(default_factory=list)
    values: dict[str, Any] = field(default_factory=dict)

    def _audit(self, at: datetime, by: int, events: list[dict[str, Any]], via: dict[str, Any]) -> None:
        identifier = (self.number * 100 + len(self.audits)) * 1000 + 7_000_000_000_000
        for number, event in enumerate(events, 1):
            event["id"] = identifier + number
        self.audits.append({"id": identifier, "at": stamp(at), "by": by, "via": via, "events": events})

    def _changes(self, kind: str = "Change", **wanted: Any) -> list[dict[str, Any]]:
        """Return the events that set fields to new values, without unchanged ones."""
        events = []
        for name, value in wanted.items():
            if self.values.get(name) == value:
                continue
            event = {"type": kind, "field_name": name, "value": value}
            if kind == "Change":
                event["previous_value"] = self.values.get(name)
            self.values[name] = value
            events.append(event)
        return events

    def _comment(self, by: int, body: str, public: bool = True) -> dict[str, Any]:
        kind = "VoiceComment" if self.channel == "voice" and not self.audits else "Comment"
        return {"type": kind, "author_id": by, "body": body, "public": public}

    def _create(self, by: int, body: str, channel: str, **more: Any) -> None:
        group = GROUP_IDS[f"support_{self.market}"]
        events = [self._comment(by, body)]
        events += self._changes(
            "Create",
            subject=self.subject,
            requester_id=requester_id(self.person),
            brand_id=BRAND_IDS[self.brand],
            tags=[f"market_{self.market}", f"product_{self.product}"],
            priority="normal",
            group_id=group,
            **{"status": "new", **more},
        )
        self._audit(self.opened_at, by, events, {"channel": channel})

    def open_by_customer(self, body: str) -> None:
        """Begin the ticket with the customer's message."""
        self._create(requester_id(self.person), body, self.channel)

    def open_by_agent(self, agent: Agent, body: str) -> None:
        """Begin the ticket with a public message by an agent."""
        more = {"assignee_id": agent.zendesk_id, "status": "pending"}
        self._create(agent.zendesk_id, body, self.channel, **more)

    def customer_writes(self, at: datetime, body: str, status: str | None = None) -> None:
        """Add a customer's message, which opens a pending ticket."""
        by = requester_id(self.person)
        status = status or ("open" if self.values["status"] == "pending" else self.values["status"])
        events = [self._comment(by, body), *self._changes(status=status)]
        self._audit(at, by, events, {"channel": self.channel})

    def agent_writes(self, at: datetime, agent: Agent, body: str, status: str = "pending") -> None:
        """Add an agent's public message, taking the ticket if nobody has it."""
        taken = {} if self.values.get("assignee_id") else {"assignee_id": agent.zendesk_id}
        channel = "chat" if self.channel == "chat" else "web"
        events = [self._comment(agent.zendesk_id, body), *self._changes(**taken, status=status)]
        self._audit(at, agent.zendesk_id, events, {"channel": channel})

    def taken(self, at: datetime, agent: Agent) -> None:
        """Let an agent take the ticket, which opens a new one."""
        status = "open" if self.values["status"] == "new" else self.values["status"]
        self.change(at, agent.zendesk_id, assignee_id=agent.zendesk_id, status=status)

    def note(self, at: datetime, agent: Agent, body: str, **changes: Any) -> None:
        """Add an internal note that the customer never sees, with any field changes."""
        events = [self._comment(agent.zendesk_id, body, public=False), *self._changes(**changes)]
        self._audit(at, agent.zendesk_id, events, {"channel": "web"})

    def bot_writes(self, at: datetime, body: str) -> None:
        """Add the assistant's public message."""
        self._audit(at, BOT_ID, [self._comment(BOT_ID, body)], {"channel": "answer_bot_for_web_widget"})

    def change(self, at: datetime, by: int, **changes: Any) -> None:
        """Change fields without a comment; nothing is written if nothing changes."""
        if events := self._changes(**changes):
            self._audit(at, by, events, {"channel": "web"})

    def rule(self, at: datetime, title: str, relation: str, **changes: Any) -> None:
        """Let a trigger, automation or SLA policy change fields: the author is the system."""
        source = {"from": {"id": 39000 + len(title), "title": title, "deleted": False}, "rel": relation}
        if events := self._changes(**changes):
            events.append({"type": "Notification", "subject": "[{{ticket.account}}]", "body": title, "recipients": []})
            self._audit(at, SYSTEM_ID, events, {"channel": "rule", "source": source})

    def merge_into(self, other: "Ticket", at: datetime, agent: Agent) -> None:
        """Close this ticket into another; both get an internal note, as Zendesk writes it."""
        merge = {"channel": "web", "source": {"from": {"ticket_ids": [self.number]}, "to": {}, "rel": "merge"}}
        words = f'Request #{self.number} "{self.subject}" was closed and merged into this request.'
        other._audit(at, agent.zendesk_id, [other._comment(agent.zendesk_id, words, public=False)], merge)
        words = f'This request was closed and merged into request #{other.number} "{other.subject}".'
        tags = [*self.values["tags"], "closed_by_merge"]
        events = [self._comment(agent.zendesk_id, words, public=False), *self._changes(status="closed", tags=tags)]
        target = {"channel": "web", "source": {"from": {"ticket_id": other.number}, "to": {}, "rel": "merge"}}
        self._audit(at, agent.zendesk_id, events, target)

    def delete(self, at: datetime, agent: Agent) -> None:
        """Delete the ticket: the export shows status `deleted`, its comments and audits answer 404."""
        self._audit(at, agent.zendesk_id, self._changes(status="deleted"), {"channel": "web"})

    @property
    def last_at(self) -> datetime:
        """Return the time of the newest audit."""
        return datetime.fromisoformat(self.audits[-1]["at"])

    def record(self, end: datetime) -> dict[str, Any]:
        """Return the ticket as the story stores it, without anything after `end`."""
        audits = [audit for audit in self.audits if datetime.fromisoformat(audit["at"]) < end]
        record: dict[str, Any] = {"id": self.number, "channel": self.channel, "audits": audits}
        # Some tickets are touched by the system an hour later: only generated_timestamp moves.
        if self.number % 9 == 0 and audits:
            touched = datetime.fromisoformat(audits[-1]["at"]) + timedelta(hours=1)
            record["touched_at"] = stamp(min(touched, end - timedelta(minutes=5)))
        return record
