"""X's conventions, without I/O: handles, queries, and the content of an API v2 answer."""

import re
from datetime import UTC, datetime, timedelta
from typing import Any

import orjson

from social_crm.errors import ConnectionUnusable, ContractBroken, CursorRejected, SourceUnavailable
from social_crm.sources.model import Connection, Record, Rejected
from social_crm.sources.web.answers import RequestRefused

QUERY_LENGTH = 512  # for every access level; a connection with a higher limit sets option `query_length`
NO_RETWEETS = " -is:retweet"  # a repost of somebody else's words asks nothing
HORIZON_MARGIN = timedelta(minutes=1)  # the seven-day horizon moves on while we retry


def accounts(connection: Connection) -> list[str]:
    """Return the company's handles; ConnectionUnusable names one that cannot be a handle."""
    handles = [str(handle).removeprefix("@") for handle in connection.options.get("accounts", [])]
    wrong = [handle for handle in handles if not re.fullmatch(r"\w{1,15}", handle, re.ASCII)]
    if wrong or not handles:
        raise ConnectionUnusable(
            f"connection x_api: option `accounts` must list X handles; wrong: {wrong or 'it is empty'}"
        )
    return handles


def queries(handles: list[str], longest: int = QUERY_LENGTH) -> list[str]:
    """Distribute the accounts over as few queries as X's length limit allows."""
    found: list[str] = []
    room = longest - len(NO_RETWEETS)
    for handle in handles:
        term = f"@{handle} OR from:{handle}"
        if found and len(found[-1]) + len(f" OR {term}") <= room:
            found[-1] = f"{found[-1][:-1]} OR {term})"
        else:
            found.append(f"({term})")
    return [query + NO_RETWEETS for query in found]


def posts_of(body: dict[str, Any], context: str) -> list[Record]:
    """Return the posts of one answer, each with its `author` if X sent it."""
    meta, posts = body.get("meta"), body.get("data") or []
    if not isinstance(meta, dict):
        # For example an error in a 200, which would be taken for the last page of a window.
        raise ContractBroken(
            f"{context}: field 'meta' is missing, so the posts may be as well: has API version 2 changed?"
        )
    if not isinstance(posts, list) or (meta.get("result_count") and not posts):
        raise ContractBroken(
            f"{context}: result_count is not 0, yet field 'data' is missing: has API version 2 changed?"
        )
    if not all(isinstance(post, dict) for post in posts):
        raise ContractBroken(f"{context}: field 'data' holds something other than posts: has API version 2 changed?")
    users = {user["id"]: user for user in (body.get("includes") or {}).get("users") or [] if "id" in (user or {})}
    return [{**post, "author": users[post["author_id"]]} if post.get("author_id") in users else post for post in posts]


def users_of(body: dict[str, Any], context: str) -> list[Record]:
    """Return the accounts of one answer, which also names the missing ones."""
    if not body.get("data") and not body.get("errors"):
        raise ContractBroken(f"{context}: neither 'data' nor 'errors' is there: has API version 2 changed?")
    return list(body.get("data") or [])


def partial_errors(body: dict[str, Any]) -> list[Rejected]:
    """Return what X reports as missing from the answer, except authors of posts that are in it."""
    kept = ("resource_type", "resource_id", "parameter", "title", "type")
    errors = [error for error in body.get("errors") or [] if error.get("parameter") != "author_id"]
    return [
        Rejected(
            reason="partial_error",
            detail=str(error.get("title", "untitled")),
            content=orjson.dumps({name: error[name] for name in kept if name in error}).decode(),
            position=f"{error.get('resource_type', '')} {error.get('resource_id', '')}".strip(),
        )
        for error in errors
    ]


def horizon(refused: RequestRefused, context: str) -> datetime:
    """Return the time from which X serves posts, if the refusal says so; raise the error that it means otherwise."""
    errors = [error for error in refused.body.get("errors", []) if isinstance(error, dict)]
    named = {name for error in errors for name in error.get("parameters", {})}
    messages = " ".join(str(error.get("message", "")) for error in errors)
    if named & {"next_token", "pagination_token"} or "next_token" in messages:
        raise CursorRejected(f"{context}: X no longer accepts the saved page token") from None
    if "end_time" in named and "start_time" not in named:
        raise SourceUnavailable(f"{context}: the window is not over at X; try again later") from None
    earliest = re.search(r"start_time\W+must be on or after (\S+Z)", messages)
    if not earliest:
        raise refused
    return datetime.fromisoformat(earliest[1]).astimezone(UTC) + HORIZON_MARGIN
