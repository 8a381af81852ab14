"""How a forum is read: its posts by id, from the newest one back.

Quirks: by the specification `before` returns lower ids; servers return that id as well, so the last post of a page is
requested again. Older servers take fifty posts and then leave out those that the user may not see. A page without older
posts may therefore be followed by more, so reading stops only after `LOOK_AHEAD` empty pages in a row. A post keeps its
id when it is edited or moved to another topic. A post deleted by its author stays as a note; one deleted by staff is
missing. A forum answers a wrong key with 403.
"""

from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

from dlt.sources.helpers.rest_client.paginators import SinglePagePaginator
from requests import PreparedRequest
from requests.auth import AuthBase

from social_crm.errors import ConnectionUnusable, ContractBroken
from social_crm.sources.model import Connection, Page, Record, Request, Window
from social_crm.sources.moments import moment_of
from social_crm.sources.web.rest import Api, open_api

POSTS = "posts.json"
FIELDS = ("id", "created_at", "updated_at", "cooked", "topic_id", "post_number", "version", "staff")
LOOK_BACK_DAYS = 30
SETTLED_SECONDS = 60  # a server may return the list as it was a minute ago
LOOK_AHEAD = 20  # pages, that is, about 1,000 hidden posts in a row
OF_A_PAGE = 50  # posts, before what is hidden is left out


class KeyOfUser(AuthBase):
    """An API key and the user it reads as, in headers of their own."""

    def __init__(self, key: str, user: str) -> None:
        """Keep both."""
        self.key, self.user = key, user

    def __call__(self, request: PreparedRequest) -> PreparedRequest:
        """Add them to a request."""
        request.headers.update({"Api-Key": self.key, "Api-Username": self.user})
        return request


def read_posts(request: Request) -> Iterator[Page]:
    """Read backwards from the newest post until a page is too old; the cursor is the last id read."""
    wide = request.looked_back(LOOK_BACK_DAYS)
    api = open_discourse("posts", request.connection, request.window)
    site = public_site(request.connection)
    reached = int(request.cursor) if request.cursor else None
    for _ in api.page_numbers():
        posts = _next_shown(api, reached, wide)
        if not posts:
            return
        reached = min(int(post["id"]) for post in posts)
        inside = [post for post in posts if wide.may_hold(moment_of(post.get("created_at")))]
        yield Page([{**post, "site": site} for post in inside], cursor=str(reached))
        # Imported or moved posts have old times beside new ones, so the whole page must be too old.
        if wide.begins_after(moment_of(post.get("created_at")) for post in posts):
            return


def _next_shown(api: Api, reached: int | None, window: Window) -> list[Record]:
    """Return the first page below an id that contains anything visible; [] if nothing is left."""
    for _ in range(LOOK_AHEAD):
        posts = _before(api, reached, window)
        if posts or reached is None or reached <= 1:
            return posts
        # One less than a page, because a requested id counts as read.
        reached = max(reached - OF_A_PAGE + 1, 1)
    return []


def _before(api: Api, reached: int | None, window: Window) -> list[Record]:
    """Return the posts below an id, newest first, of the page that follows it."""
    params: dict[str, Any] = {} if reached is None else {"before": reached}
    for page in api.pages(POSTS, params, "latest_posts", SinglePagePaginator(), is_resumed=reached is not None):
        api.require_fields(page, FIELDS)
        api.require_settled(window, page.response, SETTLED_SECONDS)
        if reached is not None and any(int(post["id"]) > reached for post in page):
            raise ContractBroken(f"{api.context}: posts after id {reached}, below which we asked: `before` is ignored")
        return [post for post in page if reached is None or int(post["id"]) < reached]
    return []


def public_site(connection: Connection) -> str:
    """Return the address at which people read the forum; its market follows from it."""
    public = urlsplit(str(connection.options.get("site", connection.url)))
    if not (public.scheme and public.netloc):
        raise ConnectionUnusable(
            "connection discourse_api: option `site` must begin with https:// or http:// and a host"
        )
    return f"{public.scheme}://{public.netloc}"


def open_discourse(resource: str, connection: Connection, window: Window | None) -> Api:
    """Open the API with the connection's key and the user it reads as."""
    return open_api("discourse", resource, connection, window, KeyOfUser(connection.secret, connection.login))
