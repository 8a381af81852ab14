"""One ticket of Request Tracker as the steps of its history."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from story.people import Agent, Person
from story.timeline import END, stamp

QUEUE, NOBODY, RT_SYSTEM = "Merchants", 6, {"by": 1, "name": "RT_System"}
_FIRST_STEP = 2001


def staff(agent: Agent) -> dict[str, Any]:
    """Return a member of staff as the creator of a step."""
    email = f"{agent.name.replace(' ', '.').lower()}@acmebank.example"
    return {"by": agent.number, "name": agent.name, "email": email, "is_staff": True}


class DeskTicket:
    """A ticket being written; the story stores `steps`."""

    def __init__(self, number: int, person: Person, interface: str = "Email") -> None:
        """Start empty."""
        self.number, self.steps = number, list[dict[str, Any]]()
        self._interface, self._values = interface, {"Status": "new", "Owner": NOBODY, "Priority": 0}
        self._customer = {"by": 1000 + person.number, "name": person.name, "email": person.email}

    def customer_writes(self, at: datetime, text: str) -> None:
        """Let the customer open the ticket or write again, which reopens a stalled or resolved one."""
        self._says(at, self._customer, text, "Correspond" if self.steps else "Create", self._interface)
        if self._values["Status"] in ("resolved", "stalled"):
            self._set(at, RT_SYSTEM, "Status", "open")

    def staff_writes(self, at: datetime, agent: Agent, text: str, status: str = "open") -> None:
        """Let a member of staff answer, which opens a new ticket; they set any further status themselves."""
        self._says(at, staff(agent), text, "Correspond", "Web")
        if self._values["Status"] == "new":
            self._set(at, RT_SYSTEM, "Status", "open")
        self.change(at, agent, "Status", status)

    def comment(self, at: datetime, agent: Agent, text: str) -> None:
        """Let a member of staff write an internal note."""
        self._says(at, staff(agent), text, "Comment", "Web")

    def change(self, at: datetime, agent: Agent, field: str, new: Any) -> None:
        """Set a field if its value changes."""
        if self._values[field] != new:
            self._set(at, staff(agent), field, new)

    def merge(self, at: datetime, agent: Agent, into: "DeskTicket") -> None:
        """Merge the ticket into another; both record it."""
        for ticket in (self, into):
            ticket._step(at, "AddLink", staff(agent), field="MergedInto", old=None, new=str(into.number))

    def _says(self, at: datetime, who: dict[str, Any], text: str, kind: str, interface: str) -> None:
        self._step(at, kind, who, text=text, interface=interface)

    def _set(self, at: datetime, who: dict[str, Any], field: str, new: Any) -> None:
        kind = "Status" if field == "Status" else "Set"
        self._step(at, kind, who, field=field, old=str(self._values[field]), new=str(new))
        self._values[field] = new

    def _step(self, at: datetime, kind: str, who: dict[str, Any], **more: Any) -> None:
        if at < END:
            self.steps.append({"at": stamp(at), "kind": kind, **who, **more})


def records(tickets: Iterable[DeskTicket]) -> list[dict[str, Any]]:
    """Return the tickets, oldest first; ids of steps grow with time over all of them."""
    found = sorted(tickets, key=lambda ticket: ticket.steps[0]["at"])
    steps = sorted((step for ticket in found for step in ticket.steps), key=lambda step: step["at"])
    for number, step in enumerate(steps, _FIRST_STEP):
        step["id"] = str(number)
    return [{"id": str(ticket.number), "queue": QUEUE, "steps": ticket.steps} for ticket in found]
