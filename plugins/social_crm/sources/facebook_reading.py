"""What is read of a Facebook Page: its feed, the comments below, and its conversations.

A comment has no time but that of its creation, so all comments of the posts of option `lookback_days` are read again.
A conversation moves up when something is said in it; its messages are walked back to the window's start.
"""

from collections.abc import Iterator
from datetime import timedelta

from social_crm.errors import ContractBroken
from social_crm.sources.graph_api import listed, open_graph, unreadable
from social_crm.sources.model import Page, Record, Rejected, Request, Window
from social_crm.sources.web.answers import RequestRefused
from social_crm.sources.web.rest import Api, moment_of

LOOK_BACK_DAYS = 28
POST_FIELDS = (
    "id,message,story,created_time,updated_time,from{id,name},permalink_url,shares,"
    "reactions.limit(0).summary(total_count)"
)
COMMENT_FIELDS = "id,message,created_time,from{id,name},parent{id},permalink_url,like_count,is_hidden"
MESSAGE_FIELDS = "id,message,created_time,from,to,sticker,attachments{id,mime_type,name}"


def read_posts(request: Request) -> Iterator[Page]:
    """Read the posts of the look-back on the Page, its own and its visitors', newest first."""
    for _, posts, cursor in _feed(request, "posts", POST_FIELDS):
        yield Page(posts, cursor=cursor)


def read_comments(request: Request) -> Iterator[Page]:
    """Read all comments and replies below the posts of the look-back, each with its post."""
    for api, posts, cursor in _feed(request, "comments", "id,created_time"):
        found: list[Record] = []
        lost: list[Rejected] = []
        for post in posts:
            try:
                found += _comments(api, str(post["id"]), request.window)
            except RequestRefused as refused:
                lost.append(unreadable(refused, str(post["id"])))
        if lost and len(lost) == len(posts) > 1:
            raise ContractBroken(f"{api.context}: no post of a page lets its comments be read: has a permission gone?")
        yield Page(found, lost, cursor)


def read_messages(request: Request) -> Iterator[Page]:
    """Read what was said in the Page's conversations, each message with its conversation."""
    if request.window.start == request.window.end:
        return
    api, window = open_graph("facebook", "messages", request.connection, request.window), request.window
    for threads, position in listed(
        api, "me/conversations", {"fields": "id,updated_time"}, window, request.cursor or ""
    ):
        api.require_fields(threads, ("id", "updated_time"))
        touched = [thread for thread in threads if not _is_before(thread, "updated_time", window)]
        messages = [message for thread in touched for message in _messages(api, str(thread["id"]), window)]
        yield Page(messages, cursor=position or None)
        if threads and not touched:
            return


def _feed(request: Request, resource: str, fields: str) -> Iterator[tuple[Api, list[Record], str | None]]:
    """Yield the Page's posts of the look-back page by page, each with where to go on."""
    if request.window.start == request.window.end:
        return
    days = int(request.connection.options.get("lookback_days", LOOK_BACK_DAYS))
    wide = Window(request.window.start - timedelta(days=days), request.window.end)
    api = open_graph("facebook", resource, request.connection, request.window)
    # A second more on both sides, for nobody says whether the bounds belong to the span: cut here.
    since, until = int(wide.start.timestamp()) - 1, int(wide.end.timestamp()) + 1
    params = {"fields": fields, "since": since, "until": until}
    for posts, position in listed(api, "me/feed", params, request.window, request.cursor or ""):
        api.require_fields(posts, ("id", "created_time"))
        api.require_inside(wide, [post.get("created_time") for post in posts])
        yield api, [post for post in posts if _is_inside(post, wide)], position or None


def _comments(api: Api, post_id: str, window: Window) -> Iterator[Record]:
    # `stream` gives replies too, in one list.
    params = {"fields": COMMENT_FIELDS, "filter": "stream"}
    for comments, _ in listed(api, f"{post_id}/comments", params, window):
        api.require_fields(comments, ("id", "created_time"))
        yield from ({**one, "post_id": post_id} for one in comments if _is_begun(one, window))


def _messages(api: Api, thread_id: str, window: Window) -> Iterator[Record]:
    for messages, _ in listed(api, f"{thread_id}/messages", {"fields": MESSAGE_FIELDS}, window):
        api.require_fields(messages, ("id", "created_time"))
        yield from ({**one, "conversation_id": thread_id} for one in messages if _is_inside(one, window))
        if messages and all(_is_before(one, "created_time", window) for one in messages):
            return


def _is_before(record: Record, name: str, window: Window) -> bool:
    at = moment_of(record.get(name))
    return at is not None and at < window.start


def _is_begun(record: Record, window: Window) -> bool:
    at = moment_of(record.get("created_time"))
    return at is None or at < window.end


def _is_inside(record: Record, window: Window) -> bool:
    return window.may_hold(moment_of(record.get("created_time")))
