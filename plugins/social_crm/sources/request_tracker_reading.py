"""How Request Tracker is read: by the history of its tickets, which only grows.

Quirks, seen on a real server: a search for tickets never returns deleted or merged ones; their history does. Times in a
query are read in the login's own time zone, a `Z` after one drops its time of day, and an invalid time means 1970. So a
history is requested wider than its window and cut by the UTC times of its answers. `total` and `pages` are null for all
but superusers, and a page may be short, because rows that the login may not see are left out after counting. So each
page begins after the last id, not at an offset. An empty page may contain hidden rows, so reading ends only where RT
counts nothing, or after `LOOK_AHEAD` empty pages in a row. Rows of a ticket that was merged into one that the login may
not see have empty fields, and count as hidden. A merged ticket answers as the ticket it was merged into. `_url` has the
configured host, whatever host was used, so it is not followed.
"""

from collections.abc import Callable, Iterator
from urllib.parse import quote

from dlt.sources.helpers.rest_client.auth import APIKeyAuth, HttpBasicAuth
from dlt.sources.helpers.rest_client.paginators import SinglePagePaginator

from social_crm.errors import ContractBroken
from social_crm.sources.model import Connection, Page, Record, Request, Window
from social_crm.sources.moments import moment_of
from social_crm.sources.web.rest import LOCAL_SLACK, Api, open_api

ROOT = "REST/2.0"
PER_PAGE = 100  # maximum page size
SETTLED_SECONDS = 60
LOOK_AHEAD = 10  # pages, that is, 1,000 hidden steps in a row: only superusers are told that there is more
IN_ORDER = {"orderby": "id", "per_page": PER_PAGE}
FIELDS = "Type,Field,OldValue,NewValue,Created,Creator,ObjectId"


class Directory:
    """Users and names of queues, each requested once."""

    def __init__(self, api: Api) -> None:
        """Start empty."""
        self.api, self._known = api, dict[str, Record]()
        self.read_tickets = set[int]()

    def user(self, name: str) -> Record:
        """Return a user's number and whether they are staff, by number or name; nothing for a deleted user."""
        return self._about("user", name, "_hyperlinks")

    def queue(self, number: str) -> Record:
        """Return a queue by its number."""
        return self._about("queue", number, "Name")

    def _about(self, kind: str, name: str, told: str) -> Record:
        path = f"{ROOT}/{kind}/{quote(name, safe='')}"
        if path not in self._known:
            found = self.api.fetch_or_none(path)
            if found is not None:  # with an error inside a 200, staff would be taken for customers
                self.api.require_fields([found], [told])
            links = self.api.list_in(found, "_hyperlinks") if found and "_hyperlinks" in found else []
            # Only the link gives a user's number to those who are no superusers.
            numbers = [link["id"] for link in links if link.get("ref") == "self"]
            self._known[path] = {"id": next(iter(numbers), None), **(found or {})}
        return self._known[path]


def open_request_tracker(resource: str, connection: Connection, window: Window | None) -> Api:
    """Open the API with a login and its password, or without a login by a token."""
    token = APIKeyAuth(api_key=f"token {connection.secret}")
    auth = HttpBasicAuth(connection.login, connection.secret) if connection.login else token
    return open_api("request_tracker", resource, connection, window, auth)


def of_the_history(
    name: str, chosen: str, what_of: Callable[[Directory, list[Record]], Page]
) -> Callable[[Request], Iterator[Page]]:
    """Return a reader of the records of selected transactions of a window."""

    def extract(request: Request) -> Iterator[Page]:
        """Yield one page per page of the history; its cursor is the last id read."""
        api = open_request_tracker(name, request.connection, request.window)
        directory = Directory(api)
        for records, reached in _history(api, request.window, chosen, int(request.cursor or 0)):
            inside = [record for record in records if request.window.may_hold(moment_of(record.get("Created")))]
            page = what_of(directory, inside)
            yield Page(page.records, page.rejected, cursor=str(reached))

    return extract


def _history(api: Api, window: Window, chosen: str, reached: int) -> Iterator[tuple[list[Record], int]]:
    wide = window.widened(LOCAL_SLACK, LOCAL_SLACK)
    span = f"Created >= '{wide.start:%F %T}' AND Created < '{wide.end:%F %T}'"
    for _ in api.page_numbers():
        query = f"ObjectType = 'RT::Ticket' AND TicketType = 'ticket' AND {chosen} AND {span} AND id > {reached}"
        page = _next_shown(api, window, query)
        if not page:
            return
        api.require_fields(page, FIELDS.split(","))
        records = [record for record in page if record.get("Type")]
        api.require_inside(wide.widened(LOCAL_SLACK, LOCAL_SLACK), (record.get("Created") for record in records))
        ids = [int(record["id"]) for record in page]
        if ids != sorted(set(ids)) or ids[0] <= reached:
            raise ContractBroken(f"{api.context}: the history is not in order of id, or does not go on after {reached}")
        reached = ids[-1]
        yield records, reached


def _next_shown(api: Api, window: Window, query: str) -> list[Record]:
    """Return the first page of a search with anything visible; an empty one if nothing is left."""
    params = {"query": query, "fields": FIELDS, "fields[Creator]": "id,Name,EmailAddress,RealName", **IN_ORDER}
    for number in range(1, LOOK_AHEAD + 1):
        [page] = api.pages(f"{ROOT}/transactions", {**params, "page": number}, "items", SinglePagePaginator())
        api.require_settled(window, page.response, SETTLED_SECONDS)
        pages = page.response.json().get("pages")
        if page or (pages is not None and number >= pages):
            return list(page)
    return []
