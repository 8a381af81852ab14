"""What an HTTP answer means: a JSON body, or one of our errors that says what to do."""

import json
import re
from base64 import b64decode
from collections.abc import Collection, Iterator
from contextlib import contextmanager, suppress
from typing import Any
from urllib.parse import quote, unquote, unquote_plus

from requests import PreparedRequest, Response

from social_crm.errors import ContractBroken, CredentialRefused, CursorRejected, SourceUnavailable, WarehouseError
from social_crm.sources.model import Rejected
from social_crm.sources.strict_json import parse
from social_crm.sources.web.throttling import requested_wait

# The name for a bare list: Mastodon and WordPress send their pages without an object around them. No API uses this
# name: with `items`, which YouTube uses, a bare list would be taken for YouTube's last page.
ITEMS = "_bare_list"
# 408 and 425 mean "try again"; for other 4xx answers a repetition does not help.
_TRY_AGAIN = frozenset({408, 425})
_PAYMENT_REQUIRED = 402  # X, where each request costs credits
# Endings of media types of JSON; Meta sometimes calls it a script.
_JSON = ("json", "javascript")
# Throttles and dead credentials that do not use 429 and 401: YouTube; Salesforce; Meta (its codes are numbers);
# Bluesky; the token endpoints of OAuth.
_THROTTLE_CODES = frozenset(
    {"quotaExceeded", "dailyLimitExceeded", "rateLimitExceeded", "userRateLimitExceeded", "REQUEST_LIMIT_EXCEEDED"}
) | frozenset({"4", "17", "32", "341", "613", "80001", "80002", "80006"})
_DEAD_TOKEN_CODES = frozenset(
    {"102", "190", "InvalidToken", "ExpiredToken", "keyInvalid", "keyExpired", "API_KEY_INVALID"}
) | frozenset({"invalid_client", "invalid_client_id", "invalid_grant"})
# A temporary error that is a 400: of Salesforce.
_TRANSIENT_CODES = frozenset({"QUERY_TIMEOUT"})
# A 403 of one object for everybody: a closed subreddit, a video without comments.
_CLOSED_CODES = frozenset({"private", "quarantined", "banned", "gold_only", "commentsDisabled"})
# The name of an error may be a sentence that quotes the request: parameters, people or keys.
_ADDRESS = re.compile(r"\S+@\S+")
# Shorter matches are mostly coincidence.
_LEAST_ECHO, _LONGEST_CODE, _LONGEST_READ = 8, 80, 400
# Parameters that identify nobody: `invalid_refresh_token` does not echo the kind of grant.
_KIND_OF_GRANT = re.compile(r"grant_type=\w+")
_OF_EVERYBODY = frozenset({"accept", "accept-encoding", "connection", "content-length", "content-type", "user-agent"})
_BASIC = re.compile(r"Basic ([A-Za-z0-9+/]+=*)")
_NAMES_OF_REASONS = ("error", "code", "errorCode", "reason", "title", "type", "category", "policyName")


class Throttled(WarehouseError):
    """The source asks to come back later; `wait` is in seconds, None if it does not say when."""

    kind = "rate_limited"

    def __init__(self, message: str, wait: float | None, reason: str) -> None:
        """Keep the wait that the source asked for, and what it calls the limit, which may be the month's."""
        super().__init__(message)
        self.wait, self.reason = wait, reason


class RequestRefused(ContractBroken):
    """The source understood the request and refused or redirected it; `body` is its explanation."""

    def __init__(self, message: str, status: int, body: dict[str, Any]) -> None:
        """Keep what a source module needs to recognise a refusal it knows."""
        super().__init__(message)
        self.status, self.body = status, body

    @property
    def is_of_something_gone(self) -> bool:
        """Tell whether the object does not exist, or is closed to everybody; a lost permission is another error."""
        return self.status in (403, 404, 410)


