"""LinkedIn: posts of the company's pages, and the comments below them."""

from social_crm.sources.fields import field
from social_crm.sources.linkedin_api import POSTS, VERSION, open_linkedin, organizations_of
from social_crm.sources.linkedin_reading import LOOK_BACK_DAYS, PUBLISHED_AT, Milliseconds, read_comments, read_posts
from social_crm.sources.model import Connection, Resource, Source
from social_crm.sources.options import PATIENCE, look_back
from social_crm.sources.people import NOBODY, People


def check(connection: Connection) -> None:
    """Ask for a post; raises CredentialRefused saying whether the token is missing, wrong, expired or too narrow."""
    params = {"q": "author", "author": organizations_of(connection)[0], "count": 1}
    open_linkedin("check", connection, None).fetch(POSTS, params)


LINKEDIN = Source(
    name="linkedin",
    title="LinkedIn",
    description=(
        "Posts of the pages that option `organizations` lists by their ids, and the comments and replies below them, by"
        " the Community Management API. Seed `source_accounts` lists each page by its id. Names of members are not"
        " asked for."
    ),
    resources=(
        Resource(
            name="posts",
            extract=read_posts,
            key=field("id"),
            event_at=PUBLISHED_AT,
            version_at=Milliseconds(("lastModifiedAt",)),
            description="One post of a page, with its text.",
            order="newest draft first, by `createdAt`",
            window="posts published in it or in `lookback_days` (30) before, unless they were drafted before that",
            deletions="What is deleted is missing from later reads; its last version stays.",
            is_utterance=True,
            words=("commentary", "content"),
            people=NOBODY,
        ),
        Resource(
            name="comments",
            extract=read_comments,
            key=field("commentUrn"),
            event_at=Milliseconds(("created.time",)),
            version_at=Milliseconds(("lastModified.time",)),
            description="One comment or reply, with the post and the page that it is below.",
            order="by their posts, newest first; replies after the comment that they answer",
            window="all comments, before its end, below the posts that are read",
            deletions="What is deleted is missing from later reads; its last version stays.",
            is_utterance=True,
            words=("message", "content"),
            people=People(
                persons=({"actor": "linkedin"},),
                keeps=(
                    "commentUrn post_id organization parentComment likesSummary.aggregatedTotalLikes created.time"
                    " lastModified.time"
                ),
            ),
        ),
    ),
    check=check,
    connection={
        "conn_type": "http",
        "host": "https://api.linkedin.com",
        "password": "<access token>",
        "extra": {"organizations": ["<id of a page>"]},
    },
    options={
        "organizations": "ids of the pages to read",
        "version": f"the version of the API as `YYYYMM`, usually {VERSION}; each is served for a year",
        **look_back(LOOK_BACK_DAYS),
        **PATIENCE,
    },
    access=(
        "The access token of an administrator of the pages, with scope `r_organization_social`, by an app to which"
        " LinkedIn granted the Community Management API. It ends after 60 days."
    ),
    limits=(
        "A quota for each day and application, by tier; one request or more for each post of 30 days. A post that was"
        " drafted more than 30 days before it was published may not be seen, nor what is said below it."
    ),
    retention="LinkedIn's Marketing API terms: members' social activity for days only; see its table for each field.",
    tested_against={"none yet": "answers and paging follow the documentation of the Community Management API"},
    matching_forbidden="LinkedIn's restricted uses: no enrichment of a CRM",
)
