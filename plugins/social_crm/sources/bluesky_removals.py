"""Posts of Bluesky that can no longer be read: deleted, taken down, or of an account that is gone or in a block."""

from collections.abc import Iterator

from social_crm.sources.bluesky_api import POSTS_PER_CALL, open_bluesky, posts_at
from social_crm.sources.model import Page, Request
from social_crm.sources.removals import read_removals


def read_removed_posts(request: Request) -> Iterator[Page]:
    """Look up the posts that raw holds."""
    api, _ = open_bluesky("removals", request.connection, request.window)
    yield from read_removals(
        request, "bluesky", POSTS_PER_CALL, lambda uris: {str(post.get("uri")) for post in posts_at(api, uris)}
    )
