"""How Zendesk is read: exports of tickets and users, comments and audits of each ticket, and complete lists."""

from collections.abc import Callable, Iterator

import orjson
from dlt.sources.helpers.rest_client.auth import HttpBasicAuth

from social_crm.sources.model import Connection, Page, Record, Rejected, Request, Window
from social_crm.sources.web.answers import naming, unless_gone
from social_crm.sources.web.rest import Api, open_api
from social_crm.sources.zendesk_paging import export, export_tickets, list_pages

EXPORT_SIZE = 1000
TICKETS_AT_ONCE = 100  # a resumed read of comments re-reads at most this much of the export


def read_tickets(request: Request) -> Iterator[Page]:
    """Read the tickets changed in the window, including deleted ones (status `deleted`)."""
    api = open_zendesk("tickets", request.connection, request.window)
    yield from export_tickets(api, request, request.cursor, EXPORT_SIZE)


def read_users(request: Request) -> Iterator[Page]:
    """Read the users changed since the window's start, to the end of the stream: they have no timestamp to cut at."""
    api = open_zendesk("users", request.connection, request.window)
    for page in export(api, "users", request, request.cursor, EXPORT_SIZE):
        api.require_fields(page.records, ("id", "updated_at"))
        yield page


def of_each_ticket(name: str) -> Callable[[Request], Iterator[Page]]:
    """Return a reader of the comments or audits of each ticket of a window."""

    def extract(request: Request) -> Iterator[Page]:
        """Yield one page per ticket of the window; its cursor is `<export cursor>|<ticket id>`."""
        api = open_zendesk(name, request.connection, request.window)
        exported, _, done = (request.cursor or "").rpartition("|")
        for page in export_tickets(api, request, exported or None, TICKETS_AT_ONCE):
            ids = [str(ticket["id"]) for ticket in page.records]
            for ticket_id in ids[ids.index(done) + 1 :] if done in ids else ids:
                yield _hanging_on(api, name, ticket_id, f"{exported}|{ticket_id}")
            exported, done = page.cursor or "", ""

    return extract


def _hanging_on(api: Api, name: str, ticket_id: str, cursor: str) -> Page:
    """Return all comments or audits of a ticket; a deleted ticket is counted in quarantine, not an error."""
    path, records = f"api/v2/tickets/{ticket_id}/{name}.json", list[Record]()
    with naming(f"ticket {ticket_id}"), unless_gone():
        for page in list_pages(api, path, name, None):
            records += [{"ticket_id": int(ticket_id), **record} for record in page.records]
        return Page(records, cursor=cursor)
    content = orjson.dumps({"ticket_id": int(ticket_id)}).decode()
    return Page([], [Rejected("ticket_gone", f"{name} of a deleted ticket", content, f"ticket {ticket_id}")], cursor)


def whole_list(name: str) -> Callable[[Request], Iterator[Page]]:
    """Return a reader of a list that Zendesk returns completely."""

    def extract(request: Request) -> Iterator[Page]:
        """Read the complete list as it is now."""
        api = open_zendesk(name, request.connection, request.window)
        yield from list_pages(api, f"api/v2/{name}.json", name, request.cursor)

    return extract


def open_zendesk(resource: str, connection: Connection, window: Window | None) -> Api:
    """Open the API with the connection's e-mail and API token."""
    auth = HttpBasicAuth(username=f"{connection.login}/token", password=connection.secret)
    return open_api("zendesk", resource, connection, window, auth)
