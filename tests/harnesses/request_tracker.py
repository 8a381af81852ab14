"""Request Tracker over a small server: a history that is asked for in TicketSQL, three steps to a page.

Its answers have the fields of a real one (tests/integration/test_request_tracker_site.py holds it to them).
"""

import sqlite3
from base64 import b64encode
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

import acceptance
from acceptance import Entry
from servers.fake_api import Answer, Asked
from servers.fake_sources import HASTE, SECRET, START
from social_crm.sources import request_tracker_reading
from social_crm.sources.model import Connection
from social_crm.sources.request_tracker import REQUEST_TRACKER

PAGE = 3
ZONE = timedelta(hours=2)  # of the login, ahead of UTC
HOST = "http://support.acme.example/REST/2.0"  # as configured, whatever host was asked
RT_SYSTEM, NOBODY, STAFF, CUSTOMER = 1, 6, 27, 29
NAMES = {RT_SYSTEM: "RT_System", NOBODY: "Nobody", STAFF: "agent", CUSTOMER: "jo@customer.example"}


def named(kind: str, number: Any, **more: Any) -> dict[str, Any]:
    """Return how an answer refers to a thing."""
    return {"type": kind, "id": str(number), "_url": f"{HOST}/{kind}/{number}", **more}


def step(number: int, ticket_id: int, at: datetime, kind: str = "Create", **more: Any) -> dict[str, Any]:
    """Return a transaction as a search gives it with the fields that the connector asks for."""
    creator = more.pop("creator", CUSTOMER)
    who = {"Name": NAMES[creator], "EmailAddress": f"{creator}@customer.example", "RealName": "Jo"}
    return {
        **named("transaction", number), "Type": kind, "Field": "", "OldValue": "", "NewValue": "",
        "Created": f"{at:%FT%TZ}", "ObjectId": str(ticket_id),
        "Creator": {**named("user", NAMES[creator]), "id": creator, **who}, **more,
    }  # fmt: skip


def ticket(number: int, at: datetime, **more: Any) -> dict[str, Any]:
    """Return a ticket as the API gives it when asked for it alone."""
    return {
        "id": number, "Subject": "words", "Status": "open", "Priority": "0", "Type": "ticket",
        "Created": f"{at:%FT%TZ}", "LastUpdated": f"{at:%FT%TZ}", "Queue": named("queue", 1),
        "Owner": named("user", "Nobody"), "Cc": [], "AdminCc": [], "EffectiveId": named("ticket", number),
        "Creator": named("user", NAMES[CUSTOMER]), "Requestor": [named("user", NAMES[CUSTOMER])], "CustomFields": [],
        "_hyperlinks": [{**named("ticket", number), "ref": "self"}], **more,
    }  # fmt: skip


def part(number: int, transaction: int, content: str = "words", **more: Any) -> dict[str, Any]:
    """Return a part of a message."""
    return {
        **named("attachment", number), "TransactionId": str(transaction), "ContentType": "text/plain", "Filename": "",
        "Headers": "MIME-Version: 1.0\nX-RT-Interface: Email\nContent-Length: 5", "Content": content, **more,
    }  # fmt: skip


