"""How every API source is read: dlt's REST client and paginators over one guarded session."""

from collections.abc import Iterable, Iterator, Mapping
from copy import deepcopy
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from dlt.common.configuration.specs import RuntimeConfiguration
from dlt.sources.helpers.rest_client.client import PageData, RESTClient
from dlt.sources.helpers.rest_client.paginators import BasePaginator
from requests import Response
from requests.auth import AuthBase

from social_crm.errors import ContractBroken, CredentialRefused, CursorRejected, SourceUnavailable
from social_crm.sources.model import Connection, Record, Window
from social_crm.sources.moments import moment_of
from social_crm.sources.strict_json import DOUBLED
from social_crm.sources.web.answers import ServerFailed, unless_gone
from social_crm.sources.web.guarded_session import GuardedSession, Limits
from social_crm.sources.web.throttling import server_time
from social_crm.sources.wording import context_of

FILTER_SLACK = timedelta(hours=1)  # how long an edited post stays in its window
LOCAL_SLACK = timedelta(hours=26)  # from the first to the last time zone of a day


@dataclass(frozen=True)
class Api:
    """One source's API, opened for one resource and window."""

    client: RESTClient
    context: str
    limits: Limits

    def fetch(self, path: str, params: Mapping[str, Any] | None = None) -> dict[str, Any]:
        """Return the body of one request that has no pages."""
        body: dict[str, Any] = self.client.get(path, params=dict(params or {})).json()
        self.refuse_doubled(body, f"the answer of {path}")
        return body

    def fetch_list(self, path: str, params: Mapping[str, Any], name: str) -> list[Record]:
        """Return the list in the body of one request without pages; ContractBroken names a missing one."""
        return self.list_in(self.fetch(path, params), name)

    def fetch_or_none(self, path: str) -> dict[str, Any] | None:
        """Return the body of one request, or None if it does not exist; landing handles faults of a record."""
        with unless_gone():
            record: dict[str, Any] = self.client.get(path).json()
            return record
        return None

    def pages(
        self,
        path: str,
        params: Mapping[str, Any],
        selector: str,
        paginator: BasePaginator,
        is_resumed: bool = False,
        query: dict[str, Any] | None = None,
    ) -> Iterator[PageData[Any]]:
        """Follow a paginator to its end; a loop, a malformed page or an endless list raises ContractBroken.

        `selector` names the list that every page must have; with "$" the caller checks that. The `query` of a search
        is posted.
        """
        seen: set[str] = set()
        edges: tuple[Record, Record] | None = None
        found = self.client.paginate(
            path,
            "GET" if query is None else "POST",
            params=dict(params),
            json=deepcopy(query),  # the paginator writes its cursor into this
            data_selector=selector,
            paginator=paginator,
            hooks={"response": []},
        )
        for number in self.page_numbers():
            page = self._next_page(found, number, is_resumed)
            if page is None:
                return
            step = f"{page.request.url} {sorted((page.request.params or {}).items())} {page.request.json}"
            if paginator.has_next_page and step in seen:
                raise ContractBroken(f"{self.context}: pagination loop: page {number} leads back to an earlier page")
            seen.add(step)
            self._refuse_envelope(page.response.json(), number, selector)
            # A server that ignores cursors would never end. Only pages of a single row may be equal to the one before.
            before, edges = edges, (page[0], page[-1]) if len(page) > 1 else None
            if edges and edges == before:
                raise ContractBroken(f"{self.context}: pagination loop: page {number} is the one before it once more")
            yield page

    def page_numbers(self) -> Iterator[int]:
        """Count pages from 1; raises ContractBroken above the maximum."""
        yield from range(1, self.limits.pages + 1)
        raise ContractBroken(
            f"{self.context}: more than {self.limits.pages} pages; raise option `pages` if that is right"
        )

    def _next_page(self, found: Iterator[PageData[Any]], number: int, is_resumed: bool) -> PageData[Any] | None:
        try:
            return next(found, None)
        except ServerFailed:
            if is_resumed and number == 1:
                raise CursorRejected(f"{self.context}: the source fails on the saved cursor") from None
            raise
        except (ValueError, TypeError, AttributeError):
            # dlt's message would quote the page.
            raise ContractBroken(f"{self.context}: page {number} has no usable paging fields") from None

    def _refuse_envelope(self, body: dict[str, Any], number: int, selector: str) -> None:
        """Raise ContractBroken if damage around the rows may have lost some; landing handles faults of a record."""
        self.refuse_doubled(body, f"page {number}")
        if selector != "$":
            self.list_in(body, selector)

    def list_in(self, body: dict[str, Any], name: str) -> list[Record]:
        """Return a list of an answer; raises ContractBroken if it is missing, or contains anything but objects."""
        if not isinstance(found := body.get(name), list):
            raise ContractBroken(f"{self.context}: field {name!r} is missing: the API's version has changed")
        if odd := [type(one).__name__ for one in found if not isinstance(one, dict)]:
            raise ContractBroken(
                f"{self.context}: field {name!r} holds a {odd[0]} where a record was due: the API's version has changed"
            )
        return found

    def refuse_doubled(self, envelope: dict[str, Any], named: str) -> None:
        """Raise ContractBroken if the object around the records has a duplicate key."""
        if DOUBLED in envelope:
            raise ContractBroken(
                f"{self.context}: {named} has two values under one key ({envelope[DOUBLED]}), of which one would be "
                "lost; report it to the source's operator, and clear this task once it answers properly"
            )

    def require_fields(self, records: Iterable[Record], names: Iterable[str]) -> None:
        """Raise ContractBroken if no record of a non-empty page has a field: the API removed or renamed it."""
        sent = list(records)
        for name in names:
            if sent and not any(name in record for record in sent):
                raise ContractBroken(
                    f"{self.context}: field {name!r} is missing from all {len(sent)} records; "
                    "the API's version has changed: compare its changelog with this source's module"
                )

    def require_inside(self, window: Window, stamps: Iterable[Any]) -> None:
        """Raise ContractBroken if a page lies wholly outside the window: the API ignored our filter."""
        sent = [moment for moment in map(moment_of, stamps) if moment]
        if sent and not any(window.start - FILTER_SLACK <= moment < window.end + FILTER_SLACK for moment in sent):
            raise ContractBroken(
                f"{self.context}: all {len(sent)} records of a page lie outside the window, from {min(sent):%FT%TZ} "
                "on: the API ignored the time filter; compare its documentation with this source's module"
            )

    def is_past(self, window: Window, moments: Iterable[datetime | None]) -> bool:
        """Tell whether a page of a newest-first list, and so all that follow, lies before the window.

        Raises ContractBroken if such a page ends with its newest record: the requested order was ignored, and the
        window may follow.
        """
        known = [moment for moment in moments if moment]
        if not window.begins_after(known):
            return False
        if known[-1] - known[0] > FILTER_SLACK:
            raise ContractBroken(
                f"{self.context}: a page begins at {known[0]:%FT%TZ}, ends at {known[-1]:%FT%TZ}, and should be newest"
                " first: the API ignored the order; compare its documentation with this source's module"
            )
        return True

    def require_settled(self, window: Window, response: Response, seconds: int) -> None:
        """Raise SourceUnavailable while, by the source's clock, records of the window may still appear."""
        if window.end + timedelta(seconds=seconds) > server_time(response.headers):
            raise SourceUnavailable(
                f"{self.context}: the window is not over at the source; try again {seconds} s after its end"
            )


def open_api(source: str, resource: str, connection: Connection, window: Window | None, auth: AuthBase | None) -> Api:
    """Open a source for one resource; errors name source, resource and window. `auth` is omitted for a login."""
    context = context_of(source, resource, window)
    if not connection.secret:
        raise CredentialRefused(f"authorise source {source}: connection {source}_api holds no secret ({context})")
    limits = Limits.of(connection, context)
    session = GuardedSession(connection.url, context, limits)
    client = RESTClient(connection.url, auth=auth, session=session, config=RuntimeConfiguration())
    return Api(client, context, limits)
