"""What is read of a Facebook Page: its feed, the comments below, and its conversations.

A comment has no time but that of its creation, so all comments of the posts of option `lookback_days` are read again.
A conversation moves up when something is said in it; its messages are walked back to the window's start.
"""

from collections.abc import Iterator
from functools import partial

from social_crm.sources.graph_api import listed, made_in, open_graph, read_below
from social_crm.sources.model import Page, Record, Request, Window
from social_crm.sources.web.rest import Api, moment_of

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
        found, lost = read_below(api, posts, partial(_comments, api, request.window))
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
    api = open_graph("facebook", resource, request.connection, request.window)
    for posts, cursor in made_in(request, api, "me/feed", fields, "created_time"):
        yield api, posts, cursor


def _comments(api: Api, window: Window, post: Record) -> Iterator[Record]:
    # `stream` gives replies too, in one list.
    params = {"fields": COMMENT_FIELDS, "filter": "stream"}
    for comments, _ in listed(api, f"{post['id']}/comments", params, window):
        api.require_fields(comments, ("id", "created_time"))
        yield from (
            {**one, "post_id": str(post["id"])}
            for one in comments
            if window.ends_after(moment_of(one.get("created_time")))
        )


def _messages(api: Api, thread_id: str, window: Window) -> Iterator[Record]:
    for messages, _ in listed(api, f"{thread_id}/messages", {"fields": MESSAGE_FIELDS}, window):
        api.require_fields(messages, ("id", "created_time"))
        inside = [one for one in messages if window.may_hold(moment_of(one.get("created_time")))]
        yield from ({**one, "conversation_id": thread_id} for one in inside)
        if messages and all(_is_before(one, "created_time", window) for one in messages):
            return


def _is_before(record: Record, name: str, window: Window) -> bool:
    at = moment_of(record.get(name))
    return at is not None and at < window.start
