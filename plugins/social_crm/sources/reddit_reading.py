"""How Reddit is read: posts of its lists, the comments below them, and what raw holds, again by id.

The lists show no deletions and no edits of older posts; requests by id show both. A gap, and a subreddit that
is closed to us, are reported after everything else was read.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from datetime import UTC, datetime

from social_crm.errors import ConnectionUnusable, WindowUnavailable
from social_crm.sources.model import Page, Record, Rejected, Request, Window
from social_crm.sources.moments import moment_of
from social_crm.sources.reddit_api import IDS_PER_CALL, known_things, open_reddit
from social_crm.sources.reddit_lists import Reached, feeds_of, walk
from social_crm.sources.reddit_threads import comments_below
from social_crm.sources.web.answers import RequestRefused
from social_crm.sources.web.lists import Lists
from social_crm.sources.web.rest import Api

LOOK_BACK_DAYS = 7
# Posts per cursor: each may cost many requests for comments, and a rate limit may come between.
POSTS_AT_ONCE = {"submissions": 100, "comments": 10}


def read_submissions(request: Request) -> Iterator[Page]:
    """Read the posts of the searches and the subreddits."""
    yield from _read(request, "submissions", lambda _, post, lost: [post])


def read_comments(request: Request) -> Iterator[Page]:
    """Read all comments below the same posts."""
    yield from _read(request, "comments", comments_below)


def _read(
    request: Request, resource: str, records_of: Callable[[Api, Record, list[Rejected]], Iterable[Record]]
) -> Iterator[Page]:
    window = request.window
    api = open_reddit(resource, request.connection, window)
    feeds = feeds_of(request.connection, POSTS_AT_ONCE[resource])
    lists = Lists(tuple(map(str, feeds)), "searches and subreddits of connection reddit_api")
    first, position = lists.resume(request.cursor, api.context)
    reached, posts_read, read = Reached.of(position), set[str](), set[str]()
    wide = request.looked_back(LOOK_BACK_DAYS)
    closed: list[str] = []
    for number in range(first, len(feeds)):
        walked = walk(api, feeds[number], window, wide, reached)
        try:
            for posts, reached in walked:
                news = [post for post in posts if post["name"] not in posts_read]
                posts_read.update(post["name"] for post in news)
                lost: list[Rejected] = []
                found = [one for post in news for one in records_of(api, post, lost) if _is_begun(one, window)]
                read.update(one["name"] for one in found)
                # After a list that is closed to us there is no cursor, so the next attempt begins with that list.
                cursor = None if closed else lists.cursor(number + (not reached.name), str(reached))
                yield Page(found, lost, cursor)
        except RequestRefused as refused:
            # Reddit redirects from a missing subreddit to a search for its name.
            is_closed = refused.is_of_something_gone or refused.status in (301, 302)
            if not (feeds[number].is_subreddit and is_closed):
                raise
            closed.append(feeds[number].path)
            reached = Reached(gap_end=reached.gap_end)
    known = sorted({*request.known.ids} - read)
    known = [name for name in known if name > reached.name]
    for start in range(0, len(known), IDS_PER_CALL):
        names = known[start : start + IDS_PER_CALL]
        reached = replace(reached, name=names[-1])
        yield Page(known_things(api, names), cursor=None if closed else lists.cursor(len(feeds), str(reached)))
    if closed:
        raise ConnectionUnusable(
            f"{api.context}: {', '.join(closed)}: private, banned, renamed or not there; correct option `subreddits`"
            " of connection reddit_api, or clear this task once it is open again"
        )
    if reached.gap_end:
        gap_end = datetime.fromtimestamp(reached.gap_end, UTC)
        gap = f"{window.start:%FT%TZ} to {gap_end:%FT%TZ}"
        raise WindowUnavailable(f"{api.context}: a list may have ended before {gap} was shown", window.start, gap_end)


def _is_begun(thing: Record, window: Window) -> bool:
    return window.ends_after(moment_of(thing.get("created_utc")))
