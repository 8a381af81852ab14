"""Meta's Graph API: lists with `paging.next`, error codes inside a 400, and objects that may or may not be deleted."""

import logging
from collections.abc import Callable, Iterator
from functools import cache
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

from dlt.sources.helpers.rest_client.auth import BearerTokenAuth
from dlt.sources.helpers.rest_client.paginators import BasePaginator
from requests import Request as HttpRequest
from requests import Response

from social_crm.errors import ContractBroken, CredentialRefused, CursorRejected
from social_crm.sources.model import Connection, Record, Rejected, Request, Window
from social_crm.sources.moments import moment_of
from social_crm.sources.web.answers import RequestRefused
from social_crm.sources.web.rest import Api, open_api

log = logging.getLogger(__name__)
VERSION = "v23.0"
PAGE_SIZE = 100
# Objects per cursor, when their comments are read: each costs a request, and a rate limit may come between.
PARENTS_AT_ONCE = 25
LOOK_BACK_DAYS = 28  # a comment only has its time of creation, so all of so many days are read again
SETTLED_SECONDS = 60
# Parameters of the request, not of the list: the token must not get into a cursor.
_OF_EVERY_REQUEST = frozenset({"access_token", "fields", "limit", "pretty", "format"})
_GONE_OR_HIDDEN = (100, 33)
SERVED = f"Version {VERSION} of the Graph API is used, which Meta serves until 8 October 2027."
DELETIONS = "Deleted: missing from later reads; the last version stays. Code 100/33 can also mean that it is hidden."


class NextLink(BasePaginator):
    """Continues with the query of `paging.next`, without its host and token."""

    def update_state(self, response: Response, data: list[Any] | None = None) -> None:
        """Keep the cursor of the next page, which even an empty page may have."""
        self._onward = dict(parse_qsl(position_after(response.json())))
        self._has_next_page = bool(self._onward)

    def update_request(self, request: HttpRequest) -> None:
        """Ask for the next page."""
        request.params = {**(request.params or {}), **self._onward}


def position_after(body: dict[str, Any]) -> str:
    """Return the query of the next page, without a secret; "" after the last."""
    link = (body.get("paging") or {}).get("next") or ""
    return urlencode(
        [(name, value) for name, value in parse_qsl(urlsplit(link).query) if name not in _OF_EVERY_REQUEST]
    )


def open_graph(source: str, resource: str, connection: Connection, window: Window | None) -> Api:
    """Open the API with the connection's access token in a header, because URLs appear in every log on the way."""
    return open_api(source, resource, connection, window, BearerTokenAuth(token=connection.secret))


def listed(
    api: Api, path: str, params: dict[str, Any], window: Window, position: str = ""
) -> Iterator[tuple[list[Record], str]]:
    """Yield a list page by page, each with the cursor of the next, "" after the last."""
    asked = {"limit": PAGE_SIZE, **params, **dict(parse_qsl(position))}
    try:
        for page in api.pages(f"{VERSION}/{path}", asked, "data", NextLink(), is_resumed=bool(position)):
            api.require_settled(window, page.response, SETTLED_SECONDS)
            _tell_version(api.context, page.response.headers.get("facebook-api-version", VERSION))
            yield list(page), position_after(page.response.json())
    except RequestRefused as refused:
        if position and _code(refused) == 100 and not is_gone_or_hidden(refused):
            raise CursorRejected(f"{api.context}: the Graph API no longer accepts the saved position") from None
        raise _explained(api, refused) from None


@cache  # once a load, which reads many lists
def _tell_version(context: str, served: str) -> None:
    """Log that Meta answers by another version than is asked for, as it does unasked once a version has ended."""
    if served != VERSION:
        told = "%s: the Graph API answers by version %s, not %s: compare its changelog with the fields that are read"
        log.warning(told, context, served, VERSION)


def made_in(
    request: Request, api: Api, path: str, fields: str, stamp: str, at_once: int = PAGE_SIZE
) -> Iterator[tuple[list[Record], str | None]]:
    """Yield a list's entries of the window and the look-back, page by page, each with the cursor of the next."""
    wide = request.looked_back(LOOK_BACK_DAYS)
    # A second more on both sides, because it is not documented whether the bounds are included; cut here.
    since, until = int(wide.start.timestamp()) - 1, int(wide.end.timestamp()) + 1
    params = {"fields": fields, "since": since, "until": until, "limit": at_once}
    for things, position in listed(api, path, params, request.window, request.cursor or ""):
        api.require_fields(things, ("id", stamp))
        api.require_inside(wide, [thing.get(stamp) for thing in things])
        yield [thing for thing in things if wide.may_hold(moment_of(thing.get(stamp)))], position or None


def read_below(
    api: Api, parents: list[Record], comments_of: Callable[[Record], Iterator[Record]]
) -> tuple[list[Record], list[Rejected]]:
    """Return the comments below some objects, and which of these objects are not available now."""
    found: list[Record] = []
    lost: list[Rejected] = []
    for parent in parents:
        try:
            found += comments_of(parent)
        except RequestRefused as refused:
            lost.append(_unreadable(refused, str(parent["id"])))
    if lost and len(lost) == len(parents) > 1:
        raise ContractBroken(f"{api.context}: nothing of a page lets its comments be read: has a permission gone?")
    return found, lost


def token_owner(api: Api, fields: str) -> Record:
    """Return the object, a Page usually, that the access token belongs to."""
    try:
        return api.fetch(f"{VERSION}/me", {"fields": fields})
    except RequestRefused as refused:
        raise _explained(api, refused) from None


def is_gone_or_hidden(refused: RequestRefused) -> bool:
    """Tell whether an object is not available now."""
    error = refused.body.get("error")
    return isinstance(error, dict) and (error.get("code"), error.get("error_subcode")) == _GONE_OR_HIDDEN


def _unreadable(refused: RequestRefused, object_id: str) -> Rejected:
    """Return an object that is not available now; raise any other refusal. One such answer is no proof of deletion."""
    if not is_gone_or_hidden(refused):
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
