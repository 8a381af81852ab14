"""Posts of X that can no longer be read: deleted, of a suspended or protected account, or withheld."""

from collections.abc import Iterator
from typing import Any

from social_crm.errors import ContractBroken
from social_crm.sources.model import Page, Request
from social_crm.sources.removals import read_removals
from social_crm.sources.web.rest import Api
from social_crm.sources.x_search import open_x

LOOKUP = "2/tweets"
POSTS_PER_CALL = 100


def read_removed_posts(request: Request) -> Iterator[Page]:
    """Look up the posts that raw holds; X counts each that it still shows as read."""
    api = open_x("removals", request.connection, request.window)
    yield from read_removals(request, "x", POSTS_PER_CALL, lambda ids: _shown_of(api, ids))


def _shown_of(api: Api, ids: list[str]) -> set[str]:
    """Return which of the posts X shows; it must say of each other one that it does not."""
    body = api.fetch(LOOKUP, {"ids": ",".join(ids)})
    shown, refused = _named(body.get("data"), "id"), _named(body.get("errors"), "resource_id")
    if unanswered := {*ids} - shown - refused:
        raise ContractBroken(
            f"{api.context}: X says nothing about {len(unanswered)} of {len(ids)} posts: has API version 2 changed?"
        )
    return shown


def _named(entries: Any, name: str) -> set[str]:
    found = entries if isinstance(entries, list) else []
    return {str(entry.get(name)) for entry in found if isinstance(entry, dict)}
