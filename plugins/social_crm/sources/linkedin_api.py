"""LinkedIn's API: a version and the kind of a search in headers, and lists that are paged by offset."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs, urlsplit

from dlt.sources.helpers.rest_client.auth import BearerTokenAuth
from dlt.sources.helpers.rest_client.paginators import BasePaginator
from requests import PreparedRequest, Response
from requests import Request as HttpRequest

from social_crm.errors import ConnectionUnusable, ContractBroken
from social_crm.sources.model import Connection, Record, Window
from social_crm.sources.web.answers import RequestRefused
from social_crm.sources.web.rest import Api, open_api

VERSION = "202609"
POSTS = "rest/posts"
PAGE_SIZE = 100


@dataclass
class _Auth(BearerTokenAuth):
    version: str = VERSION

    def __call__(self, request: PreparedRequest) -> PreparedRequest:
        request.headers.update({"LinkedIn-Version": self.version, "X-Restli-Protocol-Version": "2.0.0"})
        if "q" in parse_qs(urlsplit(request.url or "").query):  # a search, which LinkedIn's documentation wants named
            request.headers["X-RestLi-Method"] = "FINDER"
        return super().__call__(request)


class Counting(BasePaginator):
    """Advances by the page size while there is a next link or fewer entries were shown than the total.

    A page may be short, because it leaves out what its reader may not see.
    """

    def __init__(self, start: int, count: int) -> None:
        """Start at an offset in a list, with a page size."""
        super().__init__()
        self.start, self._count = start, count

    def update_state(self, response: Response, data: list[Any] | None = None) -> None:
        """Advance; a list without a total ends with an empty page."""
        paging = response.json().get("paging") or {}
        is_led_on = any(link.get("rel") == "next" for link in paging.get("links") or [])
        self.start += self._count
        total = paging.get("total")
        self._has_next_page = is_led_on or (bool(data) if total is None else self.start < total)

    def update_request(self, request: HttpRequest) -> None:
        """Ask for the next page."""
        request.params = {**(request.params or {}), "start": self.start}


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


def listed(
    api: Api, path: str, params: dict[str, Any], count: int = PAGE_SIZE, start: int = 0
) -> Iterator[tuple[list[Record], str]]:
    """Yield a list page by page, each with the cursor of the next, "" after the last."""
    pages = Counting(start, count)
    try:
        for page in api.pages(path, {**params, "start": start, "count": count}, "elements", pages):
            yield list(page), str(pages.start) if pages.has_next_page else ""
    except RequestRefused as refused:
        if refused.status == 426:
            raise ContractBroken(
                f"{api.context}: LinkedIn no longer serves this version of its API: read what changed since, then set"
                " option `version` of connection linkedin_api"
            ) from None
        raise
