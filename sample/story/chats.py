"""One conversation of a messenger as a list of parts: messages and actions."""

from datetime import datetime
from typing import Any

from story.people import Agent, Person
from story.timeline import END, stamp

_FIRST = 215470000001


class Chat:
    """One conversation being written; its first part opens it."""

    def __init__(self, number: int, person: Person, channel: str = "conversation") -> None:
        """Start empty; every second known customer is signed in with their reference."""
        self.number, self._person, self._state = _FIRST + number, person, "open"
        self.contact = {
            "id": f"6762f1261bb6{person.number:012d}",
            "name": person.name,
            "email": person.email,
            "external_id": person.external_ref if person.in_crm and person.number % 2 else None,
        }
        self._channel, self.parts = channel, list[dict[str, Any]]()

    def part(self, at: datetime, kind: str, by: dict[str, Any], text: str | None = None, **more: Any) -> None:
        """Add a part with the state after it."""
        after = {"close": "closed", "snoozed": "snoozed", "timer_unsnooze": "open"}
        self._state = after.get(kind, "open" if by is self.contact else self._state)
        number = f"{self.number}{len(self.parts):02d}" if self.parts else "source"
        part = {"id": number, "at": stamp(at), "kind": kind, "by": by["id"], "name": by["name"], "state": self._state}
        self.parts.append(part | ({"text": text} if text else {}) | more)

    def asks(self, at: datetime, text: str, **more: Any) -> None:
        """Let the customer write."""
        self.part(at, "comment" if self.parts else "source", self.contact, text, **more)

    def bot(self, at: datetime, text: str | None, kind: str = "comment", **more: Any) -> None:
        """Let the assistant write or act."""
        self.part(at, kind, {"id": "bot", "name": "Acme Assistant"}, text, **more)

    def staff(self, at: datetime, agent: Agent, text: str | None = None, kind: str = "comment", **more: Any) -> None:
        """Let a member of staff write or act."""
        self.part(at, kind, {"id": admin_id(agent), "name": agent.name}, text, **more)

    def record(self, **more: Any) -> dict[str, Any]:
        """Return the conversation up to the end of the days."""
        parts = [part for part in self.parts if part["at"] < stamp(END)]
        return {"id": str(self.number), "channel": self._channel, "contact": self.contact, "parts": parts, **more}


def admin_id(agent: Agent) -> str:
    """Return somebody's id in the messenger."""
    return str(7_000_000 + agent.number)
