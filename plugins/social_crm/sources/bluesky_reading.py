"""Lists of Bluesky's AppView, each read from the newest post back to before the window.

They are ordered by the author's time or the server's, whichever is earlier, and we cut them at that time: a server
without Bluesky's own search ignores `since` and `until`. A page may be short before the end; only a missing cursor ends
a list. Search ends silently after about 10,000 posts, so it is queried by slices of time. A list that we may not read
because of a block is reported after everything else was read.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from social_crm.errors import ConnectionUnusable, ContractBroken
from social_crm.sources.bluesky_api import POSTS_PER_CALL, open_bluesky, posts_at
from social_crm.sources.bluesky_paging import Moments, ServersCursor
from social_crm.sources.model import Connection, Page, Record, Rejected, Request, Window
from social_crm.sources.moments import moment_of
from social_crm.sources.numeric_options import number_of
from social_crm.sources.web.answers import RequestRefused, rejecting_cursor
from social_crm.sources.web.lists import Lists
from social_crm.sources.web.rest import Api

LOOK_BACK_MINUTES = 1440
SLICE_MINUTES = 360
SETTLED_SECONDS = 60
PAGE_SIZE = 100
SEARCH_CAP = 10_000
NOTIFICATIONS = "xrpc/app.bsky.notification.listNotifications"
AUTHOR_FEED = "xrpc/app.bsky.feed.getAuthorFeed"
SEARCH = "xrpc/app.bsky.feed.searchPosts"
# The reason of a notification; in a feed, a post with a reason is a repost of somebody else's.
REASONS = ("mention", "reply", "quote")
BLOCKED = ("BlockedActor", "BlockedByActor")
TIES = "one moment fills a page: what else is of it was not read"
_Found = tuple[list[Record], list[Rejected]]


class Feed(NamedTuple):
    """One list of posts, and the field that holds it; `window` is the part that is read."""

    path: str
    selector: str
    params: dict[str, Any]
    window: Window


def read_posts(request: Request) -> Iterator[Page]:
    """Read posts that mention, answer or quote us, our own posts, and those that the searches find."""
    wide = request.looked_back(LOOK_BACK_MINUTES, "minutes")
    api, session = open_bluesky("posts", request.connection, request.window)
    feeds = _feeds(session.did, request.connection, wide)
    lists = Lists(tuple(f"{feed.path} {feed.params}" for feed in feeds), "searches of connection bluesky_api")
    closed: list[str] = []

    def walk(number: int, position: str) -> Iterator[tuple[_Found, str]]:
        try:
            yield from _walk(api, feeds[number], position)
        except RequestRefused as refused:
            if refused.body.get("error") not in BLOCKED:
                raise
            closed.append(f"{feeds[number].path} ({refused.body['error']})")

    for (posts, lost), cursor in lists.walk(request.cursor, api.context, walk):
        # After a list that is closed to us there is no cursor, so the next attempt begins with that list.
        yield Page([session.marked(post) for post in posts], lost, None if closed else cursor)
    if closed:
        raise ConnectionUnusable(
            f"{api.context}: a block keeps the account of connection bluesky_api out of {', '.join(closed)}; lift it,"
            " then clear this task"
        )


def _feeds(own_did: str, connection: Connection, window: Window) -> list[Feed]:
    # Slices of length 0 would never end.
    length = timedelta(minutes=number_of(connection.options, "slice_minutes", SLICE_MINUTES, least=1))
    slices = list(_slices(window, length))
    return [
        Feed(NOTIFICATIONS, "notifications", {"reasons": REASONS}, window),
        Feed(AUTHOR_FEED, "feed", {"actor": own_did, "filter": "posts_with_replies"}, window),
        *(_search(str(words), one) for words in connection.options.get("searches", []) for one in slices),
    ]


def _search(words: str, window: Window) -> Feed:
    params = {"q": words, "sort": "latest", "since": _stamp(window.start), "until": _stamp(window.end)}
    return Feed(SEARCH, "posts", params, window)


def _slices(window: Window, length: timedelta) -> Iterator[Window]:
    start = window.start
    while start < window.end:
        end = min(start + length, window.end)
        yield Window(start, end)
        start = end


def _stamp(moment: datetime) -> str:
    return f"{moment:%FT%T}.000Z"


def _walk(api: Api, feed: Feed, position: str) -> Iterator[tuple[_Found, str]]:
    """Yield a feed's posts of the window page by page, each with the cursor of the next, "" after the last."""
    counted, _, start = position.partition(":")
    count, known = int(counted or 0), set[Any]()
    params = {**feed.params, "limit": PAGE_SIZE, **({"cursor": start} if start else {})}
    paginator = Moments() if feed.path == NOTIFICATIONS else ServersCursor()
    with rejecting_cursor(bool(start), (400,), f"{api.context}: Bluesky no longer accepts the saved position"):
        for page in api.pages(feed.path, params, feed.selector, paginator, is_resumed=bool(start)):
            api.require_settled(feed.window, page.response, SETTLED_SECONDS)
            found = [item.get("post", item) for item in page if item.get("reason", "reply") in REASONS]
            api.require_fields(found, ("uri", "author", "record", "indexedAt"))
            count += len(page)
            onward = paginator.onward
            is_past = not onward or api.is_past(feed.window, map(sorted_at, found))
            _require_below_cap(api, feed, count)
            inside = [one for one in found if feed.window.may_hold(sorted_at(one)) and one.get("uri") not in known]
            known = {one.get("uri") for one in found}
            lost = [Rejected("ties_cut", TIES, onward, f"notifications of {onward}")] if paginator.is_cut else []
            yield (_whole(api, feed, inside), lost), "" if is_past else f"{count}:{onward}"
            if is_past:
                return


def sorted_at(post: Record) -> datetime | None:
    """Return the time by which Bluesky orders a post: its author may backdate it, but not into the future."""
    record = post.get("record")
    claimed = record.get("createdAt") if isinstance(record, dict) else None
    return min((at for at in (moment_of(claimed), moment_of(post.get("indexedAt"))) if at), default=None)


def _require_below_cap(api: Api, feed: Feed, count: int) -> None:
    if feed.path == SEARCH and count + PAGE_SIZE > SEARCH_CAP:
        raise ContractBroken(
            f"{api.context}: a search has {count} posts from {feed.window.start:%FT%TZ} to {feed.window.end:%FT%TZ},"
            " about as many as Bluesky ever gives: set option `slice_minutes` of connection bluesky_api lower"
        )


def _whole(api: Api, feed: Feed, posts: list[Record]) -> list[Record]:
    """Return posts as feeds show them: a notification has no counts, and does not change when its post is edited."""
    if feed.path != NOTIFICATIONS:
        return posts
    uris = list(dict.fromkeys(post["uri"] for post in posts))
    batches = [uris[start : start + POSTS_PER_CALL] for start in range(0, len(uris), POSTS_PER_CALL)]
    return [post for batch in batches for post in posts_at(api, batch)]
