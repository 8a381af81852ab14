"""How a page of history becomes records: its steps, their messages, and the tickets that they belong to."""

import re
from collections import defaultdict
from collections.abc import Iterator
from typing import Any

import orjson

from social_crm.errors import ContractBroken
from social_crm.sources.model import Page, Record, Rejected
from social_crm.sources.request_tracker_reading import IN_ORDER, ROOT, Directory
from social_crm.sources.strict_json import DOUBLED
from social_crm.sources.web.rest import Api

# Stored fields of a ticket: neither its text nor its people, which the messages have.
KEPT = ("Status", "Priority", "Created", "LastUpdated")
PARTS = "TransactionId,ContentType,Filename,Headers"
_INTERFACE = re.compile(r"^X-RT-Interface: *(\S+)", re.MULTILINE)


def steps(directory: Directory, records: list[Record]) -> Page:
    """Return the steps, each with the number of RT's user `Nobody`, who owns unassigned tickets."""
    nobody = str(directory.user("Nobody")["id"])
    return Page([{**record, "Nobody": nobody} for record in records])


def _with_actor(directory: Directory, record: Record) -> Record:
    creator = record["Creator"]
    return {**record, "Creator": {**creator, "Privileged": directory.user(str(creator["id"])).get("Privileged")}}


def messages(directory: Directory, records: list[Record]) -> Page:
    """Return the messages, each with its text and the number of its files, which are not requested."""
    parts = defaultdict[str, list[Record]](list)
    for part in _parts_of(directory.api, [record["id"] for record in records]):
        parts[part["TransactionId"]].append(part)
    bodies = {number: body for number, found in parts.items() if (body := _body_among(found))}
    words = _words_of(directory.api, [body["id"] for body in bodies.values()])
    # A ticket created without text has no parts and no message.
    said = [record for record in records if parts[record["id"]]]
    return Page(
        [
            {
                **_with_actor(directory, record),
                "ContentType": bodies[record["id"]]["ContentType"] if record["id"] in bodies else None,
                "Content": words[bodies[record["id"]]["id"]] if record["id"] in bodies else None,
                "Interface": next(iter(_INTERFACE.findall(parts[record["id"]][0]["Headers"])), None),
                "file_count": sum(1 for part in parts[record["id"]] if part["Filename"]),
            }
            for record in said
        ]
    )


def _body_among(parts: list[Record]) -> Record | None:
    """Return the part that RT itself would show: the first plain text, else the first HTML, that is not a file."""
    texts = [part for part in parts if part["ContentType"] in ("text/plain", "text/html") and not part["Filename"]]
    return min(texts, key=lambda part: part["ContentType"] != "text/plain", default=None)


def _parts_of(api: Api, transactions: list[str]) -> Iterator[Record]:
    """Yield the parts of some transactions in order of id; one mail may have more than a page of them."""
    reached, wanted = 0, [{"field": "TransactionId", "operator": "=", "value": number} for number in transactions]
    while wanted:
        # `Parent`, which would distinguish a mail from its parts, gives a 500.
        found = _ask(api, [*wanted, {"field": "id", "operator": ">", "value": reached}], PARTS)
        if not found:
            return
        if int(found[-1]["id"]) <= reached:
            raise ContractBroken(f"{api.context}: attachments do not go on after id {reached}; nothing would end")
        yield from found
        reached = int(found[-1]["id"])


def _words_of(api: Api, parts: list[str]) -> dict[str, str]:
    # No bound on the id here: RT combines conditions on one field with "or".
    found = _ask(api, [{"field": "id", "operator": "=", "value": number} for number in parts], "Content")
    return {part["id"]: part["Content"] for part in found}


def _ask(api: Api, query: Any, fields: str) -> list[Record]:
    """Search attachments by a list of bounds; without bounds nothing is searched."""
    if not query:
        return []
    answer = api.client.post(f"{ROOT}/attachments", json=query, params={"fields": fields, **IN_ORDER})
    items = api.list_in(answer.json(), "items")
    api.require_fields(items, fields.split(","))
    return items


def tickets(directory: Directory, records: list[Record]) -> Page:
    """Return the tickets of these steps as they are now, including deleted and merged ones."""
    found, gone = [], []
    numbers = {int(record["ObjectId"]) for record in records} - directory.read_tickets
    directory.read_tickets |= numbers
    for number in sorted(numbers):
        ticket = directory.api.fetch_or_none(f"{ROOT}/ticket/{number}")
        if ticket is None:
            content = orjson.dumps({"id": number}).decode()
            gone.append(Rejected("ticket_gone", "removed for good since", content, f"ticket {number}"))
            continue
        directory.api.require_fields([ticket], (*KEPT, "Queue", "Owner", "_hyperlinks"))
        links = directory.api.list_in(ticket, "_hyperlinks")
        queue, owner = ticket["Queue"]["id"], ticket["Owner"]["id"]
        found.append(
            {
                **{name: ticket[name] for name in (*KEPT, DOUBLED) if name in ticket},
                "id": number,
                "merged_into": ticket["id"] if ticket["id"] != number else None,
                "Queue": {"id": queue, "Name": directory.queue(queue).get("Name")},
                # The history gives owners by number.
                "Owner": {"id": owner, "number": directory.user(owner)["id"]},
                "_hyperlinks": [link for link in links if link.get("ref") == "refers-to"],
            }
        )
    return Page(found, gone)
