"""Request Tracker: messages of customers and staff on tickets, the transactions of tickets, and the tickets.

Everything is found by the history of the window: transactions are never changed or removed, whatever happens to the
ticket.
"""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

from social_crm.errors import CredentialRefused
from social_crm.sources.fields import field
from social_crm.sources.model import Connection, Page, Record, Resource, Source
from social_crm.sources.options import PATIENCE
from social_crm.sources.people import NOBODY, People
from social_crm.sources.request_tracker_reading import (
    FIELDS,
    ROOT,
    Directory,
    of_the_history,
    open_request_tracker,
)
from social_crm.sources.request_tracker_records import messages, steps, tickets

WORDS = "(Type = 'Create' OR Type = 'Correspond' OR Type = 'Comment')"
# A change of owner is recorded twice, the second time as a change of watchers.
CHANGES = " OR ".join(f"Field = '{name}'" for name in ("Status", "Owner", "Queue", "Priority", "MergedInto"))
STEPS = f"(Type = 'Create' OR (Type != 'SetWatcher' AND ({CHANGES})))"
# Mails sent by RT are no steps of a ticket, and more than half of a history.
ALL_BUT_NOTICES = "Type != 'EmailRecord' AND Type != 'CommentEmailRecord'"


def check(connection: Connection) -> None:
    """Request a user, which customers may not, and the history."""
    api = open_request_tracker("check", connection, None)
    if api.fetch_or_none(f"{ROOT}/user/Nobody") is None:
        raise CredentialRefused("connection request_tracker_api: is the URL that of a Request Tracker 5?")
    api.fetch(f"{ROOT}/transactions", {"query": "id > 0", "fields": FIELDS, "per_page": 1})


def _resource(name: str, chosen: str, what_of: Callable[[Directory, list[Record]], Page], **facts: Any) -> Resource:
    return Resource(
        name=name, extract=of_the_history(name, chosen, what_of), key=field("id"), event_at=field("Created"),
        order="in order of the history's ids", **facts,
    )  # fmt: skip


_PEOPLE = People(
    # The login of somebody who writes by mail may be the address.
    persons=({"Creator.id": "request_tracker", "Creator.EmailAddress": "email"}, {"Creator.id": "email"}),
    keeps="id Type Created ObjectId Creator.Privileged",
    case="ObjectId",
    opens={"Type": "Create"},
)
_NEVER_CHANGED = "History never changes; what an administrator shreds stays here as it was."

REQUEST_TRACKER = Source(
    name="request_tracker",
    title="Request Tracker",
    description=(
        "Tickets of Request Tracker 5 with their correspondence, comments and history, over REST2. The host is RT's"
        " address, with its path if it has one. Seed `source_accounts` lists the queues."
    ),
    resources=(
        _resource(
            "messages",
            WORDS,
            messages,
            version_at=field(),
            description="What somebody wrote on a ticket: to open it, to the customer, or among staff (`Comment`).",
            window="messages written in it",
            deletions=_NEVER_CHANGED,
            is_utterance=True,
            people=replace(_PEOPLE, keeps=f"{_PEOPLE.keeps} ContentType Interface file_count"),
        ),
        _resource(
            "transactions",
            STEPS,
            steps,
            version_at=field(),
            description="One step of a ticket: its creation, a change of status, owner, queue or priority, or a merge.",
            window="steps that happened in it",
            deletions=_NEVER_CHANGED,
            people=replace(_PEOPLE, keeps=f"{_PEOPLE.keeps} Field OldValue NewValue Nobody"),
        ),
        _resource(
            "tickets",
            ALL_BUT_NOTICES,
            tickets,
            version_at=field("LastUpdated"),
            description="One ticket that changed, as it was when read.",
            window="tickets that changed in it",
            deletions="Read with status `deleted`; the last version of a shredded ticket stays.",
            deletion_delay=timedelta(days=1),
            people=NOBODY,
        ),
    ),
    check=check,
    connection={
        "conn_type": "http",
        "host": "https://support.acmebank.example",
        "login": "warehouse",
        "password": "<password>",
    },
    options=PATIENCE,
    access=(
        "Login and password, or an authentication token without a login, of a privileged user with the rights SeeQueue,"
        " ShowTicket and ShowTicketComments on each queue to be read."
    ),
    limits="100 records of history a request, and one request per ticket; RT itself has no limits.",
    retention="The same as your own correspondence.",
    tested_against={"real server": "Request Tracker 5.0.3 on SQLite"},
)
