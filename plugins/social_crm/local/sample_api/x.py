"""X API v2 as far as the warehouse reads it: search of posts, posts by id, and users by name."""

import re
import time
from datetime import timedelta
from itertools import islice

from social_crm.local.sample_api.company import Clock, Company, Record, written
from social_crm.local.sample_api.faults import Faults
from social_crm.local.sample_api.messages import Answer, Call, answer_json, problem
from social_crm.local.sample_api.x_index import BadQuery, PostIndex, parse_query, position_of, token_for
from social_crm.local.sample_api.x_wire import (
    DEFAULT_POST_FIELDS,
    DEFAULT_USER_FIELDS,
    EXPANSIONS,
    POST_FIELDS,
    USER_FIELDS,
    not_found,
    write_post,
    write_user,
)

RATE_LIMIT, RATE_WINDOW_SECONDS = 450, 900
HORIZON = timedelta(days=7)
SEARCH, LARGEST_PAGE = "/2/tweets/search/recent", 100
LOOKUP, MOST_IDS = "/2/tweets", 100
_STAMP = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z")
_INVALID = "https://api.twitter.com/2/problems/invalid-request"


class Invalid(ValueError):
    """A parameter that X refuses: its name, its value, and X's message."""

    def __init__(self, name: str, value: str, message: str) -> None:
        """Keep what the answer must name."""
        super().__init__(message)
        self.name, self.value = name, value


class XApi:
    """Answers like api.x.com, for one company and clock."""

    def __init__(self, company: Company, clock: Clock, faults: Faults, token: str) -> None:
        """Index the posts."""
        self.index, self._clock, self._faults, self._token = PostIndex(company), clock, faults, token
        self._calls = 0

    def answer(self, call: Call) -> Answer:
        """Answer any call below /2/."""
        if not call.bears(self._token):
            return problem(401, "Unauthorized", "Unauthorized")
        try:
            if call.path == SEARCH:
                answer = self._search(call)
            elif call.path == LOOKUP:
                answer = self._posts_by_id(call)
            elif call.path == "/2/users/by":
                answer = self._users_by(call)
            else:
                return problem(404, "Not Found", "Not Found")
        except Invalid as wrong:
            answer = _refused(wrong)
        answer.headers |= self._rate_headers()
        return answer

    def _rate_headers(self) -> dict[str, str]:
        """Count down as X does; only a fault enforces the limit itself."""
        self._calls += 1
        now = int(time.time())
        reset = now - now % RATE_WINDOW_SECONDS + RATE_WINDOW_SECONDS
        remaining = max(1, RATE_LIMIT - self._calls % RATE_LIMIT)
        counts = {"limit": RATE_LIMIT, "remaining": remaining, "reset": reset}
        return {f"x-rate-limit-{name}": str(value) for name, value in counts.items()}

    def _search(self, call: Call) -> Answer:
        terms, now = _terms(call), self._clock.now
        size = call.integer("max_results", 10, 10, LARGEST_PAGE)
        if size is None:
            value = call.params["max_results"]
            bounds = f"is not between 10 and {LARGEST_PAGE}"
            raise Invalid("max_results", value, f"The `max_results` query parameter value [{value}] {bounds}")
        low, high = self._bounds(call)
        before, mark = _before(call, terms)
        if before is not None and mark != "after_empty" and self._faults.takes("empty_middle_page"):
            onward = token_for(before, terms, "after_empty")
            return answer_json({"meta": {"result_count": 0, "next_token": onward}})
        high = high if before is None else min(high, before)
        found = list(islice(self.index.search(terms, low, high, now), size + 1))
        token = token_for(found[size - 1], terms) if len(found) > size else None
        if token and self._faults.takes("pagination_loop"):
            token = call.params.get("next_token", token)
        return answer_json(self._page(call, [self.index.posts[position] for position in found[:size]], token))

    def _bounds(self, call: Call) -> tuple[int, int]:
        """Return the positions within start_time and end_time."""
        start, end = _stamp(call, "start_time") or "", _stamp(call, "end_time") or "9"
        earliest = self._clock.moment - HORIZON
        if self._faults.takes("x_horizon"):
            if start and start < written(earliest):
                message = f"'start_time' must be on or after {earliest:%Y-%m-%dT%H:%MZ}."
                raise Invalid("start_time", start, f"Invalid 'start_time':'{start}'. {message}")
            start = start or written(earliest)
        if start and end <= start:
            raise Invalid("end_time", end, f"Invalid 'end_time':'{end}'. 'end_time' must be after 'start_time'")
        return self.index.position_at(start), self.index.position_at(end)

    def _page(self, call: Call, posts: list[Record], token: str | None) -> Record:
        fields = DEFAULT_POST_FIELDS | _names(call, "tweet.fields", POST_FIELDS)
        # An expansion also returns the field that it expands.
        fields |= (expansions := _names(call, "expansions", EXPANSIONS))
        errors: list[Record] = []
        if posts and self._faults.takes("partial_errors"):
            errors.append(not_found("tweet", "id", posts[-1]["id"]))
            posts = posts[:-1]
        page: Record = {"data": [write_post(self.index, post, fields, self._clock.now) for post in posts]}
        page["includes"], missing = self._authors(call, posts) if expansions else ({}, [])
        page["errors"] = errors + missing
        page["meta"] = {"result_count": len(posts)}
        if posts:
            page["meta"] |= {"newest_id": posts[0]["id"], "oldest_id": posts[-1]["id"]}
        if token:
            page["meta"]["next_token"] = token
        return {name: value for name, value in page.items() if value}

    def _authors(self, call: Call, posts: list[Record]) -> tuple[Record, list[Record]]:
        """Return the authors of posts, and an error for each author that cannot be shown."""
        fields = DEFAULT_USER_FIELDS | _names(call, "user.fields", USER_FIELDS)
        hidden = {post["by"] for post in posts if post.get("author_gone") or post["by"] not in self.index.users}
        shown = dict.fromkeys(post["by"] for post in posts if post["by"] not in hidden)
        users = [write_user(self.index.users[author], fields) for author in shown]
        return {"users": users} if users else {}, [not_found("user", "author_id", author) for author in sorted(hidden)]

    def _posts_by_id(self, call: Call) -> Answer:
        """Return posts, also in a version that was edited since, and an error for each that is not there."""
        ids, now = [identifier for identifier in call.params.get("ids", "").split(",") if identifier], self._clock.now
        if not 1 <= len(ids) <= MOST_IDS:
            raise Invalid("ids", str(len(ids)), f"`ids` must hold between 1 and {MOST_IDS} ids")
        fields = DEFAULT_POST_FIELDS | _names(call, "tweet.fields", POST_FIELDS)
        known = [self.index.by_id[identifier] for identifier in ids if identifier in self.index.by_id]
        shown = [post for post in known if post["at"] <= now < post.get("gone_at", "9")]
        absent = [identifier for identifier in ids if identifier not in {post["id"] for post in shown}]
        body = {
            "data": [write_post(self.index, post, fields, now) for post in shown],
            "errors": [not_found("tweet", "ids", identifier) for identifier in absent],
        }
        return answer_json({name: value for name, value in body.items() if value})

    def _users_by(self, call: Call) -> Answer:
        names = [name for name in call.params.get("usernames", "").split(",") if name]
        if not 1 <= len(names) <= 100:
            raise Invalid("usernames", str(len(names)), "`usernames` must hold between 1 and 100 names")
        fields = DEFAULT_USER_FIELDS | _names(call, "user.fields", USER_FIELDS)
        known = [self.index.by_name[name.lower()] for name in names if name.lower() in self.index.by_name]
        unknown = [name for name in names if name.lower() not in self.index.by_name]
        body = {
            "data": [write_user(user, fields) for user in known],
            "errors": [not_found("user", "usernames", name) for name in unknown],
        }
        return answer_json({name: value for name, value in body.items() if value})


