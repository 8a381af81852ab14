"""WordPress as far as the warehouse reads it: posts and comments in order of their ids, as an editor sees them."""

from base64 import b64encode
from datetime import datetime, timedelta
from html import escape

from social_crm.local.sample_api.company import Clock, Company, Record, said_by
from social_crm.local.sample_api.messages import Answer, Call, answer_json

SITE, USER = "https://blog.acmebank.example", "warehouse"
AHEAD_OF_UTC = timedelta(hours=8)  # filters compare the site's local times
_ROUTES = {"/wp/v2/posts": "post", "/wp/v2/comments": "comment"}
_BOUNDS = ("after", "before", "modified_after", "modified_before")


class WordpressApi:
    """Answers as a site without pretty addresses would, below /wordpress/."""

    def __init__(self, company: Company, clock: Clock, secret: str) -> None:
        """Keep the story."""
        self._lines, self._clock = company.networks.get("wordpress", []), clock
        self._login = "Basic " + b64encode(f"{USER}:{secret}".encode()).decode()

    def answer(self, call: Call) -> Answer:
        """Answer with our own rights, or with a list."""
        if call.headers.get("authorization") != self._login:
            return _refused(401, "rest_forbidden_context")
        route = call.params.get("rest_route", "")
        if route == "/wp/v2/users/me":
            return answer_json({"id": 2, "name": USER, "capabilities": {"moderate_comments": True}})
        if route not in _ROUTES:
            return _refused(404, "rest_no_route")
        said = [line for line in said_by(self._lines, self._clock.now) if line["kind"] == _ROUTES[route]]
        return _page(call, list(map(_post if _ROUTES[route] == "post" else _comment, said)))


def _page(call: Call, records: list[Record]) -> Answer:
    """Return what is asked of a list, and in a header how long it is."""
    first, size = call.integer("offset", 0, 0, 10**6), call.integer("per_page", 10, 1, 100)
    if first is None or size is None:
        return _refused(400, "rest_invalid_param")
    states = call.params.get("status", "any").split(",")
    wanted = [one for one in records if one["status"] in states or states == ["any"]]
    for name in call.params.keys() & set(_BOUNDS):
        wanted = [one for one in wanted if _is_met(call.params[name], name, one)]
    wanted.sort(key=lambda one: int(one["id"]))
    names = {name.partition(".")[0] for name in call.params.get("_fields", "").split(",")}
    shown = [{name: value for name, value in one.items() if name in names} for one in wanted[first : first + size]]
    return answer_json(shown, headers={"x-wp-total": str(len(wanted))})


def _is_met(bound: str, name: str, record: Record) -> bool:
    """Tell whether a record is on the right side of a bound, which is outside itself."""
    moment = record["modified_gmt" if name.startswith("modified") else "date_gmt"]
    at = datetime.fromisoformat(moment) + AHEAD_OF_UTC
    limit = datetime.fromisoformat(bound).replace(tzinfo=None)
    return at > limit if name.endswith("after") else at < limit


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


def _number(name: str) -> int:
    return int(name.rpartition("/")[2])


def _stamp(at: str) -> str:
    return at.removesuffix("Z")


def _refused(status: int, code: str) -> Answer:
    return answer_json({"code": code, "message": "Sorry, you may not do that.", "data": {"status": status}}, status)