@contextmanager
def unless_gone(lost: list[Rejected] | None = None, number: str = "") -> Iterator[None]:
    """End the block if the requested object was deleted or closed after its list was read.

    The rejection goes to `lost`, to be counted: if all objects of a list are lost, a permission is missing.
    """
    try:
        yield
    except RequestRefused as refused:
        if not refused.is_of_something_gone:
            raise
        if lost is not None:
            lost.append(
                Rejected("gone", "deleted or closed since it was listed; what is below it was not read", number, number)
            )


@contextmanager
def rejecting_cursor(is_resumed: bool, statuses: Collection[int], message: str) -> Iterator[None]:
    """Raise CursorRejected if the source refuses, with one of these statuses, to continue from a saved cursor."""
    try:
        yield
    except RequestRefused as refused:
        if is_resumed and refused.status in statuses:
            raise CursorRejected(message) from None
        raise


@contextmanager
def naming(thing: str) -> Iterator[None]:
    """Name the object at which a failure or refusal occurred, and what to do if it affects only that one."""
    try:
        yield
    except (SourceUnavailable, CredentialRefused, RequestRefused) as error:
        error.args = (f"{error}; met at {thing}", *error.args[1:])
        error.next_step = (
            f"where {thing} is named each time, which holds back its window, let the connection's user read it, or have"
            f" the source's support fix or delete it; else {error.next_step}"
        )
        raise


class ServerFailed(SourceUnavailable):
    """The source answered with a 5xx."""


def read_answer(response: Response, context: str) -> dict[str, Any]:
    """Return the JSON object of a good answer, a bare list as its `items`; raise the error that fits any other."""
    refuse_bad_status(response, context)
    return _json_object(response, context)


def refuse_bad_status(response: Response, context: str) -> None:
    """Raise the error that fits an answer that is not a good one."""
    status = response.status_code
    if status < 300:
        return
    if status < 400:
        raise RequestRefused(
            f"{context}: redirected ({status}), which could carry the credential to another host; "
            "set the connection's URL to the source's present address",
            status,
            {},
        )
    if status in _TRY_AGAIN or (status >= 500 and "Retry-After" not in response.headers):
        raise ServerFailed(f"{context}: the source answered {status}; try again later")
    body = _explanation(response)
    codes = _codes(body)
    sent = _sent(response.request)
    named = ", ".join(sorted({_unechoed(code, sent)[:_LONGEST_CODE] for code in codes})) or "no reason given"
    is_a_matter_of_time = status == 429 or "Retry-After" in response.headers
    if is_a_matter_of_time or (status in (400, 403) and codes & _THROTTLE_CODES):
        reason = f"{status}: {named}"
        raise Throttled(f"{context}: rate limited ({reason})", requested_wait(response.headers), reason)
    if _is_transient(body) or codes & _TRANSIENT_CODES:
        raise ServerFailed(f"{context}: the source answered {status} and calls that transient; try again later")
    is_closed = status == 403 and codes & _CLOSED_CODES
    if (status in (401, 403) and not is_closed) or (status == 400 and codes & _DEAD_TOKEN_CODES):
        raise _credential_refused(response, codes, context)
    refused = RequestRefused(f"{context}: the request was refused ({status}: {named})", status, body)
    if status == _PAYMENT_REQUIRED:
        refused.next_step = "buy credits from the source, or raise its cap on spending, then clear this task"
    raise refused


def _credential_refused(response: Response, codes: set[str], context: str) -> CredentialRefused:
    source = context.partition(".")[0]
    hint = " ".join([*codes, response.headers.get("WWW-Authenticate", ""), response.text[:2000]]).lower()
    if "expired" in hint:
        cause = "the credential has expired"
    elif response.status_code == 403 and "key is invalid" not in hint:  # Discourse uses one status for both
        cause = "the credential is known but may not read this"
    else:
        cause = "the credential is wrong or revoked"
    return CredentialRefused(f"re-authorise source {source}: {cause} ({response.status_code}, while reading {context})")


