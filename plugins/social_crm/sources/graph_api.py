"""Meta's Graph API: lists led on by `paging.next`, codes inside a 400, and objects that may or may not be gone."""

from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

from dlt.sources.helpers.rest_client.auth import BearerTokenAuth
from dlt.sources.helpers.rest_client.paginators import BasePaginator
from requests import Request, Response

from social_crm.errors import CredentialRefused, CursorRejected
from social_crm.sources.model import Connection, Record, Rejected, Window
from social_crm.sources.web.answers import RequestRefused
from social_crm.sources.web.rest import Api, open_api

VERSION = "v23.0"
PAGE_SIZE = 100
SETTLED_SECONDS = 60
# Not of the list but of the request: the token is none of a cursor's business.
_OF_EVERY_REQUEST = frozenset({"access_token", "fields", "limit", "pretty", "format"})
_GONE_OR_HIDDEN = (100, 33)


class NextLink(BasePaginator):
    """Goes on with what `paging.next` asks for; its host and its token are left behind."""

    def update_state(self, response: Response, data: list[Any] | None = None) -> None:
        """Keep what the next page is asked with; an empty page may have one."""
        self._onward = dict(parse_qsl(position_after(response.json())))
        self._has_next_page = bool(self._onward)

    def update_request(self, request: Request) -> None:
        """Ask for the next page."""
        request.params = {**(request.params or {}), **self._onward}


def position_after(body: dict[str, Any]) -> str:
    """Return what leads to the next page, as a query without a secret; "" after the last."""
    link = body.get("paging", {}).get("next", "")
    return urlencode(
        [(name, value) for name, value in parse_qsl(urlsplit(link).query) if name not in _OF_EVERY_REQUEST]
    )


def open_graph(source: str, resource: str, connection: Connection, window: Window | None) -> Api:
    """Open the API with the connection's access token, in a header, for a URL stands in every log on the way."""
    return open_api(source, resource, connection, window, BearerTokenAuth(token=connection.secret))


def listed(
    api: Api, path: str, params: dict[str, Any], window: Window, position: str = ""
) -> Iterator[tuple[list[Record], str]]:
    """Yield a list page by page, each with where to go on, "" after the last."""
    asked = {**params, "limit": PAGE_SIZE, **dict(parse_qsl(position))}
    try:
        for page in api.pages(f"{VERSION}/{path}", asked, "data", NextLink(), is_resumed=bool(position)):
            api.require_settled(window, page.response, SETTLED_SECONDS)
            yield list(page), position_after(page.response.json())
    except RequestRefused as refused:
        if position and _code(refused) == 100:
            raise CursorRejected(f"{api.context}: the Graph API no longer accepts the saved position") from None
        raise _explained(api, refused) from None


def fetched(api: Api, path: str, fields: str) -> Record:
    """Return one object."""
    try:
        return api.fetch(f"{VERSION}/{path}", {"fields": fields})
    except RequestRefused as refused:
        raise _explained(api, refused) from None


def unreadable(refused: RequestRefused, object_id: str) -> Rejected:
    """Return an object that is not served now; raise any other refusal. One such answer is no deletion."""
    error = refused.body.get("error", {})
    if (error.get("code"), error.get("error_subcode")) != _GONE_OR_HIDDEN:
        raise refused
    detail = "code 100/33: deleted, hidden or not permitted; what it holds was not read"
    return Rejected("partial_error", detail, f'{{"id": "{object_id}"}}', object_id)


def _code(refused: RequestRefused) -> int | None:
    error = refused.body.get("error")
    code = error.get("code") if isinstance(error, dict) else None
    return code if isinstance(code, int) else None


def _explained(api: Api, refused: RequestRefused) -> Exception:
    code = _code(refused)
    if code is not None and (code == 10 or 200 <= code < 300):
        source = api.context.partition(".")[0]
        return CredentialRefused(
            f"re-authorise source {source}: the token lacks a permission (code {code}, while reading {api.context})"
        )
    return refused
