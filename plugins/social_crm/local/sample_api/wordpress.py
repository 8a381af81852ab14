"""WordPress as far as the warehouse reads it: posts and comments, as an editor sees them."""

from collections.abc import Callable
from datetime import datetime, timedelta
from html import escape
from typing import NamedTuple

from social_crm.local.sample_api.company import Clock, Company, Record, said_by
from social_crm.local.sample_api.messages import Answer, Call, answer_json

SITE, USER = "https://blog.acmebank.example", "warehouse"
AHEAD_OF_UTC = timedelta(hours=8)  # filters compare the site's local times
_POST_STATES = {"publish", "future", "draft", "pending", "private", "trash", "any"}
_CONTEXTS = ("view", "edit")


class WordpressApi:
    """Answers like a site without pretty addresses, below /wordpress/."""

    def __init__(self, company: Company, clock: Clock, secret: str) -> None:
        """Keep the story."""
        self._lines, self._clock, self._secret = company.networks.get("wordpress", []), clock, secret

    def answer(self, call: Call) -> Answer:
        """Answer with our own rights, or with a list."""
        if not call.logs_in(USER, self._secret):
            return _refused(401, "rest_forbidden_context")
        route = call.params.get("rest_route", "")
        context = call.params.get("context", "view")
        if context not in _CONTEXTS:
            return _refused(400, "rest_invalid_param")
        if route == "/wp/v2/users/me":
            rights = {"capabilities": {"moderate_comments": True}} if context == "edit" else {}
            return answer_json({"id": 2, "name": USER, **rights})
        if route not in _LISTS:
            return _refused(404, "rest_no_route")
        said = said_by(self._lines, self._clock.now)
        return _page(call, _LISTS[route], [line for line in said if line["kind"] == _LISTS[route].kind])


class _List(NamedTuple):
    """What is specific to a list: which filters it knows (it ignores all others) and how it can be sorted."""

    kind: str
    view: Callable[[Record], Record]
    state: str  # the default
    bounds: tuple[str, ...]
    orders: tuple[str, ...]  # the first by default


def _page(call: Call, listing: _List, lines: list[Record]) -> Answer:
    """Return the requested page of a list, with the list's length in a header."""
    first, size = call.integer("offset", 0, 0, 10**6), call.integer("per_page", 10, 1, 100)
    order, direction = call.params.get("orderby", listing.orders[0]), call.params.get("order", "desc")
    state = call.params.get("status", listing.state)
    is_known = listing.kind == "comment" or set(state.split(",")) <= _POST_STATES
    if first is None or size is None or order not in listing.orders or direction not in ("asc", "desc") or not is_known:
        return _refused(400, "rest_invalid_param")
    wanted = [one for one in map(listing.view, lines) if _is_in_state(one, state)]
    for name in call.params.keys() & set(listing.bounds):
        try:
            limit = datetime.fromisoformat(call.params[name]).replace(tzinfo=None)
        except ValueError:
            return _refused(400, "rest_invalid_param")
        wanted = [one for one in wanted if _is_met(limit, name, one)]
    moment = "modified_gmt" if order == "modified" else "date_gmt"
    wanted.sort(key=lambda one: ("" if order == "id" else one[moment], one["id"]), reverse=direction == "desc")
    shown = [_shown(one, call) for one in wanted[first : first + size]]
    return answer_json(shown, headers={"x-wp-total": str(len(wanted))})


def _is_in_state(record: Record, asked: str) -> bool:
    """Tell whether a record is in a requested state; each kind of record has its own rule."""
    state = record["status"]
    if record["type"] == "post":
        states = asked.split(",")
        return state in states or ("any" in states and state != "trash")
    name = "approve" if state == "approved" else state  # its name in requests differs from its name in answers
    return asked in ("any", name) or (asked == "all" and name in ("approve", "hold"))


def _is_met(limit: datetime, name: str, record: Record) -> bool:
    """Tell whether a record is on the right side of an exclusive bound."""
    moment = record["modified_gmt" if name.startswith("modified") else "date_gmt"]
    at = datetime.fromisoformat(moment) + AHEAD_OF_UTC
    return at > limit if name.endswith("after") else at < limit


def _shown(record: Record, call: Call) -> Record:
    """Return the requested fields; comments do not support parts of a field, and addresses need editing rights."""
    names = call.params["_fields"].split(",") if call.params.get("_fields") else list(record)
    if record["type"] == "post":
        names = [name.partition(".")[0] for name in names]
    hidden = set() if call.params.get("context") == "edit" else {"author_email"}
    return {name: value for name, value in record.items() if name in names and name not in hidden}


def _post(line: Record) -> Record:
    number = _number(line["id"])
    return {
        "id": number, "date_gmt": _stamp(line["at"]), "modified_gmt": _stamp(line.get("edited_at") or line["at"]),
        "status": line.get("status", "publish"), "type": "post", "link": f"{SITE}/?p={number}",
        "author": _number(line["by"]), "title": {"rendered": escape(line["title"])},
        "content": {"rendered": f"<p>{escape(line['text'])}</p>\n"},
    }  # fmt: skip


def _comment(line: Record) -> Record:
    number, post, is_guest = _number(line["id"]), _number(line["on"]), "@" in line["by"]
    return {
        "id": number, "post": post, "parent": _number(line["reply_to"]) if "reply_to" in line else 0,
        "author": 0 if is_guest else _number(line["by"]), "author_name": line["name"],
        "author_email": line["by"] if is_guest else "care@acmebank.example", "date_gmt": _stamp(line["at"]),
        "content": {"rendered": f"<p>{escape(line['text'])}</p>\n"}, "link": f"{SITE}/?p={post}#comment-{number}",
        "status": line.get("status", "approved"), "type": "comment",
    }  # fmt: skip


_LISTS = {
    "/wp/v2/posts": _List(
        "post", _post, "publish", ("after", "before", "modified_after", "modified_before"), ("date", "modified", "id")
    ),
    "/wp/v2/comments": _List("comment", _comment, "approve", ("after", "before"), ("date_gmt", "date", "id")),
}


def _number(name: str) -> int:
    return int(name.rpartition("/")[2])


def _stamp(at: str) -> str:
    return at.removesuffix("Z")


def _refused(status: int, code: str) -> Answer:
    return answer_json({"code": code, "message": "Sorry, you may not do that.", "data": {"status": status}}, status)
