"""How a forum is read: its posts by id, from the newest one back.

Quirks: the specification says that `before` gives lower ids; servers give that id as well. So the last post of a page
is asked for again. Older servers take fifty posts and then leave out what the user may not see: behind a page with
nothing older may lie more, so it is looked further down, until `LOOK_AHEAD` pages in a row are empty. A post keeps its
id when it is edited or moved to another topic. What its author deletes stays as a note; what staff delete is missing. A
forum answers a wrong key with 403.
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
SETTLED_SECONDS = 60  # a server may give the list of a minute ago
LOOK_AHEAD = 20  # pages, which is a run of about 1,000 hidden posts
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
    """Walk back from the newest post until a page is older than what is looked for; a cursor is the last id read."""
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
        # Posts that were imported or moved bear old times beside new ones: the page as a whole must be too old.
        if wide.begins_after(moment_of(post.get("created_at")) for post in posts):
            return


def _next_shown(api: Api, reached: int | None, window: Window) -> list[Record]:
    """Return the first page below an id that shows something; [] where nothing is left to be seen."""
    for _ in range(LOOK_AHEAD):
        posts = _before(api, reached, window)
        if posts or reached is None or reached <= 1:
            return posts
        # One less than a page, for an id that is asked for counts as read.
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
    """Return where people read the forum, from which its market follows."""
    public = urlsplit(str(connection.options.get("site", connection.url)))
    if not (public.scheme and public.netloc):
        raise ConnectionUnusable(
            "connection discourse_api: option `site` must begin with https:// or http:// and a host"
        )
    return f"{public.scheme}://{public.netloc}"


def open_discourse(resource: str, connection: Connection, window: Window | None) -> Api:
    """Open the API with the connection's key and the user it reads as."""
    return open_api("discourse", resource, connection, window, KeyOfUser(connection.secret, connection.login))
