"""Lists of Reddit's posts, each read from the newest back to before the window.

A list continues after the name of a post; after a post that was deleted meanwhile it is empty, so an empty page is
requested again after an earlier post. A list ends silently where Reddit keeps no more of it: the part of the window
that may be missing is reported at its end.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any, NamedTuple

from social_crm.errors import ConnectionUnusable, ContractBroken, CursorRejected, SourceUnavailable
from social_crm.sources.model import Connection, Record, Window
from social_crm.sources.moments import moment_of
from social_crm.sources.reddit_api import SUBMISSION, things_of
from social_crm.sources.web.rest import Api

MOST_AT_ONCE = 100
SETTLED_SECONDS = 60
CUT_FROM = 200  # posts: one search ended after 244
STEPS_BACK = 3
DISORDER = timedelta(days=1)


class Feed(NamedTuple):
    """One list of posts."""

    path: str
    params: dict[str, Any]

    @property
    def is_subreddit(self) -> bool:
        """Tell whether it is of one subreddit."""
        return self.path.startswith("r/")


@dataclass(frozen=True)
class Reached:
    """Progress in a list: the last post, the number of posts, and the end of the gap of earlier lists."""

    name: str = ""
    count: int = 0
    gap_end: int = 0

    @classmethod
    def of(cls, position: str) -> "Reached":
        """Read from a cursor what `str` wrote."""
        name, count, gap_end = (position or "/0/0").split("/")
        return cls(name, int(count), int(gap_end))

    def __str__(self) -> str:
        """Write it into a cursor."""
        return f"{self.name}/{self.count}/{self.gap_end}"


def feeds_of(connection: Connection, page_size: int = MOST_AT_ONCE) -> list[Feed]:
    """Return the lists that the connection names."""
    searches, subreddits = (connection.options.get(name, []) for name in ("searches", "subreddits"))
    if not searches and not subreddits:
        raise ConnectionUnusable("connection reddit_api: options `searches` and `subreddits` are empty: name one")
    asked = {"limit": page_size, "raw_json": 1}
    found = {"sort": "new", "t": "all", "type": "link"}
    return [
        *(Feed("search", {**asked, **found, "q": str(words)}) for words in searches),
        *(Feed(f"r/{str(name).removeprefix('r/')}/new", asked) for name in subreddits),
    ]


def page_of(api: Api, feed: Feed, name: str, window: Window | None = None) -> tuple[list[Record], str]:
    """Return the posts of a list after one of them, newest first, and the name to continue from, "" after the last."""
    answer = api.client.get(feed.path, params={**feed.params, **({"after": name} if name else {})})
    if window:
        api.require_settled(window, answer, SETTLED_SECONDS)
    listing = answer.json()
    posts = [thing["data"] for thing in things_of(api, listing) if thing["kind"] == SUBMISSION]
    api.require_fields(posts, ("name", "created_utc"))
    if any(later - earlier > DISORDER for earlier, later in pairwise(_moments(posts))):
        raise ContractBroken(f"{api.context}: posts do not come newest first: the order asked for is ignored")
    return posts, listing["data"].get("after") or ""


def walk(
    api: Api, feed: Feed, window: Window, wide: Window, reached: Reached
) -> Iterator[tuple[list[Record], Reached]]:
    """Yield a list's posts of the window and the look-back, page by page, each with the cursor of the next."""
    names, oldest = [reached.name], window.end
    for _ in api.page_numbers():
        posts, after = _page_after(api, feed, names, window)
        names += [post["name"] for post in posts]
        names += [after] if after not in names else []
        moments = _moments(posts)
        oldest, count = min(moments, default=oldest), reached.count + len(posts)
        inside = [post for post in posts if wide.may_hold(moment_of(post.get("created_utc")))]
        is_past = wide.begins_after(moments)
        if is_past or not after:
            is_cut = not is_past and count >= CUT_FROM and oldest > window.start
            gap_end = int(min(oldest, window.end).timestamp()) if is_cut else 0
            yield inside, Reached(gap_end=max(reached.gap_end, gap_end))
            return
        reached = replace(reached, name=after, count=count)
        yield inside, reached


def _page_after(api: Api, feed: Feed, names: list[str], window: Window) -> tuple[list[Record], str]:
    """Return new posts after the last of these that still exists, and the name to continue from."""
    for steps_back, name in enumerate(names[: -STEPS_BACK - 2 : -1]):
        posts, after = page_of(api, feed, name, window)
        fresh = [post for post in posts if post["name"] not in names]
        if fresh or (after and after not in names):
            return fresh, after
        if posts and not steps_back:
            raise ContractBroken(f"{api.context}: pagination loop: the page after {name} holds known posts only")
        if posts or not name:  # the post that we continued from was the last one
            return [], ""
    if len(names) == 1:
        raise CursorRejected(f"{api.context}: nothing comes after {names[0]}, from where to go on: it may be deleted")
    raise SourceUnavailable(f"{api.context}: posts from which to go on were deleted while they were read; try again")


def _moments(posts: list[Record]) -> list[datetime]:
    return [moment for moment in (moment_of(post.get("created_utc")) for post in posts) if moment]