def _json_object(response: Response, context: str) -> dict[str, Any]:
    kind = response.headers.get("Content-Type", "").partition(";")[0].strip().lower()
    if kind and not kind.endswith(_JSON):
        raise SourceUnavailable(
            f"{context}: expected JSON, got {kind or 'no content type'}, {len(response.content)} bytes"
            f"{_page_title(response)}: a proxy, a login page or an outage; try again later"
        )
    body = _parse(response.content)
    if isinstance(body, list):
        return {ITEMS: body}
    if not isinstance(body, dict):
        raise SourceUnavailable(
            f"{context}: {len(response.content)} bytes that are not a complete JSON object; try again later"
        )
    return body


def _parse(content: bytes) -> Any:
    """Parse JSON; None if it is none."""
    try:
        return parse(content)
    except (ValueError, RecursionError):
        return None


def _explanation(response: Response) -> dict[str, Any]:
    body = _parse(response.content)
    # Salesforce sends a bare list of reasons.
    return body if isinstance(body, dict) else {"errors": _list(body)}


def _codes(body: dict[str, Any]) -> set[str]:
    """Collect the machine-readable names of an error, without messages, which may quote people."""
    error = body.get("error")
    holders = [body, error if isinstance(error, dict) else {}]
    listed = [item for holder in holders for name in ("errors", "details") for item in _list(holder.get(name))]
    holders += [item for item in listed if isinstance(item, dict)]
    values = [holder.get(name) for holder in holders for name in _NAMES_OF_REASONS]
    return {str(value) for value in values if isinstance(value, str | int)}


def _unechoed(code: str, sent: str) -> str:
    """Return the name of an error without addresses and without quotes of the request, which may be the secret."""
    code, kept, start = _ADDRESS.sub("…", code[:_LONGEST_READ]), "", 0
    # Changing case may turn one character into two; such a text is compared unchanged.
    asked = folded if len(folded := code.casefold()) == len(code) else code
    while start < len(code):
        end = start
        while end < len(code) and asked[start : end + 1] in sent:
            end += 1
        is_echo = end - start >= _LEAST_ECHO
        kept += "…" if is_echo else code[start]
        start = end if is_echo else start + 1
    return kept


def _sent(request: PreparedRequest | None) -> str:
    """Return the values of a request, also in the forms in which a server may have read them."""
    if request is None:
        return ""
    headers = [value for name, value in request.headers.items() if name.lower() not in _OF_EVERYBODY]
    body = request.body.decode("utf-8", "replace") if isinstance(request.body, bytes) else request.body
    told = " ".join(map(str, [request.path_url, *headers, body]))
    if basic := _BASIC.search(told):
        with suppress(ValueError):
            told += " " + b64decode(basic[1]).decode("utf-8", "replace")
    with suppress(ValueError, TypeError):
        told += " " + " ".join(_values_of(json.loads(body or "")))
    told = _KIND_OF_GRANT.sub("", told)
    given = " ".join([told, unquote(told), unquote_plus(told), quote(told, safe="")])
    return f"{given} {given.casefold()}"


def _values_of(sent: object) -> Iterator[str]:
    """Yield the values of a JSON body, unescaped."""
    parts = sent.values() if isinstance(sent, dict) else sent if isinstance(sent, list) else None
    if parts is None:
        yield str(sent)
    else:
        for part in parts:
            yield from _values_of(part)


def _is_transient(body: dict[str, Any]) -> bool:
    """Tell whether Meta says that a retry may help, which it also does with a 400 or 401."""
    error = body.get("error")
    return isinstance(error, dict) and error.get("is_transient") is True


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _page_title(response: Response) -> str:
    match = re.search(rb"<title>([^<]{1,60})", response.content[:4096], re.IGNORECASE)
    words = re.findall(r"[A-Za-z]+", match[1].decode("ascii", "ignore")) if match else []
    return f", titled {' '.join(words)!r}" if words else ""
