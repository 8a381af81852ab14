"""Zendesk Support: tickets with their comments and audits, users, groups and organizations."""

from collections.abc import Callable, Iterator

import orjson
from dlt.sources.helpers.rest_client.auth import HttpBasicAuth

from social_crm.errors import CredentialRefused
from social_crm.sources.model import Connection, Page, Record, Rejected, Request, Resource, Source, Window
from social_crm.sources.web.answers import RequestRefused
from social_crm.sources.web.rest import Api, open_api
from social_crm.sources.zendesk_paging import export, export_tickets, list_pages

EXPORT_SIZE = 1000
TICKETS_AT_ONCE = 100  # a resumed read of comments looks at no more of the export than this again


def read_tickets(request: Request) -> Iterator[Page]:
    """Read the tickets changed in the window, deleted ones too (status `deleted`)."""
    api = _open("tickets", request.connection, request.window)
    if request.window.start < request.window.end:
        yield from export_tickets(api, request, request.cursor, EXPORT_SIZE)


def read_users(request: Request) -> Iterator[Page]:
    """Read the users changed since the window's start, to the end of the stream: they carry no stamp to cut on."""
    api = _open("users", request.connection, request.window)
    if request.window.start < request.window.end:
        for page in export(api, "users", request, request.cursor, EXPORT_SIZE):
            api.require_fields(page.records, ("id", "updated_at"))
            yield page


def _of_each_ticket(name: str) -> Callable[[Request], Iterator[Page]]:
    def extract(request: Request) -> Iterator[Page]:
        """Yield one page per ticket of the window; its cursor is `<export cursor>|<ticket id>`."""
        api = _open(name, request.connection, request.window)
        exported, _, done = (request.cursor or "").rpartition("|")
        if request.window.start == request.window.end:
            return
        for page in export_tickets(api, request, exported or None, TICKETS_AT_ONCE):
            ids = [str(ticket["id"]) for ticket in page.records]
            for ticket_id in ids[ids.index(done) + 1 :] if done in ids else ids:
                yield _hanging_on(api, name, ticket_id, f"{exported}|{ticket_id}")
            exported, done = page.cursor or "", ""

    return extract


def _hanging_on(api: Api, name: str, ticket_id: str, cursor: str) -> Page:
    """Return all comments or audits of a ticket; one that is gone is counted in quarantine, not an error."""
    path, records = f"api/v2/tickets/{ticket_id}/{name}.json", list[Record]()
    try:
        for page in list_pages(api, path, name, None):
            records += [{"ticket_id": int(ticket_id), **record} for record in page.records]
    except RequestRefused as refused:
        if refused.status != 404:
            raise
        content = orjson.dumps({"ticket_id": int(ticket_id)}).decode()
        return Page(
            [], [Rejected("ticket_gone", f"{name} of a deleted ticket", content, f"ticket {ticket_id}")], cursor
        )
    return Page(records, cursor=cursor)


def _whole_list(name: str) -> Callable[[Request], Iterator[Page]]:
    def extract(request: Request) -> Iterator[Page]:
        """Read the whole list as it is now."""
        api = _open(name, request.connection, request.window)
        yield from list_pages(api, f"api/v2/{name}.json", name, request.cursor)

    return extract


def check(connection: Connection) -> None:
    """Ask who we are; Zendesk answers 200 with an anonymous user where it does not take the token."""
    user = _open("check", connection, None).fetch("api/v2/users/me.json").get("user") or {}
    if user.get("id") is None:
        raise CredentialRefused("re-authorise source zendesk: the e-mail and API token are not accepted")


def _open(resource: str, connection: Connection, window: Window | None) -> Api:
    auth = HttpBasicAuth(username=f"{connection.login}/token", password=connection.secret)
    return open_api("zendesk", resource, connection, window, auth)


def _key(record: Record) -> str | None:
    return None if record.get("id") is None else str(record["id"])


def _resource(
    name: str,
    extract: Callable[[Request], Iterator[Page]],
    description: str,
    deletions: str,
    version: str | None = "updated_at",
) -> Resource:
    return Resource(
        name=name,
        extract=extract,
        key=_key,
        event_at=lambda record: record.get("created_at"),
        version_at=lambda record: record.get(version) if version else None,
        description=description,
        deletions=deletions,
    )


_SNAPSHOT_DELETIONS = "A deleted one is missing from the next daily list; the last version stays."

ZENDESK = Source(
    name="zendesk",
    title="Zendesk Support",
    description="E-mail, web form, chat and phone tickets by the cursor-based export, and what hangs on them.",
    resources=(
        _resource(
            "tickets", read_tickets, "One ticket as it was when exported.", "Exported with status `deleted`, next day."
        ),
        _resource(
            "comments",
            _of_each_ticket("comments"),
            "One public or internal comment of a ticket that changed in the window.",
            "A redacted text is read at the ticket's next change; those of a deleted ticket stay as they were.",
            version=None,
        ),
        _resource(
            "audits",
            _of_each_ticket("audits"),
            "One set of changes made to a ticket at one moment.",
            "Audits are never deleted alone; those of a deleted ticket stay as they were.",
            version="created_at",
        ),
        _resource("users", read_users, "One customer or agent.", "A deleted user is exported with `active` false."),
        _resource("groups", _whole_list("groups"), "One team that tickets are assigned to.", _SNAPSHOT_DELETIONS),
        _resource("organizations", _whole_list("organizations"), "One customer organization.", _SNAPSHOT_DELETIONS),
    ),
    check=check,
)
