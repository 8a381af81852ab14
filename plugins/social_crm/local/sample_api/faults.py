"""Faults that can be switched on: problems that readers of sources meet on a bad day."""

import time
from dataclasses import dataclass, field
from email.utils import formatdate
from typing import Any

from social_crm.local.sample_api.messages import Answer, Call, problem

# name → what a value means; `true` is "every time", a number n is "the next n times" unless stated otherwise.
FAULTS = {
    "rate_limit_after_n": "n calls succeed, then 429 until rate_limit_seconds have passed",
    "rate_limit_seconds": "how long a rate limit lasts (default 900); 0 names a reset in the past",
    "rate_limit_form": "how 429 names its end: seconds (default), http_date, iso, none, far",
    "server_error_burst": "503 for every path",
    "bad_gateway_page": "502 with an HTML body",
    "html_page": "200 with a log-in page",
    "truncated_json": "the body ends in the middle, with a matching Content-Length",
    "dropped_connection": "the connection closes in the middle of the body",
    "slow_body": "n is the number of seconds of silence in the middle of each body",
    "expired_token": "401 for every path",
    "cursor_rejected": "400 for calls that carry a page token or cursor",
    "partial_errors": "X: the last post of a page is named in errors[] and missing from data[]",
    "x_horizon": "X: recent search refuses a start_time older than seven days before the clock",
    "pagination_loop": "a page's token leads back to the page itself",
    "empty_middle_page": "a page without records comes before each later page",
    "foreign_next_link": "Zendesk: the next page lies on another host",
    "zendesk_newest_minute": "Zendesk: the export leaves out what changed in the minute before the clock",
    "only": "a path prefix: the other faults touch no other call",
}
_CURSORS = {"next_token", "cursor", "page[after]"}


@dataclass
class Faults:
    """The switches, all off at first."""

    values: dict[str, Any] = field(default_factory=dict)
    _calls: int = 0
    _limited_until: float = 0.0
    _path: str = ""

    def switch(self, wanted: dict[str, Any]) -> None:
        """Set faults; false or null removes one, an empty document removes all; KeyError names an unknown fault."""
        if unknown := sorted(set(wanted) - set(FAULTS)):
            raise KeyError(f"unknown fault {unknown[0]}; known: {', '.join(FAULTS)}")
        self.values = {**self.values, **wanted} if wanted else {}
        self.values = {name: value for name, value in self.values.items() if value is not None and value is not False}
        self._calls, self._limited_until = 0, 0.0

    def begin(self, call: Call) -> None:
        """Record the call that the next questions are about."""
        self._path = call.path

    def takes(self, name: str) -> bool:
        """Tell whether a fault applies now, and use up one time of a counted fault."""
        value = self.values.get(name)
        if not value or not self._path.startswith(self.values.get("only", "")):
            return False
        if value is not True:
            self.values[name] = value - 1
        return True

    def before(self, call: Call) -> Answer | None:
        """Return the answer that a fault gives instead of the source, if one applies."""
        if self._is_limited(call):
            return self._too_many(call)
        if self.takes("server_error_burst"):
            return problem(503, "Service Unavailable", "Service Unavailable")
        if self.takes("bad_gateway_page"):
            return Answer(502, b"<html><body>502 Bad Gateway</body></html>", content_type="text/html")
        if self.takes("html_page"):
            return Answer(200, b"<!DOCTYPE html><html><body>Please sign in</body></html>", content_type="text/html")
        if self.takes("expired_token"):
            return problem(401, "Unauthorized", "Unauthorized")
        if _CURSORS & set(call.params) and self.takes("cursor_rejected"):
            return _cursor_rejected(call)
        return None

    def after(self, answer: Answer) -> Answer:
        """Return the answer as changed by a fault."""
        if answer.status == 200 and self.takes("truncated_json"):
            answer.body = answer.body[: len(answer.body) // 2]
        return answer

    def _is_limited(self, call: Call) -> bool:
        limit = self.values.get("rate_limit_after_n")
        if limit is None or not call.path.startswith(self.values.get("only", "")):
            return False
        if self._limited_until and time.time() >= self._limited_until:
            self._calls, self._limited_until = 0, 0.0
        self._calls += 1
        if self._calls > limit and not self._limited_until:
            self._limited_until = time.time() + max(0.001, self.values.get("rate_limit_seconds", 900))
        return bool(self._limited_until)

    def _too_many(self, call: Call) -> Answer:
        answer = problem(429, "Too Many Requests", "Too Many Requests")
        name = "x-rate-limit-reset" if call.path.startswith("/2/") else "retry-after"
        left = max(1, round(self._limited_until - time.time()))
        forms = {
            "seconds": str(round(self._limited_until)) if name.startswith("x-") else str(left),
            "http_date": formatdate(self._limited_until, usegmt=True),
            "iso": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(self._limited_until)),
            "far": str(int(time.time()) + 315_360_000),
        }
        form = self.values.get("rate_limit_form", "seconds")
        if form in forms:
            answer.headers["retry-after" if form == "http_date" else name] = forms[form]
        if call.path.startswith("/2/"):
            answer.headers |= {"x-rate-limit-limit": "450", "x-rate-limit-remaining": "0"}
        return answer


def _cursor_rejected(call: Call) -> Answer:
    name = sorted(_CURSORS & set(call.params))[0]
    message = f"The `{name}` query parameter value [{call.params[name][:40]}] is not valid"
    entry = {"parameters": {name: [call.params[name]]}, "message": message}
    return problem(400, "Invalid Request", "One or more parameters to your request was invalid.", errors=[entry])
