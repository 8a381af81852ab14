"""Statuses of Mastodon that can no longer be read: deleted, or of an account that is gone or blocks us."""

from collections.abc import Iterator

from dlt.sources.helpers.rest_client.paginators import SinglePagePaginator

from social_crm.errors import ConnectionUnusable
from social_crm.sources.mastodon_api import open_mastodon
from social_crm.sources.model import Page, Request
from social_crm.sources.removals import read_removals
from social_crm.sources.web.answers import ITEMS, RequestRefused
from social_crm.sources.web.rest import Api

STATUSES = "api/v1/statuses"
STATUSES_PER_CALL = 20  # more are refused


def read_removed_statuses(request: Request) -> Iterator[Page]:
    """Look up the statuses that raw holds; a server says 404 to those that are gone."""
    api = open_mastodon("removals", request.connection, request.window)
    yield from read_removals(request, "mastodon", STATUSES_PER_CALL, lambda ids: _shown_of(api, ids))


def _shown_of(api: Api, ids: list[str]) -> set[str]:
    try:
        [page] = api.pages(STATUSES, {"id[]": ids}, ITEMS, SinglePagePaginator())
    except RequestRefused as refused:
        if not refused.is_of_something_gone:
            raise
        raise ConnectionUnusable(
            f"{api.context}: this server is older than Mastodon 4.3 and shows no statuses by their ids: bring it up to"
            " date, or give connection mastodon_api option `recheck_days`: 0"
        ) from None
    shown = {str(status.get("id")) for status in page}
    # A list also leaves out authors whom we mute, or whom the server limits; one by one, their statuses are shown.
    return shown | {one for one in ids if one not in shown and api.fetch_or_none(f"{STATUSES}/{one}")}
