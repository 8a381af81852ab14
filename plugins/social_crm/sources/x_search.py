"""Recent search of X: every query of a window, page by page, resumable; reports what X no longer serves."""

from collections.abc import Generator, Iterator
from dataclasses import replace
from datetime import datetime

from dlt.sources.helpers.rest_client.auth import BearerTokenAuth
from dlt.sources.helpers.rest_client.paginators import JSONResponseCursorPaginator

from social_crm.errors import WindowUnavailable
from social_crm.sources.model import Connection, Page, Request, Window
from social_crm.sources.numeric_options import number_of
from social_crm.sources.web.answers import RequestRefused
from social_crm.sources.web.lists import Lists
from social_crm.sources.web.rest import Api, open_api
from social_crm.sources.x_protocol import QUERY_LENGTH, accounts, horizon, partial_errors, posts_of, queries

SEARCH = "2/tweets/search/recent"
SETTLED_SECONDS = 10  # X refuses an end_time nearer to now
USER_FIELDS = "created_at,description,id,location,name,public_metrics,username,verified"
POST_FIELDS = (
    "author_id,conversation_id,created_at,edit_controls,edit_history_tweet_ids,entities,id,"
    "in_reply_to_user_id,lang,note_tweet,public_metrics,referenced_tweets,text"
)


def open_x(resource: str, connection: Connection, window: Window | None) -> Api:
    """Open the API with the connection's bearer token."""
    return open_api("x", resource, connection, window, BearerTokenAuth(token=connection.secret))


def read_posts(request: Request) -> Iterator[Page]:
    """Read every query of the window; the part beyond X's horizon is reported after the rest was read."""
    api = open_x("posts", request.connection, request.window)
    length = number_of(request.connection.options, "query_length", QUERY_LENGTH)
    searches = Lists(tuple(queries(accounts(request.connection), length)), "accounts of connection x_api")
    first, token = searches.resume(request.cursor, api.context)
    gap_end: datetime | None = None
    for number in range(first, len(searches.names)):
        lost_until = yield from _search(api, searches, number, token, request.window)
        gap_end, token = lost_until or gap_end, ""
    if gap_end:
        gap = f"{request.window.start:%FT%TZ} to {gap_end:%FT%TZ}"
        raise WindowUnavailable(f"{api.context}: X no longer serves {gap}", request.window.start, gap_end)


def _search(
    api: Api, searches: Lists, number: int, token: str, window: Window
) -> Generator[Page, None, datetime | None]:
    """Yield one query's pages; return the end of the span that X no longer serves, if any."""
    try:
        yield from _pages(api, searches, number, token, window)
    except RequestRefused as refused:
        served_from = horizon(refused, api.context)
        if served_from < window.end:
            yield from _pages(api, searches, number, "", replace(window, start=served_from))
        return min(served_from, window.end)
    return None


def _pages(api: Api, searches: Lists, number: int, token: str, window: Window) -> Iterator[Page]:
    params = {
        "query": searches.names[number],
        "start_time": f"{window.start:%FT%TZ}",
        "end_time": f"{window.end:%FT%TZ}",
        "max_results": 100,
        "tweet.fields": POST_FIELDS,
        "expansions": "author_id",
        "user.fields": USER_FIELDS,
    }
    paginator = JSONResponseCursorPaginator(cursor_path="meta.next_token", cursor_param="next_token")
    params |= {"next_token": token} if token else {}
    following = searches.cursor(number + 1) if number + 1 < len(searches.names) else None
    for page in api.pages(SEARCH, params, "$", paginator, is_resumed=bool(token)):
        body = page.response.json()
        posts = posts_of(body, api.context)
        api.require_settled(window, page.response, SETTLED_SECONDS)
        api.require_fields(posts, ("id", "created_at"))
        api.require_inside(window, [post.get("created_at") for post in posts])
        onward = (body.get("meta") or {}).get("next_token")
        yield Page(posts, partial_errors(body), searches.cursor(number, onward) if onward else following)
