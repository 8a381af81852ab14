"""How a Facebook Page is read: its feed, the comments below, and its conversations.

A comment only has its time of creation, so all comments of the posts of option `lookback_days` are read again.
A conversation moves up when it gets a message, possibly past the page that is being read, so each window also reads the
day before it. Messages are read back to that day, as far as Facebook returns them; a list that ends earlier is counted.
"""

from collections.abc import Iterator
from datetime import timedelta
from functools import partial

from social_crm.sources.graph_api import PAGE_SIZE, PARENTS_AT_ONCE, listed, made_in, open_graph, read_below
from social_crm.sources.model import Page, Record, Rejected, Request, Window
from social_crm.sources.moments import moment_of
from social_crm.sources.web.rest import Api

POST_FIELDS = (
    "id,message,story,created_time,updated_time,from{id,name},permalink_url,shares,"
    "reactions.limit(0).summary(total_count)"
)
COMMENT_FIELDS = "id,message,created_time,from{id,name},parent{id},permalink_url,like_count,is_hidden"
MESSAGE_FIELDS = "id,message,created_time,from,to,sticker,attachments{id,mime_type,name}"
MESSAGES_AGAIN = timedelta(days=1)


def read_posts(request: Request) -> Iterator[Page]:
    """Read the posts of the look-back on the Page, its own and its visitors', newest first."""
    for _, posts, cursor in _feed(request, "posts", POST_FIELDS):
        yield Page(posts, cursor=cursor)


def read_comments(request: Request) -> Iterator[Page]:
    """Read all comments and replies below the posts of the look-back, each with its post."""
    for api, posts, cursor in _feed(request, "comments", "id,created_time", PARENTS_AT_ONCE):
        found, lost = read_below(api, posts, partial(_comments, api, request.window))
        yield Page(found, lost, cursor)


def read_messages(request: Request) -> Iterator[Page]:
    """Read the messages of the Page's conversations, each with its conversation."""
    api = open_graph("facebook", "messages", request.connection, request.window)
    window, fields = request.window.widened(MESSAGES_AGAIN), {"fields": "id,updated_time,message_count"}
    for threads, position in listed(api, "me/conversations", fields, window, request.cursor or ""):
        api.require_fields(threads, ("id", "updated_time"))
        is_past = not position or api.is_past(window, (moment_of(thread.get("updated_time")) for thread in threads))
        touched = [one for one in threads if not window.begins_after([moment_of(one.get("updated_time"))])]
        found = [_messages(api, thread, window) for thread in touched]
        messages = [message for said, _ in found for message in said]
        yield Page(messages, [one for _, cut in found for one in cut], None if is_past else position)
        if is_past:
            return


def _feed(
    request: Request, resource: str, fields: str, at_once: int = PAGE_SIZE
) -> Iterator[tuple[Api, list[Record], str | None]]:
    """Yield the Page's posts of the look-back page by page, each with where to go on."""
    api = open_graph("facebook", resource, request.connection, request.window)
    for posts, cursor in made_in(request, api, "me/feed", fields, "created_time", at_once):
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


def _messages(api: Api, thread: Record, window: Window) -> tuple[list[Record], list[Rejected]]:
    """Return a conversation's messages of a window and, if its list ended too early, a rejection that says so."""
    number, given, found = str(thread["id"]), 0, []
    for messages, _ in listed(api, f"{number}/messages", {"fields": MESSAGE_FIELDS}, window):
        api.require_fields(messages, ("id", "created_time"))
        inside = [one for one in messages if window.may_hold(moment_of(one.get("created_time")))]
        found += [{**one, "conversation_id": number} for one in inside]
        given += len(messages)
        if api.is_past(window, (moment_of(one.get("created_time")) for one in messages)):
            return found, []
    total = int(thread.get("message_count") or 0)
    cut = [Rejected("messages_cut", f"{given} of {total} given", number, f"conversation {number}")]
    return found, cut if total > given else []
