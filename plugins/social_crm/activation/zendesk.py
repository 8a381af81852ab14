"""Zendesk as the helpdesk: a case is a ticket whose first comment only staff can see."""

from collections.abc import Mapping
from typing import Any, ClassVar

from social_crm.activation.model import PACE, Item
from social_crm.sources.model import Connection
from social_crm.sources.options import PATIENCE
from social_crm.sources.web.guarded_session import once
from social_crm.sources.zendesk_paging import list_pages
from social_crm.sources.zendesk_reading import open_zendesk


class Zendesk:
    """One Zendesk subdomain."""

    name = "zendesk"
    options: ClassVar[Mapping[str, str]] = PACE | PATIENCE

    def __init__(self, connection: Connection) -> None:
        """Open it for reading with retries, and for writing without."""
        self._reading = open_zendesk("activation", connection, None)
        self._writing = open_zendesk("activation", once(connection), None)
        self._groups: dict[str, int] | None = None

    def find(self, item: Item) -> str | None:
        """Return the id of the ticket that has the item's external id."""
        body = self._reading.fetch("api/v2/tickets", {"external_id": item.external_id})
        tickets = body.get("tickets") or []
        return str(min(ticket["id"] for ticket in tickets)) if tickets else None

    def create(self, item: Item) -> str:
        """Create a ticket; Zendesk itself drops a second one with the same idempotency key within two hours."""
        headers = {"Idempotency-Key": item.external_id}
        response = self._writing.client.post("api/v2/tickets", json={"ticket": self._ticket(item)}, headers=headers)
        return str(response.json()["ticket"]["id"])

    def _ticket(self, item: Item) -> dict[str, Any]:
        tags = ["social_crm", f"market_{item.market_code}", f"team_{item.team_code}", f"action_{item.action}"]
        return {
            "external_id": item.external_id,
            "subject": item.title,
            "comment": {"body": item.body, "public": False},
            "priority": "high" if item.is_urgent else "normal",
            "tags": tags,
            # A team without a group of its own is identified by its tag.
            "group_id": self._group_ids().get(item.group or ""),
        }

    def _group_ids(self) -> dict[str, int]:
        if self._groups is None:
            pages = list_pages(self._reading, "api/v2/groups", "groups", None)
            self._groups = {group["name"]: group["id"] for page in pages for group in page.records}
        return self._groups
