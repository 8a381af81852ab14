"""Discourse: every post of a forum that its API user may see, newest first."""

from social_crm.errors import ContractBroken
from social_crm.sources.discourse_reading import LOOK_BACK_DAYS, POSTS, open_discourse, public_site, read_posts
from social_crm.sources.fields import field
from social_crm.sources.model import Connection, Resource, Source
from social_crm.sources.options import PATIENCE, look_back
from social_crm.sources.people import People


def check(connection: Connection) -> None:
    """Ask for the newest posts; raises CredentialRefused where key or user name are not accepted."""
    public_site(connection)
    if "latest_posts" not in open_discourse("check", connection, None).fetch(POSTS):
        raise ContractBroken("connection discourse_api: the server lists no posts: is it a Discourse forum?")


DISCOURSE = Source(
    name="discourse",
    title="Discourse forum",
    description=(
        "Posts of the forum at connection `discourse_api`, as the API key's user sees them: choose a user who sees"
        " what members see. Seed `source_accounts` lists the forum's host, and `@group` for a group of employees who"
        " are not staff of the forum. Answers that the plugin Solved marks count as accepted."
    ),
    resources=(
        Resource(
            name="posts",
            extract=read_posts,
            key=field("id"),
            event_at=field("created_at"),
            version_at=field("updated_at", "created_at"),
            description="One post of a topic, including its first one, in the state in which it was read.",
            order="by id, newest first",
            window="posts written in it or `lookback_days` (30) before, for edits, moves, likes and accepted answers",
            deletions="By its author: a later read says so. By staff: missing from later reads; last version stays.",
            is_utterance=True,
            words=("cooked", "raw", "topic_title", "name"),
            people=People(
                persons=({"user_id": "discourse", "username": "discourse"},),
                keeps=(
                    "id topic_id post_number reply_to_post_number site primary_group_name staff hidden user_deleted"
                    " deleted_at accepted_answer actions_summary reads version created_at updated_at"
                ),
                names={"reply_to_user.username": "discourse"},
            ),
        ),
    ),
    check=check,
    connection={
        "conn_type": "http",
        "host": "https://community.acmebank.example",
        "login": "warehouse",
        "password": "<API key>",
    },
    options={
        "site": "the forum's public address, if it is read at another one",
        **look_back(LOOK_BACK_DAYS),
        **PATIENCE,
    },
    access="An API key of scope Read-only for a single user (Admin, API keys), and that user's name as login.",
    limits="60 requests a minute per key, 50 posts each.",
    retention="The same as your own forum; what members delete should be deleted here too.",
    tested_against={
        "official specification": "GET /posts.json of Discourse's OpenAPI description",
        "recordings": "a post",
    },
)
