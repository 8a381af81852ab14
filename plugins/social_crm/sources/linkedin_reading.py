"""How LinkedIn is read: the posts of each page, newest first, and all comments and replies below them.

Comments cannot be requested by time, and posts are in order of creation, whatever their edit or publication. So all
of option `lookback_days` is read again each time. Lists are paged by offset: if an entry is removed meanwhile, the list
shifts by one, and the entry that this hides is found a day later. A comment refers to an activity, whose number is not
that of the post, so the requested post is stored with it.
"""

from collections.abc import Iterator
from datetime import UTC, datetime
from urllib.parse import quote

from social_crm.sources.fields import Field
from social_crm.sources.linkedin_api import PAGE_SIZE, POSTS, listed, open_linkedin, organizations_of
from social_crm.sources.model import Page, Record, Rejected, Request
from social_crm.sources.moments import moment_of
from social_crm.sources.web.answers import unless_gone
from social_crm.sources.web.lists import Lists
from social_crm.sources.web.rest import Api

LOOK_BACK_DAYS = 30
# Posts per cursor: each costs requests for its comments, and a rate limit may come between.
POSTS_AT_ONCE = {"posts": PAGE_SIZE, "comments": 10}


class Milliseconds(Field):
    """The first of several fields that a record fills, in milliseconds since 1970, as ISO 8601."""

    def __call__(self, record: Record) -> str | None:
        """Return the moment, or None if it is not one."""
        try:
            return datetime.fromtimestamp(int(super().__call__(record) or "") / 1000, UTC).isoformat()
        except (ValueError, OverflowError, OSError):
            return None


PUBLISHED_AT = Milliseconds(("publishedAt", "createdAt"))
_CREATED_AT, _SAID_AT = Milliseconds(("createdAt",)), Milliseconds(("created.time",))


def read_posts(request: Request) -> Iterator[Page]:
    """Read each page's posts of the look-back, newest first."""
    for _, posts, cursor in _posts(request, "posts"):
        yield Page(posts, cursor=cursor)


def read_comments(request: Request) -> Iterator[Page]:
    """Read all comments and replies below the posts of the look-back, each with its post and the post's page."""
    for api, posts, cursor in _posts(request, "comments"):
        lost: list[Rejected] = []
        found = [comment for post in posts for comment in _below_post(api, post, lost)]
        yield Page([one for one in found if request.window.ends_after(moment_of(_SAID_AT(one)))], lost, cursor)


def _posts(request: Request, resource: str) -> Iterator[tuple[Api, list[Record], str]]:
    wide, api = request.looked_back(LOOK_BACK_DAYS), open_linkedin(resource, request.connection, request.window)
    lists = Lists(tuple(organizations_of(request.connection)), "pages of connection linkedin_api")
    first, start = lists.resume(request.cursor, api.context)
    for number in range(first, len(lists.names)):
        asked = {"q": "author", "author": lists.names[number], "sortBy": "CREATED"}
        for posts, onward in listed(api, POSTS, asked, POSTS_AT_ONCE[resource], int(start or 0)):
            api.require_fields(posts, ("id", "createdAt"))
            is_past = not onward or api.is_past(wide, (moment_of(_CREATED_AT(post)) for post in posts))
            inside = [post for post in posts if wide.may_hold(moment_of(PUBLISHED_AT(post)))]
            yield api, inside, lists.cursor(number + 1) if is_past else lists.cursor(number, onward)
            if is_past:
                break
        start = ""


def _below_post(api: Api, post: Record, lost: list[Rejected]) -> Iterator[Record]:
    where = {"post_id": post["id"], "organization": post.get("author")}
    for comment in _below(api, post["id"], lost):
        yield comment | where
        if (comment.get("commentsSummary") or {}).get("aggregatedTotalComments"):
            parent = {"parentComment": comment["commentUrn"]}
            yield from (parent | reply | where for reply in _below(api, comment["commentUrn"], lost))


def _below(api: Api, urn: str, lost: list[Rejected]) -> Iterator[Record]:
    """Yield the comments directly below a post or comment; one deleted since it was listed is counted as lost."""
    with unless_gone(lost, urn):
        for comments, _ in listed(api, f"rest/socialActions/{quote(urn, safe='')}/comments", {}):
            api.require_fields(comments, ("commentUrn", "created"))
            yield from comments
