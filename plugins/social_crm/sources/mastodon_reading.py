"""Timelines of Mastodon: forward from `min_id` without a gap, or back from the newest, by the Link headers.

Status ids encode the time at which the server received them, so windows are cut by id: a status that another server
sends late or backdates has an earlier time. `since_id` would return only the newest page and lose those in between.
Notifications have another kind of ids and are read back until they are too old.
A page may be short or empty before the end, because the server filters after counting: only a missing link is the end.
"""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any, NamedTuple
from urllib.parse import parse_qs, urlsplit

from dlt.sources.helpers.rest_client.paginators import HeaderLinkPaginator
from requests import Response

from social_crm.errors import ContractBroken
from social_crm.sources.mastodon_api import open_mastodon, own_id, rooted
from social_crm.sources.model import Connection, Page, Record, Request, Window
from social_crm.sources.moments import moment_of
from social_crm.sources.web.answers import ITEMS, rejecting_cursor
from social_crm.sources.web.lists import Lists
from social_crm.sources.web.rest import Api

LOOK_BACK_MINUTES = 1440
SETTLED_SECONDS = 10
PAGE_SIZE = 40  # maximum of a timeline


class Feed(NamedTuple):
    """One list of statuses, and the direction in which it is read."""

    path: str
    params: dict[str, Any]
    is_backward: bool = False


def first_id_of(moment: datetime) -> int:
    """Return the lowest id that a status of this moment may have: its milliseconds, and 16 bits for ties."""
    return int(moment.timestamp() * 1000) << 16


def read_statuses(request: Request) -> Iterator[Page]:
    """Read statuses that mention us, our own, and those with our hashtags."""
    wide = request.looked_back(LOOK_BACK_MINUTES, "minutes")
    api = open_mastodon("statuses", request.connection, request.window)
    feeds = _feeds(api, request.connection)
    lists = Lists(tuple(feed.path for feed in feeds), "hashtags of connection mastodon_api")
    walked = lists.walk(request.cursor, api.context, lambda number, position: _walk(api, feeds[number], wide, position))
    roots: dict[str, str] = {}
    for statuses, cursor in walked:
        yield Page([rooted(api, status, roots) for status in statuses], cursor=cursor)


def _feeds(api: Api, connection: Connection) -> list[Feed]:
    me = own_id(api)
    tags = [str(tag).removeprefix("#") for tag in connection.options.get("hashtags", [])]
    # By default a server hides private messages of strangers, unless they are requested.
    mentions = {"types[]": "mention", "include_filtered": "true"}
    return [
        Feed("api/v1/notifications", mentions, is_backward=True),
        Feed(f"api/v1/accounts/{me}/statuses", {"exclude_reblogs": "true"}),
        *(Feed(f"api/v1/timelines/tag/{tag}", {}) for tag in tags),
    ]


def _walk(api: Api, feed: Feed, window: Window, position: str) -> Iterator[tuple[list[Record], str]]:
    """Yield a feed's statuses of the window page by page, each with the cursor of the next, "" after the last."""
    name, rel = ("max_id", "next") if feed.is_backward else ("min_id", "prev")
    start = position or ("" if feed.is_backward else str(first_id_of(window.start) - 1))
    params = {**feed.params, "limit": PAGE_SIZE, **({name: start} if start else {})}
    told = f"{api.context}: Mastodon no longer accepts the saved position"
    with rejecting_cursor(bool(position), (400, 404, 422), told):
        for page in api.pages(feed.path, params, ITEMS, HeaderLinkPaginator(rel), is_resumed=bool(position)):
            api.require_settled(window, page.response, SETTLED_SECONDS)
            statuses = [item.get("status") for item in page] if feed.is_backward else list(page)
            found = [status for status in statuses if isinstance(status, dict)]
            api.require_fields(found, ("id", "created_at", "account"))
            _require_ids_of_their_time(api, found)
            if not feed.is_backward and found:
                seconds = [(int(status["id"]) >> 16) / 1000 for status in found]
                newest = datetime.fromtimestamp(max(seconds), UTC)
                api.require_inside(Window(window.start, max(window.end, newest)), seconds)
            is_past = _is_past(api, feed, list(page), found, window)
            inside = [status for status in found if _is_inside(status, window)]
            yield inside, "" if is_past else _position(page.response, rel, name)
            if is_past:
                return


def _moments(statuses: list[Record]) -> list[Any]:
    return [status.get("created_at") for status in statuses]


def _require_ids_of_their_time(api: Api, statuses: list[Record]) -> None:
    if not all(str(status.get("id")).isdecimal() for status in statuses):
        raise ContractBroken(
            f"{api.context}: ids of statuses are no numbers: this server is not Mastodon's own software"
        )


def _is_inside(status: Record, window: Window) -> bool:
    return first_id_of(window.start) <= int(status["id"]) < first_id_of(window.end)


def _is_past(api: Api, feed: Feed, items: list[Record], found: list[Record], window: Window) -> bool:
    """Tell whether all further pages are outside the window."""
    if feed.is_backward:
        return api.is_past(window, map(moment_of, _moments(items)))
    return bool(found) and min(int(status["id"]) for status in found) >= first_id_of(window.end)


def _position(response: Response, rel: str, name: str) -> str:
    link = response.links.get(rel, {}).get("url", "")
    return parse_qs(urlsplit(link).query).get(name, [""])[0]
