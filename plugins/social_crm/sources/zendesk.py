"""Zendesk Support: tickets with their comments and audits, users and groups."""

from collections.abc import Callable, Iterator
from datetime import timedelta

from social_crm.errors import CredentialRefused
from social_crm.sources.fields import field
from social_crm.sources.model import Connection, Page, Request, Resource, Source
from social_crm.sources.options import PATIENCE
from social_crm.sources.people import NOBODY, People
from social_crm.sources.zendesk_reading import of_each_ticket, open_zendesk, read_tickets, read_users, whole_list


def check(connection: Connection) -> None:
    """Request our own user; Zendesk answers 200 with an anonymous user if it does not accept the token."""
    user = open_zendesk("check", connection, None).fetch("api/v2/users/me.json").get("user") or {}
    if user.get("id") is None:
        raise CredentialRefused("re-authorise source zendesk: the e-mail and API token are not accepted")


# Ids are Zendesk's own, and identify nobody once Zendesk has erased them as well, so they stay.
_PEOPLE = {
    "tickets": People(
        persons=({"requester_id": "zendesk"},),
        keeps=(
            "id brand_id via.channel via.source.rel status priority type requester_id assignee_id group_id"
            " organization_id tags satisfaction_rating.score created_at updated_at external_id"
        ),
        case="id",
    ),
    "comments": People(
        persons=({"author_id": "zendesk"},),
        keeps="id ticket_id author_id via.channel via.source.rel public created_at",
        case="ticket_id",
        owns_case=False,
    ),
    "audits": People(
        persons=({"author_id": "zendesk"},),
        keeps=(
            "id ticket_id author_id via.channel via.source.rel via.source.to.ticket_id via.source.from.ticket_id"
            " events created_at"
        ),
        case="ticket_id",
        owns_case=False,
        only={"events": {"field_name": ("status", "assignee_id", "group_id", "priority", "tags")}},
    ),
    "users": People(
        persons=({"id": "zendesk", "email": "email", "phone": "phone", "external_id": "reference"},),
        keeps="id role active suspended verified organization_id default_group_id created_at updated_at",
    ),
    "groups": NOBODY,
}


def _resource(
    name: str,
    extract: Callable[[Request], Iterator[Page]],
    description: str,
    deletions: str,
    deletion_delay: timedelta | None = None,
    version: tuple[str, ...] = ("updated_at",),
    window: str = "tickets stamped in it or up to a day after: a ticket that keeps changing is listed only once",
) -> Resource:
    return Resource(
        name=name,
        extract=extract,
        key=field("id"),
        event_at=field("created_at"),
        version_at=field(*version),
        description=description,
        deletions=deletions,
        deletion_delay=deletion_delay,
        order="by `generated_timestamp`" if window != _WHOLE else "as Zendesk lists them",
        window=window,
        is_utterance=name == "comments",
        people=_PEOPLE[name],
    )


_WHOLE = "the whole list, as it is now"
_NEXT_DAY = timedelta(days=1)

ZENDESK = Source(
    name="zendesk",
    title="Zendesk Support",
    description=(
        "E-mail, web form, chat and phone tickets from the cursor-based export, with their comments, audits, users and"
        " groups. From chats and messaging (also WhatsApp), it reads the comments, not the words within audits."
    ),
    resources=(
        _resource(
            "tickets",
            read_tickets,
            "One ticket as it was when exported.",
            "Exported with status `deleted`, next day.",
            deletion_delay=_NEXT_DAY,
        ),
        _resource(
            "comments",
            of_each_ticket("comments"),
            "One public or internal comment of a ticket that changed in the window.",
            "A redacted text is read at the ticket's next change; comments of a deleted ticket stay as they were.",
            version=(),
        ),
        _resource(
            "audits",
            of_each_ticket("audits"),
            "One set of changes made to a ticket at the same moment.",
            "An audit is never deleted alone; audits of a deleted ticket stay as they were.",
            version=("created_at",),
        ),
        _resource(
            "users",
            read_users,
            "One customer or agent.",
            "A deleted user is exported with `active` false.",
            window="users changed since its start, up to the end of the stream",
            deletion_delay=_NEXT_DAY,
        ),
        _resource(
            "groups",
            whole_list("groups"),
            "One team that tickets are assigned to.",
            "A deleted group is missing from the next daily list; the last version stays.",
            window=_WHOLE,
        ),
    ),
    check=check,
    connection={
        "conn_type": "http",
        "host": "https://acme.zendesk.com",
        "login": "<e-mail>",
        "password": "<API token>",
    },
    options=PATIENCE,
    access=(
        "An API token (Admin Center, APIs) and the e-mail address of an administrator: only administrators may export."
    ),
    limits="Ten export requests a minute, 1,000 records each; at least one request per ticket for comments and audits.",
    retention="As your contract with your customers says; Zendesk sets no limit.",
    tested_against={"recordings": "3,500 records of Zenpy's tests"},
)
