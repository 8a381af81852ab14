"""How Request Tracker is read: by the history of its tickets, which only grows.

Quirks, seen on a real server: a search for tickets never gives deleted or merged ones, whatever it asks for; their
history does. Moments in a query are read in the login's own time zone, a `Z` behind one costs it its time of day, and
what is no moment means 1970: a history is asked for wider than its window, and cut by the UTC of its answers. `total`
and `pages` are null for all but superusers, and a page may be short, for what the login may not see is left out after
counting. So each page begins after the last id rather than at a number of rows; an empty one may hold what is hidden,
and what lies behind it is looked at: a walk ends where RT counts nothing, or where `LOOK_AHEAD` pages in a row are
empty. What belongs to a ticket that was merged into one that the login may not see has empty fields, and is as unseen
as that one. A ticket that was merged answers as the one it went into. `_url` is the configured host, whatever host
was asked: it is not followed.
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
PER_PAGE = 100  # the most that it gives
SETTLED_SECONDS = 60
LOOK_AHEAD = 10  # pages, which is a run of 1,000 hidden steps: RT tells only superusers that there is more
IN_ORDER = {"orderby": "id", "per_page": PER_PAGE}
FIELDS = "Type,Field,OldValue,NewValue,Created,Creator,ObjectId"


class Directory:
    """Who is behind a user and what a queue is called, each asked for once."""

    def __init__(self, api: Api) -> None:
        """Nothing is known yet."""
        self.api, self._known = api, dict[str, Record]()
        self.read_tickets = set[int]()

    def user(self, name: str) -> Record:
        """Return a user's number and whether they are staff, by number or name; nothing of one who is gone."""
        return self._about("user", name, "_hyperlinks")

    def queue(self, number: str) -> Record:
        """Return a queue by its number."""
        return self._about("queue", number, "Name")

    def _about(self, kind: str, name: str, told: str) -> Record:
        path = f"{ROOT}/{kind}/{quote(name, safe='')}"
        if path not in self._known:
            found = self.api.fetch_or_none(path)
            if found is not None:  # an error in a 200 says nothing of staff, who would pass for customers
                self.api.require_fields([found], [told])
            links = self.api.list_in(found, "_hyperlinks") if found and "_hyperlinks" in found else []
            # All but superusers are told a user's number by the link alone.
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
    """Return a reader of what belongs to the chosen transactions of a window."""

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
    """Return the first page of a search that shows something; an empty one where nothing is left to be seen."""
    params = {"query": query, "fields": FIELDS, "fields[Creator]": "id,Name,EmailAddress,RealName", **IN_ORDER}
    for number in range(1, LOOK_AHEAD + 1):
        [page] = api.pages(f"{ROOT}/transactions", {**params, "page": number}, "items", SinglePagePaginator())
        api.require_settled(window, page.response, SETTLED_SECONDS)
        pages = page.response.json().get("pages")
        if page or (pages is not None and number >= pages):
            return list(page)
    return []
