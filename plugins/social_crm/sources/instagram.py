"""Instagram: a professional account's media, the comments below, and media of others in which it is tagged."""

from social_crm.sources.fields import field
from social_crm.sources.graph_api import DELETIONS, LOOK_BACK_DAYS, SERVED, open_graph
from social_crm.sources.instagram_reading import account_of, read_comments, read_media, read_tags
from social_crm.sources.model import Connection, Resource, Source
from social_crm.sources.options import PATIENCE, look_back
from social_crm.sources.people import NOBODY, People


def check(connection: Connection) -> None:
    """Ask for the Page's account; raises CredentialRefused saying whether the token is missing, wrong or expired."""
    account_of(open_graph("instagram", "check", connection, None))


INSTAGRAM = Source(
    name="instagram",
    title="Instagram",
    description=(
        "Media of a professional account, the comments and replies below them, and media of others in which it is"
        " tagged. Instagram reports mentions in texts and stories by webhook only, so they are not read. It does not"
        " show comments below media of others. Seed `source_accounts` lists the account's username."
    ),
    resources=(
        Resource(
            name="media",
            extract=read_media,
            key=field("id"),
            event_at=field("timestamp"),
            version_at=field(),
            description="One post of the account, with its caption.",
            order="newest first",
            window="media created in it or `lookback_days` (28) before",
            deletions=DELETIONS,
            is_utterance=True,
            words=("caption",),
            people=NOBODY,
        ),
        Resource(
            name="comments",
            extract=read_comments,
            key=field("id"),
            event_at=field("timestamp"),
            version_at=field(),
            description="One comment or reply, with the id of its media and the media's account.",
            order="by media, newest first",
            window="all comments before its end on media of it or of `lookback_days` (28) before",
            deletions=DELETIONS,
            is_utterance=True,
            words=("text",),
            people=People(
                persons=({"from.id": "instagram", "username": "instagram", "from.username": "instagram"},),
                keeps="id media_id parent_id account hidden like_count timestamp",
            ),
        ),
        Resource(
            name="tags",
            extract=read_tags,
            key=field("id"),
            event_at=field("timestamp"),
            version_at=field(),
            description="One post of somebody else in which the account is tagged, with its caption.",
            order="by time of tagging, newest first",
            window="media created in it or `lookback_days` (28) before; an account that is tagged later is not seen",
            deletions=DELETIONS,
            is_utterance=True,
            words=("caption",),
            people=People(persons=({"username": "instagram"},), keeps="id account media_type like_count timestamp"),
        ),
    ),
    check=check,
    connection={"conn_type": "http", "host": "https://graph.facebook.com", "password": "<Page access token>"},
    options={**look_back(LOOK_BACK_DAYS), **PATIENCE},
    access=(
        "The access token of the Facebook Page that the account is connected to, from an app with the permissions"
        " `instagram_basic`, `instagram_manage_comments`, `pages_show_list` and `pages_read_engagement`, each with"
        f" advanced access. {SERVED}"
    ),
    limits="4,800 requests a day per person who sees the account; the newest 10,000 media; 50 comments a request.",
    retention="Meta's Platform Terms: what people delete should be deleted here too, and nothing is kept without need.",
    tested_against={
        "official specification": "fields and edges of Meta's SDK specification",
        "recordings": "9 media and 6 comments of the SNS SDKs' tests",
    },
)
