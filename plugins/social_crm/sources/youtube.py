"""YouTube Data API v3: comments under the company's videos, with all of their replies.

A thread shows only a few of its replies, so the replies of every thread are listed by their parent. New replies
do not move a thread, so threads are read again for option `lookback_days`. Pages may be shorter than requested: only a
missing token ends a list. A used-up quota is a 403 and is waited for like any rate limit; a wrong key is a 400.
"""

from collections.abc import Iterator
from datetime import timedelta

from dlt.sources.helpers.rest_client.paginators import JSONResponseCursorPaginator

from social_crm.errors import ConnectionUnusable
from social_crm.sources.fields import field
from social_crm.sources.model import Connection, Page, Record, Rejected, Request, Resource, Source, Window
from social_crm.sources.moments import moment_of
from social_crm.sources.options import PATIENCE, look_back
from social_crm.sources.people import People
from social_crm.sources.rechecks import Recheck
from social_crm.sources.removals import removal_options, removals
from social_crm.sources.web.answers import rejecting_cursor, unless_gone
from social_crm.sources.web.lists import Lists
from social_crm.sources.web.rest import Api
from social_crm.sources.youtube_api import COMMENTS, THREADS, open_youtube
from social_crm.sources.youtube_removals import read_removed_comments

LOOK_BACK_DAYS = 30
_RECHECK = Recheck(days=28, of="comments")
PAGE_SIZE = 100
_FIRST_SAID_AT, _SAID_AT = field("snippet.topLevelComment.snippet.publishedAt"), field("snippet.publishedAt")


def read_comments(request: Request) -> Iterator[Page]:
    """Read the threads of each channel, newest first, each with all of its replies."""
    wide = request.looked_back(LOOK_BACK_DAYS)
    api, channels = open_youtube("comments", request.connection, request.window), _channels(request.connection)
    lists = Lists(tuple(channels), "channels of connection youtube_api")
    walked = lists.walk(request.cursor, api.context, lambda number, token: _threads(api, channels[number], token, wide))
    for threads, cursor in walked:
        lost: list[Rejected] = []
        comments = [comment for thread in threads for comment in _comments(api, thread, lost)]
        yield Page([one for one in comments if wide.ends_after(moment_of(_SAID_AT(one)))], lost, cursor)


def _threads(api: Api, channel: str, token: str, window: Window) -> Iterator[tuple[list[Record], str]]:
    """Yield a channel's threads page by page, each with the token of the next, "" after the last of the window."""
    params = {
        "part": "snippet", "allThreadsRelatedToChannelId": channel, "order": "time", "textFormat": "plainText",
        "maxResults": PAGE_SIZE, **({"pageToken": token} if token else {}),
    }  # fmt: skip
    with rejecting_cursor(bool(token), (400,), f"{api.context}: YouTube no longer accepts the saved page token"):
        for page in api.pages(THREADS, params, "items", _paginator(), is_resumed=bool(token)):
            api.require_fields(page, ("id", "snippet"))
            onward = page.response.json().get("nextPageToken") or ""
            is_past = not onward or api.is_past(window, (moment_of(_FIRST_SAID_AT(thread)) for thread in page))
            inside = [thread for thread in page if window.may_hold(moment_of(_FIRST_SAID_AT(thread)))]
            yield inside, "" if is_past else onward
            if is_past:
                return


def _comments(api: Api, thread: Record, lost: list[Rejected]) -> Iterator[Record]:
    """Yield a thread's first comment and all of its replies, each with the thread it belongs to.

    If YouTube leaves out the first comment, landing quarantines the rest, because it has no key.
    """
    snippet = thread.get("snippet") or {}
    # A reply itself has neither of the two.
    where = {"thread_id": thread["id"], "video_id": snippet.get("videoId"), "channel_id": snippet.get("channelId")}
    yield {**(snippet.get("topLevelComment") or {}), **where}
    if not snippet.get("totalReplyCount"):
        return
    params = {"part": "snippet", "parentId": thread["id"], "textFormat": "plainText", "maxResults": PAGE_SIZE}
    with unless_gone(lost, thread["id"]):
        for page in api.pages(COMMENTS, params, "items", _paginator()):
            yield from ({**reply, **where} for reply in page)


def _paginator() -> JSONResponseCursorPaginator:
    return JSONResponseCursorPaginator(cursor_path="nextPageToken", cursor_param="pageToken")


def check(connection: Connection) -> None:
    """Ask for one thread; raises CredentialRefused saying whether the key is missing, wrong or expired."""
    channel = _channels(connection)[0]
    params = {"part": "id", "allThreadsRelatedToChannelId": channel, "maxResults": 1}
    open_youtube("check", connection, None).fetch(THREADS, params)


def _channels(connection: Connection) -> list[str]:
    channels = [str(channel) for channel in connection.options.get("channels", [])]
    if not channels or not all(channel.startswith("UC") for channel in channels):
        raise ConnectionUnusable(
            "connection youtube_api: option `channels` must list ids of channels, which begin with UC"
        )
    return channels


YOUTUBE = Source(
    name="youtube",
    title="YouTube",
    description="Comments under the videos of the channels that option `channels` lists, with all of their replies.",
    resources=(
        Resource(
            name="comments",
            extract=read_comments,
            key=field("id"),
            event_at=field("snippet.publishedAt"),
            version_at=field("snippet.updatedAt", "snippet.publishedAt"),
            description="One comment or reply, in the state in which it was read.",
            order="threads newest first, each followed by its replies",
            window="comments of threads begun in it or `lookback_days` (30) before; later replies are not seen",
            deletions="Requested again by id (`removals`).",
            deletion_delay=timedelta(days=1),
            is_utterance=True,
            words=("snippet.textOriginal", "snippet.textDisplay", "snippet.authorDisplayName"),
            people=People(
                persons=({"snippet.authorChannelId.value": "youtube", "snippet.authorDisplayName": "youtube"},),
                keeps=(
                    "id thread_id video_id channel_id snippet.parentId snippet.channelId snippet.videoId"
                    " snippet.likeCount snippet.publishedAt snippet.updatedAt"
                ),
            ),
        ),
        removals(read_removed_comments, _RECHECK),
    ),
    check=check,
    connection={
        "conn_type": "http",
        "host": "https://youtube.googleapis.com",
        "password": "<API key>",
        "extra": {"channels": ["UC<22 characters>"]},
    },
    options={
        "channels": "ids of the channels to read",
        **look_back(LOOK_BACK_DAYS),
        **removal_options(_RECHECK),
        **PATIENCE,
    },
    access="An API key of a Google Cloud project in which YouTube Data API v3 is enabled.",
    limits=(
        "10,000 requests a day: one per page of 100 threads, at least one per thread with replies, and one per 20"
        " comments by id."
    ),
    retention="30 days after the last time it was read, by YouTube's developer policies.",
    tested_against={"recordings": "comments and threads of the SNS SDKs' tests"},
)
