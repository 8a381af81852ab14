"""Comments of YouTube that can no longer be read: deleted, rejected or held back by a moderator."""

from collections.abc import Iterator

from social_crm.sources.model import Page, Request
from social_crm.sources.removals import read_removals
from social_crm.sources.web.answers import RequestRefused
from social_crm.sources.web.rest import Api
from social_crm.sources.youtube_api import COMMENTS, open_youtube

COMMENTS_PER_CALL = 20  # a page of so many is the least that YouTube gives, and it pages no look-up by id


def read_removed_comments(request: Request) -> Iterator[Page]:
    """Look up the comments that raw holds; YouTube leaves out those that are gone."""
    api = open_youtube("removals", request.connection, request.window)
    yield from read_removals(request, "youtube", COMMENTS_PER_CALL, lambda ids: _shown_of(api, ids))


def _shown_of(api: Api, ids: list[str]) -> set[str]:
    try:
        found = api.fetch_list(COMMENTS, {"part": "id", "id": ",".join(ids)}, "items")
    except RequestRefused as refused:
        if not refused.is_of_something_gone:
            raise
        # Its reference knows an error for several of which one is gone, beside an answer without that one.
        return {one for one in ids if len(ids) > 1 and _shown_of(api, [one])}
    return {str(comment.get("id")) for comment in found}
