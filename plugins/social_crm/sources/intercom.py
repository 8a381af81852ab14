"""Intercom: messages of customers, staff and bots in conversations, and every step of a conversation.

Quirks: a search returns the changed conversations without their parts, so each is requested. The message that
opens one is not among its parts and has no time of its own. A conversation can grow after it was closed; any change
reads it again. One that changes every night before the run would be in no window, so a window looks a day
ahead. Only the 500 newest parts are returned. `X-RateLimit-Reset` says when a 429 ends, in epoch seconds.
"""

from collections.abc import Callable

from social_crm.sources.fields import epoch
from social_crm.sources.intercom_reading import (
    of_each_conversation,
    open_intercom,
    said_in,
    search,
    steps_of,
    workspace_of,
)
from social_crm.sources.model import Connection, Record, Resource, Source
from social_crm.sources.options import PATIENCE
from social_crm.sources.people import People


def check(connection: Connection) -> None:
    """Ask whose token it is, and search for one conversation."""
    api = open_intercom("check", connection, None)
    workspace_of(api)
    query = {"field": "updated_at", "operator": ">", "value": 0}
    next(search(api, {"query": query, "pagination": {"per_page": 1}}, None))


def _key(part: Record) -> str | None:
    """`<conversation_id>/<id>`, or `<conversation_id>/source` for the opening message."""
    number = "source" if part.get("part_type") == "source" else part.get("id")
    return f"{part['conversation_id']}/{number}" if number else None


_PEOPLE = People(
    persons=({"author.id": "intercom", "author.email": "email"}, {"contact_external_id": "reference"}),
    keeps=(
        "id conversation_id part_type channel author.type author.from_ai_agent workspace redacted state"
        " assigned_to.id assigned_to.type created_at updated_at"
    ),
    case="conversation_id",
    opens={"part_type": "source"},
)


def _resource(name: str, chosen: Callable[[Record], list[Record]], description: str, deletions: str) -> Resource:
    return Resource(
        name=name,
        extract=of_each_conversation(name, chosen),
        key=_key,
        event_at=epoch("created_at"),
        version_at=epoch("updated_at"),
        description=description,
        order="conversations in the order of the search, with their parts in order",
        window="conversations that changed in it or up to a day after, with all of their parts",
        deletions=deletions,
        is_utterance=chosen is said_in,
        people=_PEOPLE,
    )


INTERCOM = Source(
    name="intercom",
    title="Intercom",
    description=(
        "Conversations of Intercom's messenger, e-mail and messaging channels: bots, staff and customers. The host is"
        " that of your region (`https://api.intercom.io`, `https://api.eu.intercom.io`, `https://api.au.intercom.io`)."
        " Seed `source_accounts` lists the workspace, by the id in its address."
    ),
    resources=(
        _resource(
            "conversation_parts",
            said_in,
            "One message or note of a conversation, the one that opened it included.",
            "A redacted text is read at the conversation's next move; a deleted conversation stays as it was.",
        ),
        _resource(
            "conversation_steps",
            steps_of,
            "One part of a conversation without its words: who did what, to whom it fell, and its state then.",
            "Parts are never deleted alone; a deleted conversation stays as it was.",
        ),
    ),
    check=check,
    connection={"conn_type": "http", "host": "https://api.intercom.io", "password": "<access token>"},
    options=PATIENCE,
    access=(
        "The access token of a private app of the workspace (Developer Hub, Authentication) that may read"
        " conversations."
    ),
    limits="10,000 requests a minute for a private app; one request per conversation and table.",
    retention="The same as your own correspondence.",
    tested_against={"official specification": "the schemas of Intercom's API 2.15"},
)