@dataclass
class FakeRequestTracker:
    """A server whose TicketSQL is SQL."""

    history: list[dict[str, Any]] = field(default_factory=list)
    tickets: list[dict[str, Any]] = field(default_factory=list)
    parts: list[dict[str, Any]] = field(default_factory=list)
    hidden: set[str] = field(default_factory=set)  # transactions that are left out of a page after it was counted
    is_privileged: bool = True
    is_superuser: bool = False

    def __call__(self, asked: Asked) -> Answer:
        pair, token = b64encode(f"bot:{SECRET}".encode()).decode(), f"token {SECRET}"
        if asked.headers.get("authorization") not in (f"Basic {pair}", token):
            return Answer({"message": "Unauthorized"}, 401)
        kind, _, name = asked.path.removeprefix("/REST/2.0/").partition("/")
        if kind == "transactions":
            return self._page(asked, self._found(asked.params["query"]))
        if kind == "attachments":
            return self._page(asked, [one for one in self.parts if _meets(one, asked.body)])
        return self._one(kind, name.replace("%40", "@"))

    def _one(self, kind: str, name: str) -> Answer:
        if kind == "user":
            if not self.is_privileged:
                return Answer({"message": "Forbidden"}, 403)
            numbers = [number for number, known in NAMES.items() if name in (known, str(number))]
            links = [{**named("user", number), "id": number, "ref": "self"} for number in numbers]
            if links:
                return Answer({"Privileged": int(numbers[0] == STAFF), "EmailAddress": "", "_hyperlinks": links})
        if kind == "queue":
            return Answer({"id": int(name), "Name": "General"})
        for one in self.tickets:
            if kind == "ticket" and name in (str(one["id"]), *one.get("merged", ())):
                return Answer(one)
        return Answer({"message": "Not Found"}, 404)

    def _found(self, query: str) -> list[dict[str, Any]]:
        """Search as RT does: by times of the login's zone, and without regard to what may be seen."""
        columns = ("id", "Type", "Field", "Created", "ObjectType", "TicketType")
        database = sqlite3.connect(":memory:")
        database.execute(f"create table history ({', '.join(columns)}, place)")
        for place, one in enumerate(self.history):
            local = f"{datetime.fromisoformat(one['Created']) + ZONE:%F %T}"
            row = (int(one["id"]), one["Type"], one["Field"], local, "RT::Ticket", "ticket", place)
            database.execute("insert into history values (?, ?, ?, ?, ?, ?, ?)", row)
        places = database.execute(f"select place from history where {query} order by id")
        found = [self.history[place] for (place,) in places]
        database.close()
        return found

    def _page(self, asked: Asked, found: list[dict[str, Any]]) -> Answer:
        per_page, page = int(asked.params["per_page"]), int(asked.params.get("page", 1))
        counted = found[(page - 1) * per_page : page * per_page]
        shown = [one for one in counted if one["id"] not in self.hidden]
        names = {"id", "type", "_url", *asked.params["fields"].split(",")}
        items = [{name: one[name] for name in one if name in names} for one in shown]
        # Of how much there is, only superusers are told.
        total, pages = (len(found), -(-len(found) // per_page)) if self.is_superuser else (None, None)
        return Answer(
            {"items": items, "count": len(items), "per_page": PAGE, "page": page, "pages": pages, "total": total}
        )


def _meets(one: dict[str, Any], bounds: list[dict[str, Any]]) -> bool:
    """As RT: bounds of one field are joined by "or", fields by "and"."""
    by_field: dict[str, bool] = {}
    for bound in bounds:
        is_met = int(one[bound["field"]]) > int(bound["value"]) if bound["operator"] == ">" else str(one[bound["field"]]) == str(bound["value"])  # fmt: skip  # noqa: E501
        by_field[bound["field"]] = by_field.get(bound["field"], False) or is_met
    return all(by_field.values())


class Harness(acceptance.Harness):
    """Tickets with one step each; an edit and a deletion are further steps."""

    source, resource = REQUEST_TRACKER, REQUEST_TRACKER.resource("tickets")

    def __init__(self, *args: Any) -> None:
        super().__init__(*args)
        self.patch.setitem(request_tracker_reading.IN_ORDER, "per_page", PAGE)
        self.api.respond = lambda asked: FakeRequestTracker(self._history(), list(map(self._ticket, self.entries)))(
            asked
        )

    def _history(self) -> list[dict[str, Any]]:
        steps = [step(number, one.number, one.at) for number, one in enumerate(self.entries, 1)]
        moved = [(one, one.edited_at) for one in self.entries if one.edited_at]
        return steps + [step(900 + one.number, one.number, at, "Status", Field="Status") for one, at in moved]

    def _ticket(self, entry: Entry) -> dict[str, Any]:
        moved = entry.edited_at or entry.at
        status = "deleted" if entry.is_deleted else "open"
        return ticket(entry.number, entry.at, LastUpdated=f"{moved:%FT%TZ}", Subject=entry.text, Status=status)

    @property
    def connection(self) -> Connection:
        return Connection(self.api.url, "bot", SECRET, HASTE)

    def key(self, entry: Entry) -> str:
        return str(entry.number)

    def refusals(self) -> Iterator[tuple[str, Connection]]:
        yield "holds no secret", replace(self.connection, secret="")
        yield "wrong or revoked", replace(self.connection, secret=f"{SECRET}-not")
        yield "wrong or revoked", replace(self.connection, login="", secret=f"{SECRET}-not")
        self.api.respond = FakeRequestTracker(is_privileged=False)
        yield "may not read this", self.connection
        self.api.respond = lambda asked: Answer({"message": "Not Found"}, 404)
        yield "is the URL that of a Request Tracker", self.connection
        self.api.respond = lambda asked: Answer("<title>Login</title>", kind="text/html")
        yield "titled 'Login'", self.connection

    def ignore_filter(self) -> bool:
        server = FakeRequestTracker([step(1, 1, START - timedelta(days=30))], [ticket(1, START)])
        self.patch.setattr(server, "_found", lambda query: server.history)
        self.api.respond = server
        return True
