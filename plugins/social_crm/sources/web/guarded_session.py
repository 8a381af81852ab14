"""The HTTP session of every API source: one origin, bounded retries, rate limits, limits on bodies, clear errors."""

import time
from collections.abc import Callable
from dataclasses import dataclass, fields, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from dlt.sources.helpers.requests.session import Session
from requests import PreparedRequest, RequestException, Response
from requests.exceptions import SSLError
from tenacity import RetryCallState, Retrying, retry_if_exception_type, stop_after_attempt, wait_random_exponential
from urllib3.exceptions import HTTPError

from social_crm.errors import ConnectionUnusable, ContractBroken, CredentialRefused, RateLimited, SourceUnavailable
from social_crm.sources.model import Connection
from social_crm.sources.web.answers import Throttled, read_answer
from social_crm.sources.web.network import origin, refuse_forbidden_url
from social_crm.sources.wording import without_secrets

UNSAID_WAIT = 900.0  # most APIs that do not say when to retry count in windows of 15 minutes


@dataclass(frozen=True)
class Limits:
    """How patient a connector is; each may be set by a connection option of the same name."""

    attempts: int = 5
    longest_backoff_seconds: float = 20.0
    connect_timeout_seconds: float = 10.0
    read_timeout_seconds: float = 60.0
    body_seconds: float = 180.0  # a body that drips never trips the read timeout
    body_bytes: int = 64 * 2**20  # decompressed
    wait_in_place_seconds: float = 60.0  # a longer wait gives the worker's slot back
    total_wait_seconds: float = 600.0
    pages: int = 20_000

    @classmethod
    def of(cls, connection: Connection, context: str) -> "Limits":
        """Return the defaults with the connection's changes; raises ConnectionUnusable if one is no number."""
        given = {f.name: connection.options[f.name] for f in fields(cls) if f.name in connection.options}
        try:
            return cls(**{name: type(getattr(cls, name))(value) for name, value in given.items()})
        except (TypeError, ValueError):
            raise ConnectionUnusable(
                f"{context}: the connection's options {', '.join(given)} must be numbers; correct the one that is none"
            ) from None


def once(connection: Connection) -> Connection:
    """Return the connection for requests that must not be repeated, because they may have arrived."""
    return replace(connection, options={**connection.options, "attempts": 1})


class GuardedSession(Session):
    """A session with one origin: no redirects, bounded retries with jitter, rate limits waited for or reported."""

    def __init__(
        self, base_url: str, context: str, limits: Limits, read: Callable[[Response, str], Any] = read_answer
    ) -> None:
        """Refuse a base URL that no source may have; `read` makes the answer's `json()` or raises one of our errors."""
        super().__init__((limits.connect_timeout_seconds, limits.read_timeout_seconds), raise_for_status=False)
        refuse_forbidden_url(base_url, context)
        self.context, self.limits, self.waited, self._read = context, limits, 0.0, read
        self._origin, self._was_answered = origin(base_url), False
        self._backoff = wait_random_exponential(max=limits.longest_backoff_seconds)
        self._retrying = Retrying(
            retry=retry_if_exception_type((SourceUnavailable, Throttled)),
            stop=stop_after_attempt(limits.attempts),
            wait=self._pause,
            reraise=True,
        )

    def send(self, request: PreparedRequest, **kwargs: Any) -> Response:
        """Return an answer whose `json()` is a parsed object, or raise one of our errors."""
        url = request.url or ""
        if origin(url) != self._origin:
            raise ContractBroken(
                f"{self.context}: the source points to {without_secrets(url)}, outside the configured host; "
                "refused, as the credential would go there"
            )
        refuse_forbidden_url(url, self.context)
        try:
            response: Response = self._retrying(self._attempt, request, **kwargs)
            return response
        except Throttled as throttled:
            raise self._rate_limited(throttled) from None

    def _attempt(self, request: PreparedRequest, **kwargs: Any) -> Response:
        try:
            options = {**kwargs, "stream": True, "allow_redirects": False}
            response: Response = super().send(request, **options)  # type: ignore[no-untyped-call]
            response._content = self._read_body(response)
        except SSLError:
            raise ContractBroken(
                f"{self.context}: the TLS certificate of {without_secrets(request.url or '')} is not valid; "
                "have it renewed, or add the company's authority to the machine"
            ) from None
        except (RequestException, HTTPError) as error:
            raise SourceUnavailable(
                f"{self.context}: {origin(request.url or '')[1]}: {_network_cause(error)}; try again later"
            ) from None
        try:
            body = self._read(response, self.context)
        except CredentialRefused as refused:
            # Accepted until now, so the token may have expired early: the task's next try gets another.
            refused.is_hopeless = not (self._was_answered and response.status_code != 403)
            raise
        self._was_answered = True
        response.json = lambda **_: body  # type: ignore[method-assign]
        return response

    def _read_body(self, response: Response) -> bytes:
        deadline = time.monotonic() + self.limits.body_seconds
        body = bytearray()
        with response:
            while chunk := response.raw.read1(2**16, decode_content=True):
                body += chunk
                if len(body) > self.limits.body_bytes:
                    raise ContractBroken(
                        f"{self.context}: an answer of more than {self.limits.body_bytes} bytes; raise option "
                        "`body_bytes` of the connection if it is to be so large"
                    )
                if time.monotonic() > deadline:
                    raise SourceUnavailable(
                        f"{self.context}: no whole answer in {self.limits.body_seconds:g} s; try again later, or raise "
                        "option `body_seconds` of the connection"
                    )
        return bytes(body)

    def _pause(self, state: RetryCallState) -> float:
        error = state.outcome.exception() if state.outcome else None
        if not isinstance(error, Throttled) or error.wait is None:
            return self._backoff(state)
        asked = error.wait
        self.waited += asked
        if asked > self.limits.wait_in_place_seconds or self.waited > self.limits.total_wait_seconds:
            raise self._rate_limited(error)
        return asked

    def _rate_limited(self, throttled: Throttled) -> RateLimited:
        resume_at = datetime.now(UTC) + timedelta(seconds=throttled.wait or UNSAID_WAIT)
        told = f"rate limited until {resume_at:%FT%TZ} ({throttled.reason})"
        return RateLimited(f"{self.context}: {told}; a later try goes on", resume_at)


def _network_cause(error: Exception) -> str:
    """Name only the kind of failure: the message of a network error repeats the whole URL."""
    reason = getattr(error.args[0], "reason", None) if error.args else None
    return type(reason or error).__name__