def _refused(wrong: Invalid) -> Answer:
    entry = {"parameters": {wrong.name: [wrong.value]}, "message": str(wrong)}
    detail = "One or more parameters to your request was invalid."
    return problem(400, "Invalid Request", detail, errors=[entry], type=_INVALID)


def _terms(call: Call) -> frozenset[str]:
    query = call.params.get("query", "")
    if not query:
        raise Invalid("query", "", "The `query` query parameter can not be empty")
    try:
        return parse_query(query)
    except BadQuery as error:
        raise Invalid("query", query, str(error)) from None


def _before(call: Call, terms: frozenset[str]) -> tuple[int | None, str]:
    token = call.params.get("next_token")
    if token is None:
        return None, ""
    try:
        return position_of(token, terms)
    except ValueError:
        message = f"The `next_token` query parameter value [{token[:40]}] is not valid"
        raise Invalid("next_token", token, message) from None


def _stamp(call: Call, name: str) -> str | None:
    text = call.params.get(name)
    if text is not None and not _STAMP.fullmatch(text):
        raise Invalid(name, text, f"The `{name}` query parameter value [{text}] is not a valid RFC 3339 date-time")
    return text[:19] + "Z" if text else None


def _names(call: Call, name: str, allowed: frozenset[str]) -> frozenset[str]:
    wanted = frozenset(value for value in call.params.get(name, "").split(",") if value)
    if wrong := sorted(wanted - allowed):
        known = ",".join(sorted(allowed))
        raise Invalid(name, wrong[0], f"The `{name}` query parameter value [{wrong[0]}] is not one of [{known}]")
    return wanted
