"""Web forms and chat logs in a database: one row per message of a form or chat.

Option `messages` is a table or view with the columns below, or a query that returns them. If a table holds
the answer beside the question, or both are in separate tables, use `union all` to get one row per message. Then
`id` must be unique over the whole query, so that parts do not overwrite each other, for example `'answer ' || id`.
"""

from social_crm.sources.fields import field
from social_crm.sources.model import Connection, Resource, Source
from social_crm.sources.people import People
from social_crm.sources.sql import changes

NEEDED = ("id", "channel", "sender", "text", "created_at")


def check(connection: Connection) -> None:
    """Connect and check that the required columns exist, reading no row."""
    changes.check_columns(connection, "forms", FORMS.resource_names, NEEDED)


FORMS = Source(
    name="forms",
    title="Web forms and chat logs",
    description=(
        "Messages of web forms and chats from any database that SQLAlchemy reaches; option `messages` gives the table,"
        " view or query. Required columns: `id` (unique over the whole query; if a `union all` takes question and"
        " answer from one row, use `'answer ' || id` for the answer), `channel` (`web_form` or `chat`), `sender`"
        " (`customer`, `agent`, `bot` or `system`), `text`, `created_at`. Optional columns: `updated_at`,"
        " `conversation_id` (a message without one stands alone),"
        " `account` (site or widget, as in seed `source_accounts`), `author_id`, `author_name`, `author_email`,"
        " `author_phone`, `customer_ref`, `agent_id`, `market`, `brand`, `rating` (1 to 5), `deleted_at`."
        f" {changes.ENCRYPTION}"
    ),
    resources=(
        Resource(
            name="messages",
            extract=changes.reader_of("forms", "messages"),
            key=field("id"),
            event_at=field("created_at"),
            version_at=field("updated_at", "created_at"),
            description="One message: a submitted form, or what one party wrote in a chat.",
            order=changes.ORDER,
            window=changes.WINDOW,
            deletions="A removed row is not noticed, and its last version stays: fill `deleted_at` instead.",
            is_utterance=True,
            people=People(
                persons=(
                    {
                        "author_id": "forms",
                        "author_email": "email",
                        "author_phone": "phone",
                        "customer_ref": "reference",
                    },
                ),
                keeps=(
                    "id channel sender conversation_id account agent_id market brand rating created_at updated_at"
                    " deleted_at"
                ),
                case="channel/conversation_id",
            ),
        ),
    ),
    check=check,
    connection={
        "conn_type": "generic",
        "host": "postgresql+psycopg://site.example.com/site?sslmode=require",
        "login": "reader",
        "password": "<password>",
        "extra": {
            "messages": "select id, 'web_form' as channel, 'customer' as sender, text, created_at from contact_form"
        },
    },
    options={"messages": "a table, a view or a query: one row for each message", **changes.OPTIONS},
    access=changes.ACCESS,
    limits=changes.LIMITS,
    retention="The same as your own correspondence.",
    tested_against={"real server": "SQLite"},
)
