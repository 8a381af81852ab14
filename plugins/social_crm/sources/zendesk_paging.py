"""How Zendesk pages: lists by `meta`, the incremental export by `after_cursor`, ordered by `generated_timestamp`.

System updates change that timestamp but not `updated_at`, so windows are not cut by `updated_at`. A ticket is listed
once, at its newest timestamp: one that changes every night before the daily run would never be in any window.
Therefore a window also takes tickets created before its end whose timestamp is up to a day after it.
"""

from collections.abc import Iterator
from contextlib import AbstractContextManager
from datetime import timedelta
from typing import Any

from dlt.sources.helpers.rest_client.paginators import JSONResponseCursorPaginator
from requests import Request as HttpRequest
from requests import Response

from social_crm.errors import ContractBroken
from social_crm.sources.model import Page, Record, Request, Window
from social_crm.sources.moments import moment_of
from social_crm.sources.web.answers import rejecting_cursor
from social_crm.sources.web.rest import Api

LOOK_AHEAD = timedelta(days=1)
SETTLED_SECONDS = 60  # the export leaves out the newest minute


class ExportPaginator(JSONResponseCursorPaginator):
    """Follow `after_cursor` until `end_of_stream`, and never repeat `start_time` beside a cursor."""

    def __init__(self) -> None:
        """Use the names of the incremental export."""
        super().__init__(cursor_path="after_cursor", cursor_param="cursor")

    def update_state(self, response: Response, data: list[Any] | None = None) -> None:
        """Stop at the end of the stream; a page with neither end nor cursor is malformed."""
        super().update_state(response, data)
        is_end = response.json().get("end_of_stream")
        if not isinstance(is_end, bool) or not (is_end or self._has_next_page):
            raise ValueError("neither end_of_stream nor after_cursor")
        self._has_next_page = not is_end

    def update_request(self, request: HttpRequest) -> None:
        """Ask for the next page by cursor alone."""
        super().update_request(request)
        request.params.pop("start_time", None)


class ListPaginator(JSONResponseCursorPaginator):
    """Follow `meta`, because `links.next` is also sent on the last page, and names a host.

    Audits of archived tickets come complete, in the older form without `meta`, which says that nothing follows.
    """

    def __init__(self) -> None:
        """Use the names of cursor lists."""
        super().__init__(cursor_path="meta.after_cursor", cursor_param="page[after]", has_more_path="meta.has_more")

    def update_state(self, response: Response, data: list[Any] | None = None) -> None:
        """Stop where the older form ends; if it continues, it is not what was requested."""
        body = response.json()
        if "meta" not in body and "next_page" in body and body["next_page"] is None:
            self._has_next_page = False
        else:
            super().update_state(response, data)


def export(api: Api, name: str, request: Request, cursor: str | None, size: int) -> Iterator[Page]:
    """Yield an export's pages to the end of the stream, each with the cursor of the next."""
    where: Record = {"cursor": cursor} if cursor else {"start_time": int(request.window.start.timestamp())}
    path, params = f"api/v2/incremental/{name}/cursor.json", {**where, "per_page": size}
    with _resuming(api, cursor):
        for page in api.pages(path, params, name, ExportPaginator(), is_resumed=bool(cursor)):
            api.require_settled(request.window, page.response, SETTLED_SECONDS)
            has_more = page.paginator.has_next_page
            yield Page(list(page), cursor=page.response.json()["after_cursor"] if has_more else None)


def _resuming(api: Api, cursor: str | None) -> AbstractContextManager[None]:
    return rejecting_cursor(bool(cursor), (400, 422), f"{api.context}: Zendesk no longer accepts the saved cursor")


def export_tickets(api: Api, request: Request, cursor: str | None, size: int) -> Iterator[Page]:
    """Yield the tickets of the window, including ties at a page boundary, and stop after the look-ahead."""
    newest = int(request.window.start.timestamp())
    for page in export(api, "tickets", request, cursor, size):
        api.require_fields(page.records, ("id", "created_at", "generated_timestamp"))
        moments = [moment_of(ticket.get("generated_timestamp")) for ticket in page.records]
        stamps = [int(moment.timestamp()) for moment in moments if moment]
        if stamps and stamps[0] < newest and newest == int(request.window.start.timestamp()):
            raise ContractBroken(f"{api.context}: the export ignored start_time {newest}")
        if stamps != sorted(stamps) or (stamps and stamps[0] < newest):
            raise ContractBroken(f"{api.context}: the export is not ordered by generated_timestamp")
        newest = stamps[-1] if stamps else newest
        is_last = newest >= (request.window.end + LOOK_AHEAD).timestamp()
        yield Page(
            [ticket for ticket in page.records if _belongs(ticket, request.window)],
            cursor=None if is_last else page.cursor,
        )
        if is_last:
            return


def list_pages(api: Api, path: str, name: str, cursor: str | None) -> Iterator[Page]:
    """Yield the pages of a cursor list, each with the cursor of the next."""
    paginator = ListPaginator()
    params: dict[str, str | int] = {"page[size]": 100, **({"page[after]": cursor} if cursor else {})}
    with _resuming(api, cursor):
        for page in api.pages(path, params, name, paginator, is_resumed=bool(cursor)):
            api.require_fields(page, ("id",))
            has_more = paginator.has_next_page
            yield Page(list(page), cursor=page.response.json()["meta"]["after_cursor"] if has_more else None)


def _belongs(ticket: Record, window: Window) -> bool:
    stamp, created_at = moment_of(ticket.get("generated_timestamp")), moment_of(ticket.get("created_at"))
    if stamp is None or stamp < window.end:
        return True
    return stamp < window.end + LOOK_AHEAD and (created_at is None or created_at < window.end)
