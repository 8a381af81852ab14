"""Bluesky as far as the warehouse reads it: sessions, notifications, our own feed, a search, and posts by address."""

import secrets
from collections.abc import Iterable
from functools import partial

import orjson

from social_crm.local.sample_api.bluesky_wire import DID, HANDLE, sorted_at, view_of
from social_crm.local.sample_api.company import Clock, Company, Record, said_by
from social_crm.local.sample_api.messages import Answer, Call, answer_json

LARGEST_PAGE = 5  # whatever size is requested, so that a small story has more than one page
_API = "/bluesky/xrpc/"
SESSION = f"{_API}com.atproto.server.createSession"
_REPOST = {"$type": "app.bsky.feed.defs#reasonRepost", "by": {"did": DID, "handle": HANDLE}}


class BlueskyApi:
    """Answers like the account's server, below /bluesky/."""

    def __init__(self, company: Company, clock: Clock, secret: str) -> None:
        """Keep the story, and a token for clients that know the app password."""
        self._lines, self._clock, self._secret = company.networks.get("bluesky", []), clock, secret
        self._token = secrets.token_urlsafe(18)

    def answer(self, call: Call) -> Answer:
        """Answer any call; a wrong token gives a 400, as at Bluesky."""
        if call.path == SESSION:
            return self._open(call)
        if not call.bears(self._token):
            return answer_json({"error": "InvalidToken", "message": "Token could not be verified"}, 400)
        lines = {line["id"]: line for line in self._lines}
        now = self._clock.now
        said = {line["id"]: line for line in said_by(self._lines, now)}
        view = partial(view_of, lines=lines, said=said.values(), now=now)
        match call.path.removeprefix(_API):
            case "app.bsky.notification.listNotifications":
                # The reply keeps the words that a post had when the reply was written.
                told = [lines[name] for name, line in said.items() if _reason(line, lines)]
                items = [(sorted_at(line), _notification(view(line), _reason(line, lines))) for line in told]
                return _page(call, "notifications", items)
            case "app.bsky.feed.getAuthorFeed" if call.params.get("actor") == DID:
                own = [line for line in said.values() if line["by"] == DID]
                items = [(sorted_at(line), {"post": view(line)}) for line in own]
                for line in said.values():
                    if line.get("reposted_at", "9") <= now:
                        items.append((line["reposted_at"], {"post": view(line), "reason": _REPOST}))
                return _page(call, "feed", items)
            case "app.bsky.feed.searchPosts":
                found = [line for line in said.values() if _is_found(line, call)]
                return _page(call, "posts", [(sorted_at(line), view(line)) for line in found])
            case "app.bsky.feed.getPosts":
                wanted = [said[name] for name in call.repeated("uris") if name in said]
                return answer_json({"posts": [view(line) for line in wanted]})
        return answer_json({"error": "MethodNotImplemented", "message": "Method Not Implemented"}, 501)

    def _open(self, call: Call) -> Answer:
        if call.method != "POST" or orjson.loads(call.body) != {"identifier": HANDLE, "password": self._secret}:
            return answer_json({"error": "AuthenticationRequired", "message": "Invalid identifier or password"}, 401)
        return answer_json({"accessJwt": self._token, "refreshJwt": self._token, "did": DID, "handle": HANDLE})


def _reason(line: Record, lines: dict[str, Record]) -> str | None:
    """Return why we are notified of a post, or nothing if we are not."""
    if line["by"] == DID:
        return None
    for name, reason in (("reply_to", "reply"), ("quotes", "quote")):
        if name in line and lines[line[name]]["by"] == DID:
            return reason
    return "mention" if f"@{HANDLE}" in line["text"] else None


def _notification(view: Record, reason: str | None) -> Record:
    names = ("uri", "cid", "author", "record", "indexedAt")
    return {**{name: view[name] for name in names}, "reason": reason, "isRead": False}


def _is_found(line: Record, call: Call) -> bool:
    since, until = call.params.get("since", ""), call.params.get("until", "9")
    return call.params.get("q", "").casefold() in line["text"].casefold() and since <= sorted_at(line) < until


def _page(call: Call, name: str, items: Iterable[tuple[str, Record]]) -> Answer:
    """Return a page, newest first; a cursor that we did not issue gives a 502, as at Bluesky."""
    ordered = [item for _, item in sorted(items, key=lambda item: item[0], reverse=True)]
    first = call.integer("cursor", 0, 0, len(ordered))
    if first is None:
        return answer_json({"error": "UpstreamFailure"}, 502)
    end = first + min(LARGEST_PAGE, call.integer("limit", 50, 1, 100) or LARGEST_PAGE)
    more = {"cursor": str(end)} if end < len(ordered) else {}
    return answer_json({name: ordered[first:end], **more})
