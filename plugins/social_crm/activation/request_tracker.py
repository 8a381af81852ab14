"""Request Tracker as the helpdesk: a case is a ticket that nobody asked for, found again by what it refers to.

RT keeps no key of others, yet any ticket may refer to any address, by which it is searched: that takes no set-up by an
administrator. Staging knows a case of ours by the same link (stg_request_tracker__tickets).
"""

import json
from collections.abc import Mapping
from hashlib import sha256
from typing import ClassVar
from urllib.parse import quote

from social_crm.activation.model import EXTERNAL_ID_PREFIX, PACE, Item
from social_crm.errors import CredentialRefused
from social_crm.sources.model import Connection
from social_crm.sources.options import PATIENCE
from social_crm.sources.request_tracker_reading import ROOT, open_request_tracker
from social_crm.sources.web.guarded_session import once

LONGEST_LINK = 240  # length limit of RT's database


class RequestTracker:
    """One Request Tracker. Cases are created in the queue of the team's group, else in the one of option `queue`."""

    name = "request_tracker"
    options: ClassVar[Mapping[str, str]] = {
        "queue": "where a case goes whose team has no group, usually General", **PACE, **PATIENCE
    }  # fmt: skip

    def __init__(self, connection: Connection) -> None:
        """Open it for reading with retries, and for writing without."""
        self._reading = open_request_tracker("activation", connection, None)
        self._writing = open_request_tracker("activation", once(connection), None)
        self._fallback = str(connection.options.get("queue", "General"))
        self._queues: dict[str, str] = {}
        self._is_seen: bool | None = None

    def find(self, item: Item) -> str | None:
        """Return the number of the ticket that refers to the item; a merged ticket is found as its target."""
        params = {"query": f"RefersTo = '{_link(item)}'", "orderby": "id", "per_page": 1}
        found = self._reading.fetch(f"{ROOT}/tickets", params)["items"]
        return str(found[0]["id"]) if found else None

    def create(self, item: Item) -> str:
        """Create a ticket without a requestor, whom RT would write to; no second one if the first cannot be found."""
        if self._is_seen is False:
            raise CredentialRefused(
                "helpdesk request_tracker: the case that was just made cannot be found again, so a killed run would "
                "make it twice; grant the login ShowTicket and ModifyTicket on the queues in which it makes cases"
            )
        body = {
            "Queue": self._queue_of(item.group or ""),
            "Subject": item.title,
            "Content": f"{item.body}\nTeam {item.team_code}.",
            "Priority": 100 if item.is_urgent else 50,
            "RefersTo": _link(item),
        }
        number = str(self._writing.client.post(f"{ROOT}/ticket", json=body).json()["id"])
        if self._is_seen is None:
            self._is_seen = self.find(item) is not None
        return number

    def _queue_of(self, group: str) -> str:
        if group not in self._queues:
            # Found by a search: if it is requested by name, a missing queue looks like a forbidden one.
            query = json.dumps([{"field": "Name", "operator": "=", "value": group}])
            found = self._reading.fetch(f"{ROOT}/queues", {"query": query})["items"] if group else []
            self._queues[group] = group if found else self._fallback
        return self._queues[group]


def _link(item: Item) -> str:
    """Return the address that a case refers to; RT interprets no part of it and keeps all of it."""
    link = quote(item.external_id, safe=":/@")
    return link if len(link) <= LONGEST_LINK else f"{EXTERNAL_ID_PREFIX}{sha256(link.encode()).hexdigest()}"
