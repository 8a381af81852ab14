"""Discourse: every post of a forum that its API user may see, newest first.

Quirks: the specification says that `before` gives lower ids; servers give that id as well. So the last post of a page
is asked for again, and a page with nothing older is the last. A post keeps its id when it is edited or moved to another
topic. What its author deletes stays as a note; what staff delete is missing. A forum answers a wrong key with 403.
"""

from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

from dlt.sources.helpers.rest_client.paginators import SinglePagePaginator
from requests import PreparedRequest
from requests.auth import AuthBase

from social_crm.errors import ConnectionUnusable, ContractBroken
from social_crm.sources.fields import field
from social_crm.sources.model import Connection, Page, Record, Request, Resource, Source, Window
from social_crm.sources.options import PATIENCE, look_back
from social_crm.sources.people import People
from social_crm.sources.web.rest import Api, moment_of, open_api

POSTS = "posts.json"
FIELDS = ("id", "created_at", "updated_at", "cooked", "topic_id", "post_number", "version", "staff")
LOOK_BACK_DAYS = 30
SETTLED_SECONDS = 60  # a server may give the list of a minute ago


class KeyOfUser(AuthBase):
    """An API key and the user as whom it reads, in headers of their own."""

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
    api = _open("posts", request.connection, request.window)
    site = _public_site(request.connection)
    reached = int(request.cursor) if request.cursor else None
    for _ in api.page_numbers():
        posts = _before(api, reached, wide)
        if not posts:
            return
        reached = min(int(post["id"]) for post in posts)
        inside = [post for post in posts if wide.may_hold(moment_of(post.get("created_at")))]
        yield Page([{**post, "site": site} for post in inside], cursor=str(reached))
        # Posts that were imported or moved bear old times beside new ones: the page as a whole must be too old.
        if wide.begins_after(moment_of(post.get("created_at")) for post in posts):
            return


def _before(api: Api, reached: int | None, window: Window) -> list[Record]:
    """Return the posts below an id, newest first; [] after the last."""
    params: dict[str, Any] = {} if reached is None else {"before": reached}
    for page in api.pages(POSTS, params, "latest_posts", SinglePagePaginator(), is_resumed=reached is not None):
        api.require_fields(page, FIELDS)
        api.require_settled(window, page.response, SETTLED_SECONDS)
        if reached is not None and any(int(post["id"]) > reached for post in page):
            raise ContractBroken(f"{api.context}: posts after id {reached}, below which we asked: `before` is ignored")
        return [post for post in page if reached is None or int(post["id"]) < reached]
    return []


def _public_site(connection: Connection) -> str:
    """Return where people read the forum, from which its market follows."""
    public = urlsplit(str(connection.options.get("site", connection.url)))
    if not (public.scheme and public.netloc):
        raise ConnectionUnusable(
            "connection discourse_api: option `site` must begin with https:// or http:// and a host"
        )
    return f"{public.scheme}://{public.netloc}"


def check(connection: Connection) -> None:
    """Ask for the newest posts; raises CredentialRefused where key or user name are not accepted."""
    _public_site(connection)
    if "latest_posts" not in _open("check", connection, None).fetch(POSTS):
        raise ContractBroken("connection discourse_api: the server lists no posts: is it a Discourse forum?")


def _open(resource: str, connection: Connection, window: Window | None) -> Api:
    return open_api("discourse", resource, connection, window, KeyOfUser(connection.secret, connection.login))


DISCOURSE = Source(
    name="discourse",
    title="Discourse forum",
    description=(
        "Posts of the forum at connection `discourse_api`, as a user sees them to whom an API key belongs: take one who"
        " sees what members see. Seed `source_accounts` lists the forum's host, and `@group` for a group of employees"
        " who are no staff of the forum. Answers that the plugin Solved marks are known as accepted."
    ),
    resources=(
        Resource(
            name="posts",
            extract=read_posts,
            key=field("id"),
            event_at=field("created_at"),
            version_at=field("updated_at", "created_at"),
            description="One post of a topic, the first one among them, in the state in which it was read.",
            order="by id, newest first",
            window="posts written in it or in the `lookback_days` (30) before: edits, moves, likes, accepted answers",
            deletions="By its author: the post says so in a later read. By staff: missing, and its last version stays.",
            is_utterance=True,
            words=("cooked", "raw", "topic_title", "name"),
            people=People(
                persons=({"user_id": "discourse", "username": "discourse"},),
                keeps=(
                    "id topic_id post_number reply_to_post_number site primary_group_name staff hidden user_deleted"
                    " deleted_at accepted_answer actions_summary reads version created_at updated_at"
                ),
                names={"reply_to_user.username": "discourse"},
            ),
        ),
    ),
    check=check,
    connection={
        "conn_type": "http",
        "host": "https://community.acmebank.example",
        "login": "warehouse",
        "password": "<API key>",
    },
    options={
        "site": "the forum's public address, where it is read by another",
        **look_back(LOOK_BACK_DAYS),
        **PATIENCE,
    },
    limits="60 requests a minute and key, 50 posts each.",
    retention="As your own forum; what members delete should go here too.",
    tested_against={
        "official specification": "GET /posts.json of Discourse's OpenAPI description",
        "recordings": "a post",
    },
)
