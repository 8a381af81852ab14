"""How LinkedIn is read: the posts of each page, newest first, and all comments and replies below them.

Comments cannot be asked for by time, and neither an edit nor its publication moves a post in the order of creation: all
of option `lookback_days` is read again each time. Lists are led on by counting, so a list that loses an entry meanwhile
slides by one: what that hides is found a day later. A comment says which activity it is about, under another number
than its post has: the post that was asked for is kept with it.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote

from dlt.sources.helpers.rest_client.auth import BearerTokenAuth
from dlt.sources.helpers.rest_client.paginators import BasePaginator
from requests import PreparedRequest, Response
from requests import Request as HttpRequest

from social_crm.errors import ConnectionUnusable, ContractBroken
from social_crm.sources.fields import Field
from social_crm.sources.model import Connection, Page, Record, Request, Window
from social_crm.sources.web.answers import RequestRefused, unless_gone
from social_crm.sources.web.rest import Api, moment_of, open_api

VERSION = "202609"
POSTS = "rest/posts"
PAGE_SIZE = 100
LOOK_BACK_DAYS = 30


class Milliseconds(Field):
    """The first of some fields that a record fills, milliseconds since 1970, as ISO 8601."""

    def __call__(self, record: Record) -> str | None:
        """Return the moment, or None for what is none."""
        try:
            return datetime.fromtimestamp(int(super().__call__(record) or "") / 1000, UTC).isoformat()
        except (ValueError, OverflowError, OSError):
            return None


PUBLISHED_AT = Milliseconds(("publishedAt", "createdAt"))
_CREATED_AT, _SAID_AT = Milliseconds(("createdAt",)), Milliseconds(("created.time",))


@dataclass
class _Auth(BearerTokenAuth):
    version: str = VERSION

    def __call__(self, request: PreparedRequest) -> PreparedRequest:
        request.headers.update({"LinkedIn-Version": self.version, "X-Restli-Protocol-Version": "2.0.0"})
        return super().__call__(request)


class Counting(BasePaginator):
    """Goes on after as many as were asked for, while there is a next link or fewer were shown than there are.

    A page may be short, for what its reader may not see is left out of it.
    """

    def __init__(self) -> None:
        """Begin at the start of a list."""
        super().__init__()
        self._start = 0

    def update_state(self, response: Response, data: list[Any] | None = None) -> None:
        """Move on; a list that does not tell its length ends with an empty page."""
        paging = response.json().get("paging", {})
        is_led_on = any(link.get("rel") == "next" for link in paging.get("links", []))
        self._start += PAGE_SIZE
        total = paging.get("total")
        self._has_next_page = is_led_on or (bool(data) if total is None else self._start < total)

    def update_request(self, request: HttpRequest) -> None:
        """Ask for the next page."""
        request.params = {**(request.params or {}), "start": self._start}


def open_linkedin(resource: str, connection: Connection, window: Window | None) -> Api:
    """Open the API in the version that this module knows, or in that of option `version`."""
    version = str(connection.options.get("version", VERSION))
    return open_api("linkedin", resource, connection, window, _Auth(token=connection.secret, version=version))


def organizations_of(connection: Connection) -> list[str]:
    """Return the pages of option `organizations` by their URNs."""
    given = [str(one).rpartition(":")[2] for one in connection.options.get("organizations", [])]
    if not given or not all(number.isdigit() for number in given):
        raise ConnectionUnusable(
            "connection linkedin_api: option `organizations` must list ids of pages, which are numbers"
        )
    return [f"urn:li:organization:{number}" for number in given]


def read_posts(request: Request) -> Iterator[Page]:
    """Read each page's posts of the look-back, newest first."""
    for _, posts in _posts(request, "posts"):
        yield Page(posts)


def read_comments(request: Request) -> Iterator[Page]:
    """Read all comments and replies below the posts of the look-back, each with its post and that one's page."""
    for api, posts in _posts(request, "comments"):
        found = [comment for post in posts for comment in _below_post(api, post)]
        yield Page([one for one in found if request.window.ends_after(moment_of(_SAID_AT(one)))])


def _posts(request: Request, resource: str) -> Iterator[tuple[Api, list[Record]]]:
    wide, api = request.looked_back(LOOK_BACK_DAYS), open_linkedin(resource, request.connection, request.window)
    for organization in organizations_of(request.connection):
        for posts in _listed(api, POSTS, {"q": "author", "author": organization, "sortBy": "CREATED"}):
            api.require_fields(posts, ("id", "createdAt"))
            yield api, [post for post in posts if wide.may_hold(moment_of(PUBLISHED_AT(post)))]
            if wide.begins_after(moment_of(_CREATED_AT(post)) for post in posts):
                break


def _below_post(api: Api, post: Record) -> Iterator[Record]:
    where = {"post_id": post["id"], "organization": post.get("author")}
    for comment in _below(api, post["id"]):
        yield comment | where
        if (comment.get("commentsSummary") or {}).get("aggregatedTotalComments"):
            parent = {"parentComment": comment["commentUrn"]}
            yield from (parent | reply | where for reply in _below(api, comment["commentUrn"]))


def _below(api: Api, urn: str) -> Iterator[Record]:
    """Yield what is said directly below a post or a comment; nothing of one that is gone since it was listed."""
    with unless_gone():
        for comments in _listed(api, f"rest/socialActions/{quote(urn, safe='')}/comments", {}):
            api.require_fields(comments, ("commentUrn", "created"))
            yield from comments


def _listed(api: Api, path: str, params: dict[str, Any]) -> Iterator[list[Record]]:
    try:
        for page in api.pages(path, {**params, "start": 0, "count": PAGE_SIZE}, "elements", Counting()):
            yield list(page)
    except RequestRefused as refused:
        if refused.status == 426:
            raise ContractBroken(
                f"{api.context}: LinkedIn no longer serves this version of its API: read what changed since, then set"
                " option `version` of connection linkedin_api"
            ) from None
        raise
