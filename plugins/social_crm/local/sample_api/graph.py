"""Meta's Graph API as far as the warehouse reads it: a Page of Facebook, and the Instagram account of another."""

import re
from collections.abc import Callable, Mapping
from urllib.parse import urlencode

from social_crm.local.sample_api.company import Clock, Company, Record, epoch, said_by
from social_crm.local.sample_api.graph_wire import (
    fields_of,
    write_comment,
    write_media,
    write_message,
    write_post,
    write_reply,
    write_thread,
)
from social_crm.local.sample_api.messages import Answer, Call, answer_json

PAGE = {"id": "700100001", "name": "Acme Pay India"}
ACCOUNT = {"id": "17841400000000001", "username": "acmebanksg"}
ACCOUNTS_PAGE = {"id": "700100002", "name": "Acme Bank Singapore", "instagram_business_account": ACCOUNT}
LARGEST_PAGE = 7  # whatever size is requested, so that a small story has more than one page
SHOWN_REPLIES, SHOWN_MESSAGES = 2, 20
Write = Callable[[Record], Record]


def token_of(secret: str, page: Record) -> str:
    """Return the token that belongs to a Page."""
    return f"{secret}.{page['id']}"


class GraphApi:
    """Answers like graph.facebook.com, below /graph/."""

    def __init__(self, company: Company, clock: Clock, secret: str) -> None:
        """Keep the story."""
        self._company, self._clock = company, clock
        self._pages = {f"Bearer {token_of(secret, page)}": page for page in (PAGE, ACCOUNTS_PAGE)}

    def answer(self, call: Call) -> Answer:
        """Answer any call with what a Page's token may see of what belongs to the Page."""
        page = self._pages.get(call.headers.get("authorization", ""))
        if page is None:
            return _refused(190, "Invalid OAuth access token - Cannot parse access token")
        _, *path = call.path.removeprefix("/graph/").split("/")  # the part after the version
        if path == ["me"]:
            return answer_json(_only(page, fields_of(call.params.get("fields", "id,name"))))
        source = "instagram" if page is ACCOUNTS_PAGE else "facebook"
        said = said_by(self._company.networks.get(source, []), self._clock.now)
        listed = self._instagram(call, said, *path) if page is ACCOUNTS_PAGE else self._facebook(said, *path)
        if listed is None:
            return _refused(100, "Unsupported get request. Object does not exist", 33)
        return self._page(call, *listed)

    def _facebook(self, said: list[Record], owner: str = "", edge: str = "") -> tuple[list[Record], Write] | None:
        """Return what an edge of the Page, of a post or of a conversation lists, and how to write it."""
        if (owner, edge) == ("me", "feed"):
            return [line for line in said if line["kind"] == "post"], lambda post: write_post(post, said)
        if (owner, edge) == ("me", "conversations"):
            newest = {line["on"]: line for line in reversed(said) if line["kind"] == "message"}
            return sorted(newest.values(), key=lambda line: line["at"], reverse=True), write_thread
        below = [line for line in said if line.get("on") == owner]
        if edge == "messages" and below:
            return below[:SHOWN_MESSAGES], write_message
        if edge == "comments" and any(line["id"] == owner for line in said):
            return below, write_comment
        return None

    def _instagram(
        self, call: Call, said: list[Record], owner: str = "", edge: str = ""
    ) -> tuple[list[Record], Write] | None:
        """Return what an edge of the account, of a medium or of a comment lists, and how to write it."""
        if owner == ACCOUNT["id"] and edge in ("media", "tags"):
            media = [line for line in said if line["kind"] == edge.removesuffix("s")]
            return media, lambda line: write_media(line, said)
        if not any(line["id"] == owner for line in said):
            return None
        if edge == "replies":
            return [line for line in said if line.get("reply_to") == owner], write_reply
        if edge != "comments":
            return None
        first = [line for line in said if line.get("on") == owner and "reply_to" not in line]
        return first, lambda line: self._with_replies(call, line, said)

    def _with_replies(self, call: Call, line: Record, said: list[Record]) -> Record:
        """Return a comment with its first replies, and the link to the others."""
        replies = [one for one in said if one.get("reply_to") == line["id"]]
        if not replies:
            return write_reply(line)
        link = self._link(call, re.sub(r"[^/]+/comments$", f"{line['id']}/replies", call.path), SHOWN_REPLIES, {})
        paging = {"next": link} if len(replies) > SHOWN_REPLIES else {}
        return write_reply(line) | {
            "replies": {"data": list(map(write_reply, replies[:SHOWN_REPLIES])), "paging": paging}
        }

    def _page(self, call: Call, lines: list[Record], write: Write) -> Answer:
        if "since" in call.params:
            since, until = int(call.params["since"]), int(call.params["until"])
            lines = [line for line in lines if since <= epoch(line["at"]) <= until]
        first = call.integer("after", 0, 0, len(lines))
        size = min(LARGEST_PAGE, call.integer("limit", 25, 1, 100) or LARGEST_PAGE)
        if first is None:
            return _refused(100, "Invalid cursors values")
        asked = fields_of(call.params.get("fields", "id"))
        page = [_only(write(line), asked) for line in lines[first : first + size]]
        # The last page still has cursors, and `next` names another host, with the token.
        paging: Record = {"cursors": {"before": str(first), "after": str(first + len(page))}}
        if first + size < len(lines):
            paging["next"] = self._link(call, call.path, first + size, call.params)
        return answer_json({"data": page, "paging": paging})

    def _link(self, call: Call, path: str, after: int, params: Mapping[str, str]) -> str:
        token = call.headers["authorization"].removeprefix("Bearer ")
        path = path.removeprefix("/graph")
        return f"https://graph.facebook.com{path}?{urlencode({**params, 'after': after, 'access_token': token})}"


def _only(thing: Record, names: set[str]) -> Record:
    return {name: value for name, value in thing.items() if name in names and value is not None}


def _refused(code: int, message: str, subcode: int | None = None) -> Answer:
    error = {"message": message, "type": "OAuthException", "code": code, "error_subcode": subcode}
    return answer_json({"error": {name: value for name, value in error.items() if value is not None}}, 400)
