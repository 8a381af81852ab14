"""WordPress: posts of a site and the comments below them, including those held for moderation or in the trash.

Comments have no time of change, so a window reads those of option `lookback_days` again. The trash is read completely,
whatever the age of its content, and shows deletions.
"""

from collections.abc import Callable, Iterator
from datetime import timedelta

from social_crm.errors import CredentialRefused
from social_crm.sources.fields import field
from social_crm.sources.model import Connection, Page, Record, Request, Resource, Source
from social_crm.sources.options import PATIENCE, look_back
from social_crm.sources.people import People
from social_crm.sources.wordpress_reading import Listing, fetch, open_wordpress, read_lists, spanning

LOOK_BACK_DAYS = 30
LOOK_AHEAD = timedelta(days=1)  # a post changed every night, after the window but before the read, would be in none
POST_FIELDS = (
    "id", "date_gmt", "modified_gmt", "status", "type", "link", "author", "title.rendered", "content.rendered",
)  # fmt: skip
# Neither address nor browser of the author; `content.rendered`, which works for posts, would leave the text out.
COMMENT_FIELDS = (
    "id", "post", "parent", "author", "author_name", "author_email", "date_gmt", "content", "link", "status", "type",
)  # fmt: skip


def read_posts(request: Request) -> Iterator[Page]:
    """Read the posts that were changed in the window or after it, including those moved to the trash."""
    wide = request.window.widened(timedelta(), LOOK_AHEAD)
    params = {"status": "publish,trash", **spanning(wide, "modified_after", "modified_before")}
    yield from read_lists(request, "posts", [Listing("wp/v2/posts", params, POST_FIELDS, "modified_gmt", wide)])


def read_comments(request: Request) -> Iterator[Page]:
    """Read the comments of the window and of the days before it, then all in the trash."""
    wide = request.looked_back(LOOK_BACK_DAYS)
    params = {"status": "any", **spanning(wide, "after", "before")}
    listings = [
        Listing("wp/v2/comments", params, COMMENT_FIELDS, "date_gmt", wide),
        Listing("wp/v2/comments", {"status": "trash"}, COMMENT_FIELDS),
    ]
    yield from read_lists(request, "comments", listings)


def check(connection: Connection) -> None:
    """Request the user's rights, because public lists also answer with a wrong password."""
    user = fetch(open_wordpress("check", connection, None), "wp/v2/users/me")
    if not (user.get("capabilities") or {}).get("moderate_comments"):
        raise CredentialRefused(
            "re-authorise source wordpress: the user may not moderate comments, so what is held back and deleted stays "
            "unseen; give connection wordpress_api an application password of an editor"
        )


def _keyed(kind: str) -> Callable[[Record], str | None]:
    def key(record: Record) -> str | None:
        return f"{kind}/{record['id']}" if record.get("id") else None

    key.__doc__ = f"`{kind}/<id>`, for posts and comments count apart."
    return key


_NEXT_DAY = timedelta(days=1)

WORDPRESS = Source(
    name="wordpress",
    title="WordPress",
    description=(
        "Posts and comments of the site at connection `wordpress_api`. Seed `source_accounts` lists the hosts of the"
        " company's own sites: their posts are ours, and so are comments by people who write posts there."
    ),
    resources=(
        Resource(
            name="posts",
            extract=read_posts,
            key=_keyed("post"),
            event_at=field("date_gmt"),
            version_at=field("modified_gmt"),
            description="One post that is or was published, as it was when read.",
            order="in order of id",
            window="posts changed in it or up to a day after, for each stands at its newest change only",
            deletions="Moved to the trash: seen in that day's window. Set back to draft: the last version stays.",
            deletion_delay=_NEXT_DAY,
            is_utterance=True,
            words=("title", "content", "excerpt"),
            people=People(({"author": "wordpress"},), "id date_gmt modified_gmt status type link"),
        ),
        Resource(
            name="comments",
            extract=read_comments,
            key=_keyed("comment"),
            event_at=field("date_gmt"),
            version_at=field(),
            description="One comment: public, held for moderation, marked as spam or in the trash.",
            order="in order of id, then the trash in order of id",
            window="comments dated in it or `lookback_days` (30) before, and all comments in the trash",
            deletions="Moved to the trash: seen in the next window. Deleted without the trash: the last version stays.",
            deletion_delay=_NEXT_DAY,
            is_utterance=True,
            words=("content", "author_name"),
            people=People(
                persons=({"author": "wordpress", "author_email": "email"},),
                keeps="id post parent date_gmt link status type",
            ),
        ),
    ),
    check=check,
    connection={
        "conn_type": "http",
        "host": "https://blog.acmebank.example",
        "login": "warehouse",
        "password": "<application password>",
    },
    options={**look_back(LOOK_BACK_DAYS), **PATIENCE},
    access=(
        "An application password of an editor or administrator (Users, Profile), and that user's name as login;"
        " WordPress gives one over https only."
    ),
    limits="100 records a request; WordPress itself does not limit the number of requests.",
    retention="The same as your own publications; what commenters delete should be deleted here too.",
    tested_against={"real server": "WordPress 6.1 on MariaDB"},
)
