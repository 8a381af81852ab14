"""Mastodon: statuses that mention the company's account, its own, and those with its hashtags."""

from datetime import timedelta

from social_crm.sources.fields import field
from social_crm.sources.mastodon_api import open_mastodon, own_id
from social_crm.sources.mastodon_reading import LOOK_BACK_MINUTES, read_statuses
from social_crm.sources.mastodon_removals import read_removed_statuses
from social_crm.sources.model import Connection, Resource, Source
from social_crm.sources.options import PATIENCE, look_back
from social_crm.sources.people import People
from social_crm.sources.rechecks import Recheck
from social_crm.sources.removals import removal_options, removals


def check(connection: Connection) -> None:
    """Ask who we are; raises CredentialRefused saying whether the token is missing, wrong or expired."""
    own_id(open_mastodon("check", connection, None))


_RECHECK = Recheck(days=28, of="statuses")
MASTODON = Source(
    name="mastodon",
    title="Mastodon",
    description=(
        "Statuses from any Mastodon server: mentions of the token's account, its own statuses, and the hashtags of"
        " option `hashtags`. A hashtag shows what the server has federated, never the whole network."
    ),
    resources=(
        Resource(
            name="statuses",
            extract=read_statuses,
            key=field("id"),
            event_at=field("created_at"),
            version_at=field("edited_at", "created_at"),
            description="One status with its author, in the state in which it was read.",
            order="mentions newest first, then our own statuses and each hashtag, oldest first",
            window="statuses created in it or `lookback_minutes` (a day) before, for edits, counts and late federation",
            deletions="Requested again by id (`removals`).",
            deletion_delay=timedelta(days=1),
            is_utterance=True,
            words=("content", "spoiler_text", "media_attachments", "poll", "card", "account.display_name"),
            people=People(
                # Many people may have the same username on different servers.
                persons=({"account.id": "mastodon", "account.acct": "mastodon"},),
                keeps=(
                    "id thread_root_id in_reply_to_id account.bot account.followers_count language mentions.acct"
                    " tags.name visibility favourites_count reblogs_count created_at edited_at"
                ),
                omits="quote",  # the quoted status of somebody else
                names=dict.fromkeys(("mentions.acct", "mentions.id", "in_reply_to_account_id"), "mastodon"),
            ),
        ),
        removals(read_removed_statuses, _RECHECK),
    ),
    check=check,
    connection={
        "conn_type": "http",
        "host": "https://mastodon.social",
        "password": "<access token>",
        "extra": {"hashtags": ["acmebank"]},
    },
    options={
        "hashtags": "hashtags to read as well, with or without `#`",
        **look_back(LOOK_BACK_MINUTES, "minutes"),
        **removal_options(_RECHECK),
        **PATIENCE,
    },
    access=(
        "The token of an application of the account (Preferences, Development) with the scopes `read:accounts`,"
        " `read:statuses` and `read:notifications`."
    ),
    limits="300 requests in 5 minutes, 40 statuses each, 20 by id, and one per reply whose thread is not known yet or"
    " status that the 20 lack.",
    retention="Each server's own terms; what authors delete should be deleted here too.",
    tested_against={"recordings": "106 statuses of a Mastodon 4 server, by Mastodon.py"},
)
