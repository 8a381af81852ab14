"""Intercom as far as the warehouse reads it: a search for changed conversations, and each with its parts."""

from html import escape
from typing import Any

import orjson

from social_crm.local.sample_api.company import Clock, Company, Record, epoch
from social_crm.local.sample_api.messages import Answer, Call, answer_json

WORKSPACE = "acmepay1"
LARGEST_PAGE = 5  # whatever size is requested, so that a small story has more than one page
WORDS_TAKEN_OUT = "<p><i>This message was deleted</i></p>"  # what Intercom shows in place of redacted words
_API = "/intercom/"
SEARCH = f"{_API}conversations/search"


class IntercomApi:
    """Answers like a workspace, below /intercom/."""

    def __init__(self, company: Company, clock: Clock, token: str) -> None:
        """Keep the story."""
        self._lines, self._clock, self._token = company.desks.get("intercom", []), clock, token

    def answer(self, call: Call) -> Answer:
        """Answer with the token's owner, with a page of a search, or with one conversation."""
        if not call.bears(self._token):
            return _refused(401, "unauthorized", "Access Token Invalid")
        if call.path == f"{_API}me":
            return answer_json({"type": "admin", "id": "1", "app": {"type": "app", "id_code": WORKSPACE}})
        now = self._clock.now
        begun = [line for line in self._lines if line["parts"][0]["at"] <= now < line.get("gone_at", "9")]
        conversations = {line["id"]: _conversation(line, now) for line in begun}
        if call.path == SEARCH:
            return _search(list(conversations.values()), orjson.loads(call.body))
        number = call.path.removeprefix(f"{_API}conversations/")
        if number not in conversations:
            return _refused(404, "not_found", "Resource Not Found")
        return answer_json(conversations[number])


def _search(conversations: list[Record], asked: dict[str, Any]) -> Answer:
    """Return one page of conversations that match all filters, without their parts."""
    query = asked["query"]
    filters = query["value"] if query["operator"] == "AND" else [query]
    found = [one for one in conversations if all(_meets(one, wanted) for wanted in filters)]
    place = str(asked["pagination"].get("starting_after", 0))
    if not place.isdigit():
        return _refused(400, "parameter_invalid", "starting_after is invalid")
    first = int(place)
    pages: Record = {"type": "pages", "per_page": LARGEST_PAGE}
    if first + LARGEST_PAGE < len(found):
        pages["next"] = {"per_page": LARGEST_PAGE, "starting_after": str(first + LARGEST_PAGE)}
    shown = [
        {name: one[name] for name in one if name != "conversation_parts"} for one in found[first : first + LARGEST_PAGE]
    ]
    return answer_json({"type": "conversation.list", "pages": pages, "total_count": len(found), "conversations": shown})


def _meets(conversation: Record, wanted: dict[str, Any]) -> bool:
    value = conversation[wanted["field"]]
    return bool(value > wanted["value"] if wanted["operator"] == ">" else value < wanted["value"])


def _conversation(line: Record, now: str) -> Record:
    """Return a conversation in its state at a moment; everything that happens to it changes its time."""
    said = [part for part in line["parts"] if part["at"] <= now]
    moved = [part["at"] for part in said] + [part["redacted_at"] for part in said if _is_redacted(part, now)]
    opening, contact = said[0], line["contact"]
    parts = [_part(part, contact, now) for part in said[1:]]
    return {
        "type": "conversation", "id": line["id"], "created_at": epoch(opening["at"]), "updated_at": epoch(max(moved)),
        "state": said[-1]["state"], "open": said[-1]["state"] == "open",
        "source": {
            "type": line["channel"], "id": f"{line['id']}00", "delivered_as": "customer_initiated", "subject": "",
            "body": _html(opening["text"]), "author": _author(opening, contact), "redacted": False,
        },
        "contacts": {
            "type": "contact.list",
            "contacts": [{"type": "contact", "id": contact["id"], "external_id": contact["external_id"]}],
        },
        "conversation_parts": {
            "type": "conversation_part.list", "conversation_parts": parts, "total_count": len(parts),
        },
    }  # fmt: skip


def _part(part: Record, contact: Record, now: str) -> Record:
    is_redacted, assignee = _is_redacted(part, now), part.get("assignee")
    at = part["redacted_at"] if is_redacted else part["at"]
    return {
        "type": "conversation_part", "id": part["id"], "part_type": part["kind"],
        "body": WORDS_TAKEN_OUT if is_redacted else _html(part["text"]) if "text" in part else None,
        "created_at": epoch(part["at"]), "updated_at": epoch(at), "notified_at": epoch(part["at"]),
        "assigned_to": {"type": "admin", "id": assignee} if assignee else None, "author": _author(part, contact),
        "attachments": [], "redacted": is_redacted, "state": part["state"],
    }  # fmt: skip


def _is_redacted(part: Record, now: str) -> bool:
    return bool(part.get("redacted_at", "9") <= now)


def _author(part: Record, contact: Record) -> Record:
    if part["by"] == contact["id"]:
        return {"type": "user", "id": part["by"], "name": part["name"], "email": contact["email"]}
    kind = "bot" if part["by"] == "bot" else "admin"
    mail = "operator+acmepay1@intercom.io" if kind == "bot" else "care@acmebank.example"
    author = {"type": kind, "id": part["by"], "name": part["name"], "email": mail}
    return {**author, "from_ai_agent": part.get("is_assistant", False)}


def _html(text: str) -> str:
    return f"<p>{escape(text, quote=False)}</p>"


def _refused(status: int, code: str, message: str) -> Answer:
    return answer_json({"type": "error.list", "errors": [{"code": code, "message": message}]}, status)
