"""Bluesky: posts that mention, answer or quote the company's account, its own posts, and posts found by searches."""

from datetime import timedelta

from social_crm.sources.bluesky_api import open_bluesky
from social_crm.sources.bluesky_reading import LOOK_BACK_MINUTES, SLICE_MINUTES, read_posts
from social_crm.sources.bluesky_removals import read_removed_posts
from social_crm.sources.fields import field, hashed
from social_crm.sources.model import Connection, Resource, Source
from social_crm.sources.options import PATIENCE, look_back
from social_crm.sources.people import People
from social_crm.sources.rechecks import Recheck
from social_crm.sources.removals import removal_options, removals


def check(connection: Connection) -> None:
    """Open a session; raises CredentialRefused saying whether the app password is missing, wrong or expired."""
    open_bluesky("check", connection, None)


_RECHECK = Recheck(days=28, of="posts", identifier="uri")
BLUESKY = Source(
    name="bluesky",
    title="Bluesky",
    description=(
        "Posts that mention, answer or quote the account that logs in, its own posts, and posts that the searches of"
        " option `searches` find. Reposts without words of their own are left out."
    ),
    resources=(
        Resource(
            name="posts",
            extract=read_posts,
            # The address of a post contains its author's identifier, but BI users must see pseudonyms only.
            key=hashed("uri"),
            event_at=field("record.createdAt"),
            version_at=field(),
            description="One post with its author, in the state in which it was read; an edit keeps `uri`, not `cid`.",
            order="newest first: notifications, then our own, then each search by slices of time",
            window=(
                "posts of the window or of `lookback_minutes` (a day) before, by the earlier of the author's and the"
                " server's time; a post dated back further is not seen"
            ),
            deletions="Requested again by its address (`removals`).",
            deletion_delay=timedelta(days=1),
            is_utterance=True,
            words=("record.text", "record.embed", "author.displayName"),
            people=People(
                persons=({"author.did": "bluesky", "author.handle": "bluesky"},),
                keeps=(
                    "cid record.createdAt record.langs record.reply record.facets.features.tag seen_by_handle"
                    " is_addressed likeCount repostCount quoteCount indexedAt"
                ),
                omits="embed",  # the quoted post of somebody else
            ),
        ),
        removals(read_removed_posts, _RECHECK),
    ),
    check=check,
    connection={
        "conn_type": "http",
        "host": "https://bsky.social",
        "login": "acmebank.example",
        "password": "<app password>",
        "extra": {"searches": ["acme bank"]},
    },
    options={
        "searches": "words to search for; posts that contain them are read as well",
        "slice_minutes": f"how many minutes one search covers, usually {SLICE_MINUTES}; fewer if it finds 10,000 posts",
        **look_back(LOOK_BACK_MINUTES, "minutes"),
        **removal_options(_RECHECK),
        **PATIENCE,
    },
    access=(
        "An app password of the account (Settings, Privacy and security, App passwords), without access to direct"
        " messages."
    ),
    limits=(
        "3,000 requests in 5 minutes, 100 posts each, 25 by address; 300 logins a day, one per load; 10,000 posts per"
        " search."
    ),
    retention="Bluesky's terms; what authors delete should be deleted here too.",
    tested_against={"real server": "Bluesky's PDS and AppView of @atproto/dev-env 0.6.7, without its search service"},
)
