"""Lists of a WordPress site, in order of id, by offset.

Quirks, seen on a real site: filters compare the site's local times, which occur twice in an autumn night and do not
change with the site's time zone. So a list is requested wider than its window and cut by GMT. `after` excludes its own
second. A parameter that this version does not know is ignored with a 200. A page may be short, because rows that the
user may not read are left out after counting, so `X-WP-Total` ends a list; beyond it posts answer 400 and comments an
empty list. A permanent deletion moves all later records up by one, so each page begins with the last record of the one
before.
"""

from collections.abc import Iterator
from typing import Any, NamedTuple

from dlt.sources.helpers.rest_client.auth import HttpBasicAuth
from dlt.sources.helpers.rest_client.paginators import BasePaginator
from requests import Request as HttpRequest
from requests import Response

from social_crm.errors import CursorRejected
from social_crm.sources.model import Connection, Page, Record, Request, Window
from social_crm.sources.moments import moment_of
from social_crm.sources.web.answers import ITEMS
from social_crm.sources.web.lists import Lists
from social_crm.sources.web.rest import LOCAL_SLACK, Api, open_api

PAGE_SIZE = 100  # WordPress' maximum
SETTLED_SECONDS = 10
WALKS = 3


class Listing(NamedTuple):
    """One list: its address, its parameters, and, if it is cut, the field and the window by which."""

    route: str
    params: dict[str, Any]
    fields: tuple[str, ...]
    moment: str = ""
    window: Window | None = None


class _Moved(Exception):
    """The list lost a record while it was read."""


class OverlappingPages(BasePaginator):
    """Request the next page by offset, one record back, until the total is reached."""

    def __init__(self, offset: int) -> None:
        """Begin at an offset."""
        super().__init__()
        self.offset = offset

    def init_request(self, request: HttpRequest) -> None:
        """Ask for the first page."""
        self.update_request(request)

    def update_state(self, response: Response, data: list[Any] | None = None) -> None:
        """Raise ValueError if a proxy removed the header with the length of the list."""
        self._has_next_page = self.offset + PAGE_SIZE < int(response.headers.get("X-WP-Total", ""))
        self.offset += PAGE_SIZE - 1

    def update_request(self, request: HttpRequest) -> None:
        """Set the offset."""
        request.params = {**(request.params or {}), "offset": self.offset}


def open_wordpress(resource: str, connection: Connection, window: Window | None) -> Api:
    """Open the API with a user's application password."""
    auth = HttpBasicAuth(connection.login, connection.secret)
    return open_api("wordpress", resource, connection, window, auth)


def fetch(api: Api, route: str) -> Record:
    """Return one object by `rest_route`, which also works for a site without pretty permalinks."""
    return api.fetch("/", {"rest_route": f"/{route}", "context": "edit"})


def read_lists(request: Request, name: str, listings: list[Listing]) -> Iterator[Page]:
    """Read lists one after another; a cursor holds the list, the offset and the id that must stand there."""
    api = open_wordpress(name, request.connection, request.window)
    lists = Lists(tuple(f"{listing.route} {listing.params}" for listing in listings), f"lists of {name}")
    for records, cursor in lists.walk(
        request.cursor,
        api.context,
        lambda number, position: _walk_until_still(api, listings[number], request.window, position),
    ):
        yield Page(records, cursor=cursor)


def _walk_until_still(api: Api, listing: Listing, window: Window, position: str) -> Iterator[tuple[list[Record], str]]:
    for _ in range(WALKS):
        try:
            yield from _walk(api, listing, window, position)
        except _Moved:
            position = ""
        else:
            return
    raise CursorRejected(f"{api.context}: records were removed during each of {WALKS} walks; try again later")


def _walk(api: Api, listing: Listing, window: Window, position: str) -> Iterator[tuple[list[Record], str]]:
    """Yield a list page by page, each with the cursor of the next, "" after the last."""
    offset, _, anchor = position.partition("/")
    params = {
        "rest_route": f"/{listing.route}", "context": "edit", "orderby": "id", "order": "asc",
        "per_page": PAGE_SIZE, "_fields": ",".join(listing.fields), **listing.params,
    }  # fmt: skip
    pages = OverlappingPages(int(offset or 0))
    for page in api.pages("/", params, ITEMS, pages, is_resumed=bool(position)):
        records = list(page)
        api.require_settled(window, page.response, SETTLED_SECONDS)
        api.require_fields(records, {name.partition(".")[0] for name in listing.fields})
        if anchor and (not records or str(records[0]["id"]) != anchor):
            raise _Moved
        # If a record was left out of the page, the last one is unknown.
        anchor = str(records[-1]["id"]) if len(records) == PAGE_SIZE else ""
        onward = f"{pages.offset}/{anchor}" if pages.has_next_page else ""
        yield _inside(api, listing, records), onward


def _inside(api: Api, listing: Listing, records: list[Record]) -> list[Record]:
    window = listing.window
    if window is None:
        return records
    stamps = [record.get(listing.moment) for record in records]
    api.require_inside(window.widened(LOCAL_SLACK, LOCAL_SLACK), stamps)
    return [record for record, at in zip(records, map(moment_of, stamps), strict=True) if window.may_hold(at)]


def spanning(window: Window, after: str, before: str) -> dict[str, str]:
    """Return the filters of a window, wide enough for a site's local times."""
    return {after: f"{window.start - LOCAL_SLACK:%FT%TZ}", before: f"{window.end + LOCAL_SLACK:%FT%TZ}"}
