"""Comments of YouTube that can no longer be read: deleted, rejected or held back by a moderator."""

from collections.abc import Iterator

from social_crm.sources.model import Page, Request
from social_crm.sources.removals import read_removals
from social_crm.sources.web.rest import Api
from social_crm.sources.youtube_api import COMMENTS, open_youtube

COMMENTS_PER_CALL = 50


def read_removed_comments(request: Request) -> Iterator[Page]:
    """Look up the comments that raw holds; YouTube leaves out those that are gone."""
    api = open_youtube("removals", request.connection, request.window)
    yield from read_removals(request, "youtube", COMMENTS_PER_CALL, lambda ids: _shown_of(api, ids))


def _shown_of(api: Api, ids: list[str]) -> set[str]:
    params = {"part": "id", "id": ",".join(ids), "maxResults": len(ids)}
    return {str(comment.get("id")) for comment in api.fetch_list(COMMENTS, params, "items")}
