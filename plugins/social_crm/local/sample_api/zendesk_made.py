"""Tickets that a client created over the API: stored in the state folder, and served like those of the story."""

from pathlib import Path
from typing import Any

import orjson

from social_crm.local.sample_api.company import Record, read_lines
from social_crm.local.sample_api.messages import Answer, Call, answer_json

FIRST_ID = 9_900_001
ADMINISTRATOR = 36_000_000_001
_FIELDS = ("subject", "priority", "group_id", "tags")


class MadeTickets:
    """Tickets created by `POST /api/v2/tickets`."""

    def __init__(self, state: Path) -> None:
        """Read the tickets that were created before the server was restarted."""
        self._file = state / "made_tickets.jsonl"
        self.stories: list[Record] = read_lines(self._file)
        self._by_key = {story["idempotency_key"]: story for story in self.stories if story["idempotency_key"]}

    def make(self, call: Call, now: str) -> tuple[Record | None, Answer | None]:
        """Return the story of the requested ticket, or the answer that refuses it."""
        key = call.headers.get("idempotency-key")
        if key in self._by_key:
            return self._by_key[key], None
        try:
            wanted = orjson.loads(call.body)["ticket"]
            body = wanted["comment"]["body"]
        except (KeyError, TypeError, ValueError):
            detail = {"base": [{"description": "Description: cannot be blank", "error": "BlankValue"}]}
            return None, answer_json({"error": "RecordInvalid", "details": detail}, 422)
        story = self._story(wanted, body, now) | {"idempotency_key": key}
        self.stories.append(story)
        if key:
            self._by_key[key] = story
        with self._file.open("ab") as stream:
            stream.write(orjson.dumps(story) + b"\n")
        return story, None

    def with_external_id(self, external_id: str) -> list[Record]:
        """Return the stories of the tickets that have an external id."""
        return [story for story in self.stories if story["external_id"] == external_id]

    def _story(self, wanted: Record, body: str, now: str) -> Record:
        number = FIRST_ID + len(self.stories)
        comment: dict[str, Any] = {
            "type": "Comment", "id": number * 1000 + 1, "author_id": ADMINISTRATOR, "body": body,
            "public": bool(wanted["comment"].get("public", True)),
        }  # fmt: skip
        fields = {name: wanted.get(name) for name in _FIELDS}
        fields |= {"status": "new", "requester_id": ADMINISTRATOR, "brand_id": wanted.get("brand_id", 360001)}
        created = [
            {"type": "Create", "id": number * 1000 + 2 + position, "field_name": name, "value": value}
            for position, (name, value) in enumerate(fields.items())
        ]
        audit = {
            "id": number * 1000, "at": now, "by": ADMINISTRATOR, "via": {"channel": "api"},
            "events": [comment, *created],
        }  # fmt: skip
        return {"id": number, "channel": "api", "external_id": wanted.get("external_id"), "audits": [audit]}
