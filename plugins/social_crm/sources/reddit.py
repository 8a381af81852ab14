"""Reddit: posts about the company, and the comments below them."""

from datetime import timedelta

from social_crm.sources.fields import epoch, field
from social_crm.sources.model import Connection, Resource, Source
from social_crm.sources.options import PATIENCE, look_back, recheck_option
from social_crm.sources.people import People
from social_crm.sources.rechecks import Recheck
from social_crm.sources.reddit_api import LOGIN_HOST, open_reddit
from social_crm.sources.reddit_lists import feeds_of, page_of
from social_crm.sources.reddit_reading import LOOK_BACK_DAYS, read_comments, read_submissions


def check(connection: Connection) -> None:
    """Request a page of the first list; raises CredentialRefused if the app's id or secret is not accepted."""
    page_of(open_reddit("check", connection, None), feeds_of(connection)[0], "")


_RECHECK = Recheck(days=28)
_NEXT_DAY = timedelta(days=1)
_DELETIONS = (
    "Read again by id for `recheck_days` (28): deleted words become `[deleted]` (by their author) or `[removed]` (by"
    " moderators). A record that Reddit no longer returns keeps its last version."
)

_AUTHOR = ({"author_fullname": "reddit", "author": "reddit"},)
_KEEPS = "id name subreddit score created_utc edited"
REDDIT = Source(
    name="reddit",
    title="Reddit",
    description=(
        "Posts that the searches of option `searches` find and posts of the subreddits of option `subreddits`, with all"
        " comments below them, as an application sees them; `account` is the account that is responsible for it."
        " Comments below other posts are not read: Reddit has no search for them. Seed `source_accounts` lists accounts"
        " as `u/acmebank`, and subreddits of one market or brand as `r/acmebank`."
    ),
    resources=(
        Resource(
            name="submissions",
            extract=read_submissions,
            key=field("name"),
            event_at=epoch("created_utc"),
            version_at=field(),  # `edited` returns to false with a deletion
            description="One post, in the state in which it was read.",
            order="by search and subreddit, newest first; then, by id, records that are read again",
            window="posts written in it or `lookback_days` (7) before; posts in raw again, for edits and scores",
            deletions=_DELETIONS,
            deletion_delay=_NEXT_DAY,
            recheck=_RECHECK,
            is_utterance=True,
            words=("title", "selftext", "selftext_html"),
            people=People(_AUTHOR, f"{_KEEPS} removed_by_category num_crossposts", omits="crosspost_parent_list"),
        ),
        Resource(
            name="comments",
            extract=read_comments,
            key=field("name"),
            event_at=epoch("created_utc"),
            version_at=field(),
            description="One comment or reply, with the id of its post.",
            order="by post, newest first; then, by id, records that are read again",
            window="all comments before its end on posts of it or of `lookback_days` (7) before; comments in raw again",
            deletions=_DELETIONS,
            deletion_delay=_NEXT_DAY,
            recheck=_RECHECK,
            is_utterance=True,
            words=("body", "body_html"),
            people=People(_AUTHOR, f"{_KEEPS} link_id parent_id is_submitter"),
        ),
    ),
    check=check,
    connection={
        "conn_type": "http",
        "host": "https://oauth.reddit.com",
        "login": "<app id>",
        "password": "<app secret>",
        "extra": {"account": "acmebank", "searches": ['"acme bank"'], "subreddits": ["acmebank"]},
    },
    options={
        "account": "the account that is responsible for the application, which Reddit requires",
        "searches": "searches whose posts are read",
        "subreddits": "subreddits whose posts are all read",
        "login_host": f"the host that issues tokens, usually {LOGIN_HOST}",
        **look_back(LOOK_BACK_DAYS),
        **recheck_option(_RECHECK.days),
        **PATIENCE,
    },
    access=(
        "Id and secret of an app of kind script or web app (reddit.com/prefs/apps), which Reddit must have approved."
    ),
    limits=(
        "100 requests a minute per application, 100 posts each. A search returns about 250 posts and a subreddit 1,000;"
        " anything earlier is recorded as a gap."
    ),
    retention="Reddit's Data API Terms: what is deleted there must be deleted here, with what identifies its author.",
    tested_against={"recordings": "2,577 posts and 5,195 comments of Reddit, with some of their fields"},
    settle=timedelta(hours=1),  # search shows a new post some minutes later
)
