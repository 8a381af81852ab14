"""LinkedIn's Community Management API as far as the warehouse reads it: a page's posts, and the comments below them."""

import re

from social_crm.local.sample_api.company import Clock, Company, Record, epoch, said_by
from social_crm.local.sample_api.messages import Answer, Call, answer_json

ORGANIZATION = "7100"
_PAGE = f"urn:li:organization:{ORGANIZATION}"
_ORDERS = {"CREATED": "createdAt", "LAST_MODIFIED": "lastModifiedAt"}
_OLDEST_VERSION, _PROTOCOL = "202510", "2.0.0"
_BELOW = re.compile(r"/linkedin/rest/socialActions/(.+)/comments")
# These have a meaning in a post unless a backslash precedes them; a mention is left as it is.
_MEANT = re.compile(r"(@\[[^]]*\]\(urn:[^)]*\))|#(\w+)|([\\|{}@\[\]()<>#*_~])")


class LinkedinApi:
    """Answers like api.linkedin.com, below /linkedin/."""

    def __init__(self, company: Company, clock: Clock, token: str) -> None:
        """Keep the story."""
        self._lines, self._clock, self._token = company.networks.get("linkedin", []), clock, token

    def answer(self, call: Call) -> Answer:
        """Answer with a list of posts, or with the comments directly below a post or comment."""
        if not call.bears(self._token):
            return _refused(401, "INVALID_ACCESS_TOKEN")
        if call.headers.get("x-restli-protocol-version") != _PROTOCOL:
            return _refused(400, "ILLEGAL_ARGUMENT")
        if call.headers.get("linkedin-version", "") < _OLDEST_VERSION:
            return _refused(426, "NONEXISTENT_VERSION")
        said = said_by(self._lines, self._clock.now)
        if call.path == "/linkedin/rest/posts":
            if (call.params.get("q"), call.params.get("author")) != ("author", _PAGE):
                return _refused(403, "ACCESS_DENIED")
            order = _ORDERS.get(call.params.get("sortBy", "LAST_MODIFIED"))
            if order is None:
                return _refused(400, "ILLEGAL_ARGUMENT")
            posts = [_post(line) for line in said if line["kind"] == "post"]
            return _page(call, sorted(posts, key=lambda post: -int(post[order])))
        above = _BELOW.fullmatch(call.path)
        if not above or not any(line["id"] == above[1] for line in said):
            return _refused(404, "NOT_FOUND")
        below = [line for line in reversed(said) if line.get("reply_to", line.get("on")) == above[1]]
        return _page(call, [_comment(line, said) for line in below])


def _page(call: Call, items: list[Record]) -> Answer:
    start, count = call.integer("start", 0, 0, 10**6), call.integer("count", 10, 1, 100)
    if start is None or count is None:
        return _refused(400, "ILLEGAL_ARGUMENT")
    paging = {"start": start, "count": count, "links": [], "total": len(items)}
    return answer_json({"elements": items[start : start + count], "paging": paging})


def _post(line: Record) -> Record:
    edited_at = line.get("edited_at")
    return {
        "id": line["id"],
        "author": line["by"],
        "commentary": _MEANT.sub(_as_little_text, line["text"]),
        "visibility": "PUBLIC",
        "lifecycleState": "PUBLISHED",
        "lifecycleStateInfo": {"isEditedByAuthor": bool(edited_at)},
        "createdAt": _milliseconds(line.get("drafted_at") or line["at"]),
        "publishedAt": _milliseconds(line["at"]),
        "lastModifiedAt": _milliseconds(edited_at or line["at"]),
    }


def _as_little_text(found: re.Match[str]) -> str:
    """Return a mention, a hashtag or a sign as LinkedIn's "little" format writes it."""
    mention, hashtag, sign = found.groups()
    return str(mention or (rf"{{hashtag|\#|{hashtag}}}" if hashtag else f"\\{sign}"))


def _comment(line: Record, said: list[Record]) -> Record:
    identity, number = line["id"], line["id"].rpartition(",")[2][:-1]
    replies = sum(one.get("reply_to") == identity for one in said)
    created = {"actor": line["by"], "time": _milliseconds(line["at"])}
    counts = {"totalFirstLevelComments": replies, "aggregatedTotalComments": replies}
    return {
        "id": number,
        "commentUrn": identity,
        "object": identity[len("urn:li:comment:(") :].partition(",")[0],
        **({"parentComment": line["reply_to"]} if "reply_to" in line else {}),
        "actor": line["by"],
        "created": created,
        "lastModified": {**created, "time": _milliseconds(line.get("edited_at") or line["at"])},
        "message": {"attributes": [], "text": line["text"]},
        "likesSummary": {"selectedLikes": [], "aggregatedTotalLikes": line["likes"]},
        **({"commentsSummary": {"selectedComments": [], **counts}} if replies else {}),
    }


def _milliseconds(at: str) -> int:
    return epoch(at) * 1000


def _refused(status: int, code: str) -> Answer:
    return answer_json({"status": status, "code": code, "message": "Sorry."}, status)
