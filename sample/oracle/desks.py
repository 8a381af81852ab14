"""Cases of help desks other than Zendesk, and mail threads: the messages and states of each."""

import hashlib
from collections import defaultdict

from oracle.reading import read, read_of, seconds

# States of a desk, in the warehouse's terms.
STATES = {
    "new": "new", "open": "open", "snoozed": "pending", "stalled": "pending", "closed": "solved", "resolved": "solved",
}  # fmt: skip
OUR_ADDRESS = "help.sg@acmebank.example"
PRIORITIES = {"0": "low", "50": "normal", "100": "high"}


def intercom_cases(data):
    """Yield every conversation that a step read, as a case; conversations deleted by then are not read."""
    for line in read(data / "intercom.jsonl"):
        contact, parts = line["contact"], line["parts"]
        if line.get("gone_at", "9") <= read_of(parts[0]["at"]):
            continue
        said = [part for part in parts if "text" in part]
        holder, states = None, []
        for part in parts:
            holder = part.get("assignee", holder)
            states.append((part["at"], STATES[part["state"]], holder))
        yield {
            "id": line["id"], "source": "intercom", "channel": line["channel"], "market": "in", "states": states,
            "keys": {"id": contact["id"], "external_ref": contact["external_id"], "email": contact["email"]},
            "said": [
                (part["at"], f"{line['id']}/{part['id']}", _speaker(part, contact), part["by"]) for part in said
            ],
        }  # fmt: skip


def _speaker(part, contact):
    """Return who speaks; an assistant is no member of staff, under any name, and a note is internal."""
    if part["by"] == contact["id"]:
        return "customer"
    if part["by"] == "bot" or part.get("is_assistant"):
        return "bot"
    return "note" if part["kind"] == "note" else "agent"


def request_tracker_cases(data):
    """Yield every ticket as a case: its history is read whatever happens to the ticket."""
    for line in read(data / "request_tracker.jsonl"):
        steps, owners = line["steps"], [None]
        states, priorities, fate = [(steps[0]["at"], "new", None)], [], None
        for step in steps:
            if (step["kind"] == "AddLink" and step["new"] != line["id"]) or step.get("new") == "deleted":
                fate = "merged" if step["kind"] == "AddLink" else "deleted"
                states.append((step["at"], None, owners[-1]))
            elif step.get("field") == "Owner":
                owners.append(step["new"])
                states.append((step["at"], states[-1][1], step["new"]))
            elif step.get("field") == "Status":
                states.append((step["at"], STATES[step["new"]], owners[-1]))
            elif step.get("field") == "Priority":
                priorities.append((step["at"], PRIORITIES[step["old"]], PRIORITIES[step["new"]]))
        if not priorities and fate != "merged":
            # Its last value was also its first; for a merged ticket that is unknown.
            priorities.append((steps[0]["at"], None, "low"))
        yield {
            "id": line["id"], "source": "request_tracker", "channel": steps[0]["interface"].lower(), "market": "us",
            "states": states, "priorities": priorities, "gone": fate,
            "keys": {"id": steps[0]["by"], "email": steps[0]["email"]},
            "said": [(step["at"], step["id"], _writer(step), str(step["by"])) for step in steps if "text" in step],
        }  # fmt: skip


def _writer(step):
    """Return who writes; comments are internal."""
    if step["kind"] == "Comment":
        return "note"
    return "agent" if step.get("is_staff") else "customer"


def mail_cases(data):
    """Yield every mail thread as a case without states."""
    exchanges = defaultdict(list)
    for mail in read(data / "mail.jsonl"):
        exchanges[_mail_id(mail["root"].strip("<>")) if mail["root"] else _mail_id(_content_key(mail))].append(mail)
    for identifier, mails in exchanges.items():
        customer = next(mail["by"] for mail in mails if mail["by"] != OUR_ADDRESS)
        yield {
            "id": identifier, "source": "mail", "channel": "email", "market": "sg", "states": [],
            "keys": {"id": customer, "email": customer},
            "said": [(mail["at"], _content_key(mail), _sender(mail), mail["by"]) for mail in mails],
        }  # fmt: skip


def _mail_id(text):
    return hashlib.md5(text.encode()).hexdigest()


def _content_key(mail):
    """Return the hash of the content: four headers as sent, and the text to its last line."""
    head, _, body = mail["raw"].replace("\r\n", "\n").partition("\n\n")
    headers = dict(line.split(": ", 1) for line in head.split("\n"))
    written = "\0".join(headers.get(name, "") for name in ("Message-ID", "From", "Date", "Subject"))
    return hashlib.sha256(f"{written}\0{body.rstrip()}".encode()).hexdigest()[:32]


def _sender(mail):
    """Return who sends; a mail that is marked as automatic is a bot's."""
    if mail["by"] == OUR_ADDRESS:
        return "agent"
    return "system" if mail["is_automatic"] else "customer"


CASES = {"intercom": intercom_cases, "request_tracker": request_tracker_cases, "mail": mail_cases}


def desk_answers(source):
    """Return a function that computes interactions and conversations of a help desk."""

    def answers(data):
        interactions, conversations = [], {}
        for case in CASES[source](data):
            for _, _, speaker, _ in case["said"]:
                direction = "inbound" if speaker in ("customer", "system") else "outbound"
                interactions.append((source, f"{source}/{case['channel']}", case["market"], direction))
            asked = next((at for at, _, speaker, _ in case["said"] if speaker == "customer"), None)
            replies = [at for at, _, speaker, _ in case["said"] if speaker == "agent" and asked and at > asked]
            wait = seconds(asked, replies[0]) if replies else None
            row = (source, "traditional", case["market"], case["channel"], wait, asked)
            conversations[f"{source}:{case['id']}"] = row
        return interactions, conversations, {}

    return answers


def desk_authors(source):
    """Return a function that yields the keys of each customer who wrote to a help desk, once each."""

    def authors(data):
        found = {}
        for case in CASES[source](data):
            if any(speaker == "customer" for _, _, speaker, _ in case["said"]):
                found[case["keys"]["id"]] = case["keys"]
        yield from found.values()

    return authors


def desk_states(data):
    """Yield (market, states) of every case, as those of tickets are."""
    for cases in CASES.values():
        for case in cases(data):
            if case["states"]:
                yield case["market"], case["states"]
