"""Facebook: a Page's posts, posts and comments of visitors, and private messages to the Page."""

from social_crm.errors import ContractBroken
from social_crm.sources.facebook_reading import read_comments, read_messages, read_posts
from social_crm.sources.fields import field
from social_crm.sources.graph_api import DELETIONS, LOOK_BACK_DAYS, SERVED, open_graph, token_owner
from social_crm.sources.model import Connection, Resource, Source
from social_crm.sources.options import PATIENCE, look_back
from social_crm.sources.people import People


def check(connection: Connection) -> None:
    """Ask which Page the token is of; raises CredentialRefused saying whether it is missing, wrong or expired."""
    if "id" not in token_owner(open_graph("facebook", "check", connection, None), "id,name"):
        raise ContractBroken("connection facebook_api: the token belongs to nobody: is the address the Graph API's?")


_AUTHOR = ({"from.id": "facebook"},)
FACEBOOK = Source(
    name="facebook",
    title="Facebook",
    description=(
        "A Page's posts and those of its visitors, the comments below them, and its conversations in Messenger. Posts"
        " elsewhere that name the Page are not read."
    ),
    resources=(
        Resource(
            name="posts",
            extract=read_posts,
            key=field("id"),
            event_at=field("created_time"),
            version_at=field("updated_time", "created_time"),
            description="One post on the Page; a new comment changes `updated_time`, as an edit does.",
            order="newest first",
            window="posts created in it or `lookback_days` (28) before",
            deletions=DELETIONS,
            is_utterance=True,
            words=("message", "story", "from.name"),
            people=People(_AUTHOR, "id reactions.summary shares created_time updated_time"),
        ),
        Resource(
            name="comments",
            extract=read_comments,
            key=field("id"),
            event_at=field("created_time"),
            version_at=field(),
            description="One comment or reply, with the id of its post.",
            order="by post, newest first",
            window="all comments before its end on posts of it or of `lookback_days` (28) before",
            deletions=DELETIONS,
            is_utterance=True,
            words=("message", "from.name"),
            people=People(_AUTHOR, "id post_id parent.id is_hidden like_count created_time"),
        ),
        Resource(
            name="messages",
            extract=read_messages,
            key=field("id"),
            event_at=field("created_time"),
            version_at=field("created_time"),
            description="One private message, with the id of its conversation.",
            order="by conversation, the most recently active first",
            window="messages created in it or the day before; Facebook returns the 20 newest of a conversation",
            deletions="An unsent message is missing from later reads; its last version stays.",
            is_utterance=True,
            words=("message", "attachments", "from.name"),
            people=People((*_AUTHOR, {"to.data.id": "facebook"}), "id conversation_id created_time", "conversation_id"),
        ),
    ),
    check=check,
    connection={"conn_type": "http", "host": "https://graph.facebook.com", "password": "<Page access token>"},
    options={**look_back(LOOK_BACK_DAYS), **PATIENCE},
    access=(
        "The Page's own access token (not a person's), made by somebody who manages the Page, from an app with the"
        " permissions `pages_show_list`, `pages_read_engagement`, `pages_read_user_content` (what visitors say) and,"
        " for Messenger, `pages_messaging`. Each needs advanced access: without it, only people with a role in the app"
        f" are visible. {SERVED}"
    ),
    limits="4,800 requests a day per person who engages with the Page; 100 posts, comments or messages each.",
    retention="Meta's Platform Terms: what people delete should be deleted here too, and nothing is kept without need.",
    tested_against={"recordings": "31 posts in 6 lists, and refusals, of the SNS SDKs' tests"},
)
