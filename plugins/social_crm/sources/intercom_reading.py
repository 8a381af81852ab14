"""How Intercom is read: a search for changed conversations, then each of them with its parts."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

from dlt.sources.helpers.rest_client.auth import BearerTokenAuth
from dlt.sources.helpers.rest_client.paginators import JSONResponseCursorPaginator
from requests import PreparedRequest

from social_crm.errors import ContractBroken
from social_crm.sources.fields import field
from social_crm.sources.model import Connection, Page, Record, Rejected, Request, Window
from social_crm.sources.web.answers import naming, rejecting_cursor
from social_crm.sources.web.rest import Api, open_api

VERSION = "2.15"
PER_PAGE = 150
LOOK_AHEAD = timedelta(days=1)
_STARTING_AFTER = field("pages.next.starting_after")


class _Auth(BearerTokenAuth):
    def __call__(self, request: PreparedRequest) -> PreparedRequest:
        # Without it the workspace's default version is used, which its users may change.
        request.headers["Intercom-Version"] = VERSION
        return super().__call__(request)


def open_intercom(resource: str, connection: Connection, window: Window | None) -> Api:
    """Open the API with the connection's access token, in the version that this module knows."""
    return open_api("intercom", resource, connection, window, _Auth(token=connection.secret))


def workspace_of(api: Api) -> str:
    """Return the id of the token's workspace; raises ContractBroken if it has none."""
    workspace = (api.fetch("me").get("app") or {}).get("id_code")
    if not workspace:
        raise ContractBroken(f"{api.context}: the token belongs to no workspace: is the URL Intercom's API?")
    return str(workspace)


def search(api: Api, query: dict[str, Any], cursor: str | None) -> Iterator[Page]:
    """Yield the conversations that a search finds, each page with the cursor of the next."""
    paginator = JSONResponseCursorPaginator(
        cursor_path="pages.next.starting_after", cursor_body_path="pagination.starting_after"
    )
    if cursor:
        query = {**query, "pagination": {**query["pagination"], "starting_after": cursor}}
    with rejecting_cursor(bool(cursor), (400,), f"{api.context}: Intercom no longer accepts the saved cursor"):
        for page in api.pages("conversations/search", {}, "conversations", paginator, bool(cursor), query):
            following = _STARTING_AFTER(page.response.json())
            yield Page(list(page), cursor=following)


def _moved_in(window: Window) -> dict[str, Any]:
    bounds = (">", int(window.start.timestamp()) - 1), ("<", int((window.end + LOOK_AHEAD).timestamp()))
    filters = [{"field": "updated_at", "operator": operator, "value": value} for operator, value in bounds]
    return {"query": {"operator": "AND", "value": filters}, "pagination": {"per_page": PER_PAGE}}


def of_each_conversation(name: str, chosen: Callable[[Record], list[Record]]) -> Callable[[Request], Iterator[Page]]:
    """Return a reader of selected parts of each conversation that changed in a window."""

    def extract(request: Request) -> Iterator[Page]:
        """Yield one page per changed conversation; its cursor is `<search cursor>|<conversation id>`."""
        api = open_intercom(name, request.connection, request.window)
        searched, _, done = (request.cursor or "").rpartition("|")
        workspace = workspace_of(api)
        for page in search(api, _moved_in(request.window), searched or None):
            api.require_fields(page.records, ("id", "updated_at"))
            ahead = request.window.widened(timedelta(), LOOK_AHEAD)
            api.require_inside(ahead, (conversation.get("updated_at") for conversation in page.records))
            ids = [str(conversation["id"]) for conversation in page.records]
            for number in ids[ids.index(done) + 1 :] if done in ids else ids:
                yield _conversation(api, number, workspace, chosen, f"{searched}|{number}")
            searched, done = page.cursor or "", ""

    return extract


def _conversation(api: Api, number: str, workspace: str, chosen: Callable[[Record], list[Record]], cursor: str) -> Page:
    """Return the selected parts of a conversation; a deleted or truncated one is counted in quarantine."""
    with naming(f"conversation {number}"):
        conversation = api.fetch_or_none(f"conversations/{number}")
    if conversation is None:
        gone = Rejected("conversation_gone", "deleted since the search", number, f"conversation {number}")
        return Page([], [gone], cursor)
    api.require_fields([conversation], ("source", "conversation_parts", "created_at"))
    listed = conversation["conversation_parts"] or {}
    parts = api.list_in(listed, "conversation_parts") if listed.get("conversation_parts") else []
    total, given = int(listed.get("total_count") or 0), len(parts)
    cut = (
        [Rejected("parts_cut", f"{given} of {total} given", number, f"conversation {number}")] if total > given else []
    )
    return Page(chosen({**conversation, "workspace": workspace}), cut, cursor)


def parts_of(conversation: Record) -> list[Record]:
    """Return the opening message and all parts, each with the fields of its conversation that staging needs."""
    source, at = conversation["source"] or {}, conversation["created_at"]
    opening = {**source, "part_type": "source", "created_at": at, "updated_at": at, "state": "open"}
    parts = (conversation["conversation_parts"] or {}).get("conversation_parts") or []
    contacts = (conversation.get("contacts") or {}).get("contacts") or []
    shared = {
        "conversation_id": str(conversation["id"]), "channel": source.get("type"),
        "workspace": conversation["workspace"],
        "contact_external_id": contacts[0].get("external_id") if len(contacts) == 1 else None,
    }  # fmt: skip
    return [{**part, **shared} for part in (opening, *parts)]


def said_in(conversation: Record) -> list[Record]:
    """Return the parts with words; a redacted part without words is a newer version of it."""
    parts = parts_of(conversation)
    return [part for part in parts if part.get("body") or part.get("redacted") or part.get("part_type") == "source"]


def steps_of(conversation: Record) -> list[Record]:
    """Return every part without its text."""
    words = ("body", "subject", "attachments")
    return [{name: part[name] for name in part if name not in words} for part in parts_of(conversation)]
