"""Request Tracker 5 as far as the warehouse reads it: history in order of id, with its people and objects."""

import sqlite3
from contextlib import closing
from typing import Any

import orjson

from social_crm.local.sample_api.company import Clock, Company, Record
from social_crm.local.sample_api.messages import Answer, Call, answer_json

USER = "warehouse"
LARGEST_PAGE = 25  # of history, whatever size is requested, so that a small story has more than one page
_ROOT = "/request_tracker/REST/2.0/"
ATTACHMENTS = f"{_ROOT}attachments"
_HOST = f"http://support.acmebank.example{_ROOT.removeprefix('/request_tracker')}"  # as configured, whoever asks
_NAMES = {1: "RT_System", 6: "Nobody"}
_QUEUE = "3"
_COLUMNS = ("id", "Type", "Field", "Created", "ObjectType", "TicketType", "place")


class RequestTrackerApi:
    """Answers like a server to a superuser, below /request_tracker/."""

    def __init__(self, company: Company, clock: Clock, secret: str) -> None:
        """Keep the story, and everybody who acts in it."""
        self._clock, self._secret = clock, secret
        steps = [(line["id"], step) for line in company.desks.get("request_tracker", []) for step in line["steps"]]
        self._steps = sorted(steps, key=lambda pair: int(pair[1]["id"]))
        self._users = {step["by"]: step for _, step in steps}

    def answer(self, call: Call) -> Answer:
        """Answer with a page of history or of the parts of messages, or with one user, queue or ticket."""
        if not call.logs_in(USER, self._secret):
            return answer_json({"message": "Unauthorized"}, 401)
        happened = [(ticket, step) for ticket, step in self._steps if step["at"] <= self._clock.now]
        kind, _, name = call.path.removeprefix(_ROOT).partition("/")
        if kind == "transactions":
            return _page(call, _searched(happened, call.params.get("query", "")), LARGEST_PAGE)
        if call.path == ATTACHMENTS:
            parts = [_part(step) for _, step in happened if "text" in step]
            return _page(call, [part for part in parts if _meets(part, orjson.loads(call.body))], 100)
        read = {"user": self._user, "queue": _queue, "ticket": self._ticket}.get(kind)
        found = read(name) if read else None
        return answer_json(found) if found else answer_json({"message": "Not Found"}, 404)

    def _user(self, name: str) -> Record | None:
        """Return a user, by number or name."""
        known = {number: _name(step) for number, step in self._users.items()} | _NAMES
        for number, called in known.items():
            if name in (str(number), called):
                link = {**_named("user", called), "id": number, "ref": "self"}
                is_staff = self._users.get(number, {}).get("is_staff", False)
                return {"Name": called, "Privileged": int(is_staff), "_hyperlinks": [link]}
        return None

    def _ticket(self, name: str) -> Record | None:
        """Return a ticket in its current state; a merged ticket answers as the ticket that it was merged into."""
        steps = [step for ticket, step in self._steps if ticket == name and step["at"] <= self._clock.now]
        if not steps:
            return None
        values = {step["field"]: step["new"] for step in steps if "field" in step}
        into = values.get("MergedInto", name)
        if into != name:
            return self._ticket(into)
        owner = int(values.get("Owner", 6))
        return {
            "id": int(name), "Status": values.get("Status", "new"), "Priority": values.get("Priority", "0"),
            "Created": steps[0]["at"], "LastUpdated": steps[-1]["at"], "Queue": _named("queue", _QUEUE),
            "Owner": _named("user", _NAMES.get(owner) or _name(self._users[owner])),
            "_hyperlinks": [{**_named("ticket", name), "ref": "self"}],
        }  # fmt: skip


def _searched(steps: list[tuple[str, Record]], query: str) -> list[Record]:
    """Return the steps that match a search; TicketSQL of this kind is SQL, and this login's times are in UTC."""
    with closing(sqlite3.connect(":memory:")) as database:
        database.execute(f"create table history ({', '.join(_COLUMNS)})")
        for place, (_, step) in enumerate(steps):
            at = step["at"].replace("T", " ").removesuffix("Z")
            row = (int(step["id"]), step["kind"], step.get("field", ""), at, "RT::Ticket", "ticket", place)
            database.execute("insert into history values (?, ?, ?, ?, ?, ?, ?)", row)
        places = database.execute(f"select place from history where {query} order by id")  # noqa: S608 -- in memory
        return [_transaction(*steps[place]) for (place,) in places]


def _transaction(ticket: str, step: Record) -> Record:
    who = {"Name": _name(step), "EmailAddress": step.get("email", ""), "RealName": step["name"]}
    new = (
        f"fsck.com-rt://acmebank.example/ticket/{step['new']}" if step.get("field") == "MergedInto" else step.get("new")
    )
    return {
        **_named("transaction", step["id"]), "Type": step["kind"], "Field": step.get("field", ""),
        "OldValue": step.get("old") or "", "NewValue": new or "", "Created": step["at"], "ObjectId": ticket,
        "Creator": {**_named("user", _name(step)), "id": step["by"], **who},
    }  # fmt: skip


def _part(step: Record) -> Record:
    """Return the only part of a message; its number is that of its step, followed by a 9."""
    return {
        **_named("attachment", f"{step['id']}9"), "TransactionId": step["id"], "ContentType": "text/plain",
        "Filename": "", "Headers": f"MIME-Version: 1.0\nX-RT-Interface: {step['interface']}", "Content": step["text"],
    }  # fmt: skip


def _meets(part: Record, bounds: list[dict[str, Any]]) -> bool:
    """Tell whether a part matches a search: bounds of one field are joined by "or", fields by "and"."""
    met: dict[str, bool] = {}
    for bound in bounds:
        value, limit = int(part[bound["field"]]), int(bound["value"])
        met[bound["field"]] = met.get(bound["field"], False) or (
            value > limit if bound["operator"] == ">" else value == limit
        )
    return all(met.values())


def _page(call: Call, found: list[Record], largest: int) -> Answer:
    """Return a page with the requested fields; superusers are told the total."""
    size, number = call.integer("per_page", 20, 1, 100), call.integer("page", 1, 1, 10**6)
    if size is None or number is None:
        return answer_json({"message": "Bad Request"}, 400)
    size = min(size, largest)
    names = {"id", "type", "_url", *call.params.get("fields", "").split(",")}
    shown = found[(number - 1) * size : number * size]
    items = [{name: value for name, value in one.items() if name in names} for one in shown]
    pages = -(-len(found) // size)
    return answer_json({"items": items, "count": len(items), "page": number, "pages": pages, "total": len(found)})


def _queue(name: str) -> Record | None:
    return {"id": int(_QUEUE), "Name": "Merchants"} if name == _QUEUE else None


def _named(kind: str, name: str) -> Record:
    return {"type": kind, "id": name, "_url": f"{_HOST}{kind}/{name}"}


def _name(step: Record) -> str:
    """Return a user's name: for customers, their address."""
    return str(step["name"] if step["by"] == 1 else step["email"])
