"""X (Twitter) API v2: posts to and by the company's accounts, and these accounts.

Recent search returns newest first and covers seven days. An edit is a new id, and the old text stays addressable,
so a post's key is the first id of its edit history. A 200 may contain `errors[]` beside `data[]`: a notice that an
author could not be shown leaves a post without `author`; any other entry is quarantined as `partial_error`, without
its text, so that it is counted.
"""

from collections.abc import Iterator
from datetime import timedelta

from social_crm.sources.fields import field
from social_crm.sources.model import Connection, Page, Record, Request, Resource, Source
from social_crm.sources.options import PATIENCE
from social_crm.sources.people import NOBODY, People
from social_crm.sources.rechecks import Recheck
from social_crm.sources.removals import removal_options, removals
from social_crm.sources.x_protocol import QUERY_LENGTH, accounts, partial_errors, users_of
from social_crm.sources.x_removals import read_removed_posts
from social_crm.sources.x_search import USER_FIELDS, open_x, read_posts

USERS_BY = "2/users/by"
USERS_PER_CALL = 100
# Not 28 days, as elsewhere: each post that X shows again is paid for.
_RECHECK = Recheck(days=7, of="posts")
_NEXT_DAY = timedelta(days=1)
MENTIONED = [f"{of}entities.mentions.{name}" for of in ("", "note_tweet.") for name in ("username", "id")]


def read_users(request: Request) -> Iterator[Page]:
    """Read the company's own accounts as they are now, a hundred at a time."""
    api = open_x("users", request.connection, request.window)
    handles = accounts(request.connection)
    for start in range(0, len(handles), USERS_PER_CALL):
        names = ",".join(handles[start : start + USERS_PER_CALL])
        body = api.fetch(USERS_BY, {"usernames": names, "user.fields": USER_FIELDS})
        users = users_of(body, api.context)
        api.require_fields(users, ("id", "username"))
        yield Page(users, partial_errors(body))


def check(connection: Connection) -> None:
    """Look up one of the accounts; raises CredentialRefused saying whether the token is missing, wrong or expired."""
    open_x("check", connection, None).fetch(USERS_BY, {"usernames": accounts(connection)[0]})


def _post_key(post: Record) -> str | None:
    """`edit_history_tweet_ids[0]`, else `id`."""
    versions: list[str | None] = post.get("edit_history_tweet_ids") or [post.get("id")]
    return versions[0]


X = Source(
    name="x",
    title="X (Twitter)",
    description=(
        "Posts that mention the company's accounts or come from them, from recent search, newest first. "
        "X serves seven days; an older window is recorded as a gap."
    ),
    resources=(
        Resource(
            name="posts",
            extract=read_posts,
            key=_post_key,
            event_at=field("created_at"),
            version_at=field("created_at"),
            description="One post, or one edit of a post, with its author.",
            order="newest first",
            window="posts created in it; each edit is a separate post",
            is_utterance=True,
            words=("text", "note_tweet.text", "author.name", "author.description", "author.location"),
            people=People(
                persons=({"author.id": "x", "author_id": "x", "author.username": "x"},),
                keeps=(
                    "id edit_history_tweet_ids conversation_id created_at lang public_metrics referenced_tweets"
                    " entities.mentions.username note_tweet.entities.mentions.username author.public_metrics"
                ),
                names=dict.fromkeys(("in_reply_to_user_id", *MENTIONED), "x"),
            ),
            deletions=(
                "Requested again by id (`removals`), as are posts that became protected or withheld; later than"
                " `recheck_days` only X's compliance API would tell."
            ),
            deletion_delay=_NEXT_DAY,
        ),
        removals(read_removed_posts, _RECHECK),
        Resource(
            name="users",
            extract=read_users,
            key=field("id"),
            event_at=field("created_at"),
            version_at=field(),
            description="One of the company's own accounts as it was when read.",
            order="in the order of option `accounts`",
            window="all accounts, as they are now",
            people=NOBODY,
            deletion_delay=_NEXT_DAY,
            deletions="A suspended or deleted account is quarantined as `partial_error` at the next daily read.",
        ),
    ),
    check=check,
    connection={
        "conn_type": "http",
        "host": "https://api.x.com",
        "password": "<bearer token>",
        "extra": {"accounts": ["AcmeBank"]},
    },
    options={
        "accounts": "handles of the company's accounts",
        "query_length": f"the longest query that your access level allows, usually {QUERY_LENGTH}",
        **removal_options(_RECHECK),
        **PATIENCE,
    },
    access=(
        "The bearer token of an app (developer.x.com) whose plan has recent search; X counts each post that is read,"
        " and counts it again when it is requested again."
    ),
    limits="450 searches in 15 minutes, 100 posts each; seven days back. A post requested again counts again as read.",
    retention="Posts deleted, protected or withheld at X must be deleted here within 24 hours of learning of it.",
    tested_against={"official specification": "X API v2 behind Prism", "recordings": "65 posts of the SNS SDKs' tests"},
)
