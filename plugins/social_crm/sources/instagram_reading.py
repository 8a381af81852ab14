"""How an Instagram account is read: its media, the comments below, and media of others in which it is tagged.

A comment only shows its first replies, so the following ones are requested. The list of tags cannot be limited by time
and is in order of tagging, so it is read until a whole page is too old.
"""

from collections.abc import Iterator
from functools import partial

from social_crm.errors import ContractBroken
from social_crm.sources.graph_api import (
    LOOK_BACK_DAYS,
    PAGE_SIZE,
    PARENTS_AT_ONCE,
    is_gone_or_hidden,
    listed,
    made_in,
    open_graph,
    position_after,
    read_below,
    token_owner,
)
from social_crm.sources.model import Page, Record, Request, Window
from social_crm.sources.moments import moment_of
from social_crm.sources.web.answers import RequestRefused
from social_crm.sources.web.rest import Api

ACCOUNT = "instagram_business_account"
MEDIA_FIELDS = "id,caption,timestamp,username,permalink,media_type,like_count,comments_count"
COMMENT_FIELDS = "id,text,timestamp,from{id,username},username,like_count,hidden,parent_id"


def account_of(api: Api) -> Record:
    """Return id and username of the account that belongs to the token's Page."""
    account = token_owner(api, f"{ACCOUNT}{{id,username}}").get(ACCOUNT)
    if not isinstance(account, dict) or not {"id", "username"} <= account.keys():
        raise ContractBroken(
            "connection instagram_api: the token's Page has no Instagram account: connect a professional one to it, and"
            " take the token of that Page"
        )
    return account


def read_media(request: Request) -> Iterator[Page]:
    """Read the account's media of the look-back, newest first."""
    for _, media, cursor in _own(request, "media", MEDIA_FIELDS):
        yield Page(media, cursor=cursor)


def read_comments(request: Request) -> Iterator[Page]:
    """Read all comments and replies below the media of the look-back, each with its media and that one's account."""
    for api, media, cursor in _own(request, "comments", "id,timestamp", PARENTS_AT_ONCE):
        found, lost = read_below(api, media, partial(_comments, api, request.window))
        yield Page(found, lost, cursor)


def read_tags(request: Request) -> Iterator[Page]:
    """Read media of others in which the account is tagged."""
    api, wide = open_graph("instagram", "tags", request.connection, request.window), request.looked_back(LOOK_BACK_DAYS)
    account, params = account_of(api), {"fields": MEDIA_FIELDS}
    for media, position in listed(api, f"{account['id']}/tags", params, request.window, request.cursor or ""):
        api.require_fields(media, ("id", "timestamp"))
        inside = [one for one in media if wide.may_hold(moment_of(one.get("timestamp")))]
        yield Page([{**one, "account": account["username"]} for one in inside], cursor=position or None)
        if wide.begins_after(moment_of(one.get("timestamp")) for one in media):
            return


def _own(
    request: Request, resource: str, fields: str, at_once: int = PAGE_SIZE
) -> Iterator[tuple[Api, list[Record], str | None]]:
    """Yield the account's media of the look-back page by page, each with the account's name and where to go on."""
    api = open_graph("instagram", resource, request.connection, request.window)
    account = account_of(api)
    for media, cursor in made_in(request, api, f"{account['id']}/media", fields, "timestamp", at_once):
        yield api, [{**one, "account": account["username"]} for one in media], cursor


def _comments(api: Api, window: Window, media: Record) -> Iterator[Record]:
    fields = f"{COMMENT_FIELDS},replies{{{COMMENT_FIELDS}}}"
    where = {"media_id": str(media["id"]), "account": media["account"]}
    for comments, _ in listed(api, f"{media['id']}/comments", {"fields": fields}, window):
        api.require_fields(comments, ("id", "timestamp"))
        for comment in comments:
            said = [{name: value for name, value in comment.items() if name != "replies"}]
            said += ({"parent_id": comment["id"], **reply} for reply in _replies(api, window, comment))
            yield from ({**one, **where} for one in said if window.ends_after(moment_of(one.get("timestamp"))))


def _replies(api: Api, window: Window, comment: Record) -> Iterator[Record]:
    shown = comment.get("replies") or {}
    yield from shown.get("data", [])
    if onward := position_after(shown):
        try:
            for replies, _ in listed(api, f"{comment['id']}/replies", {"fields": COMMENT_FIELDS}, window, onward):
                yield from replies
        except RequestRefused as refused:  # deleted since it was listed
            if not is_gone_or_hidden(refused):
                raise
