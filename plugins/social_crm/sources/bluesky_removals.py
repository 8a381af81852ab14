"""Posts of Bluesky that can no longer be read: deleted, taken down, or of an account that is gone or blocks us."""

from collections.abc import Iterator

from social_crm.sources.bluesky_api import open_bluesky
from social_crm.sources.bluesky_reading import POSTS, POSTS_PER_CALL
from social_crm.sources.model import Page, Request
from social_crm.sources.removals import read_removals
from social_crm.sources.web.rest import Api


def read_removed_posts(request: Request) -> Iterator[Page]:
    """Look up the posts that raw holds; Bluesky leaves out those that are gone."""
    api, _ = open_bluesky("removals", request.connection, request.window)
    yield from read_removals(request, "bluesky", POSTS_PER_CALL, lambda uris: _shown_of(api, uris))


def _shown_of(api: Api, uris: list[str]) -> set[str]:
    return {str(post.get("uri")) for post in api.fetch_list(POSTS, {"uris": uris}, "posts")}
