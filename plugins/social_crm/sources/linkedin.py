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
        "Posts of the pages whose ids option `organizations` lists, and the comments and replies below them, from the"
        " Community Management API. Seed `source_accounts` lists each page by its id. Members' names are not requested."
    ),
    resources=(
        Resource(
            name="posts",
            extract=read_posts,
            key=field("id"),
            event_at=PUBLISHED_AT,
            version_at=Milliseconds(("lastModifiedAt",)),
            description="One post of a page, with its text.",
            order="by `createdAt` (when the draft was created), newest first",
            window="posts published in it or `lookback_days` (30) before, unless their drafts are older than that",
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
            description="One comment or reply, with its post and page.",
            order="by post, newest first; replies follow the comment that they answer",
            window="all comments before its end on the posts that are read",
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
        "version": f"the version of the API as `YYYYMM`, usually {VERSION}; LinkedIn serves each for a year",
        **look_back(LOOK_BACK_DAYS),
        **PATIENCE,
    },
    access=(
        "The access token of an administrator of the pages, with scope `r_organization_social`, by an app to which"
        " LinkedIn granted the Community Management API. It ends after 60 days."
    ),
    limits=(
        "A daily quota per application, by tier; at least one request per post of the last 30 days. A post whose draft"
        " is more than 30 days older than its publication may be missed, together with its comments."
    ),
    retention="LinkedIn's Marketing API terms: members' social activity for days only; see its table for each field.",
    tested_against={"none yet": "answers and paging follow the documentation of the Community Management API"},
    matching_forbidden="LinkedIn's restricted uses: no enrichment of a CRM",
)
