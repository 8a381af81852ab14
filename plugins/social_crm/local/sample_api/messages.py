"""Requests and answers of the sample server, independent of the sources' protocols."""

from base64 import b64encode
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import orjson


@dataclass(frozen=True)
class Call:
    """One request as a handler sees it."""

    method: str
    path: str
    params: Mapping[str, str]
    headers: Mapping[str, str]
    body: bytes = b""
    pairs: Sequence[tuple[str, str]] = ()  # the parameters as they were sent

    def repeated(self, name: str) -> list[str]:
        """Return every value of a parameter that may be given more than once."""
        return [value for given, value in self.pairs if given == name]

    def integer(self, name: str, default: int, low: int, high: int) -> int | None:
        """Return a whole-number parameter, or None if it is not a number between the bounds."""
        text = self.params.get(name, str(default))
        return int(text) if text.isascii() and text.isdigit() and low <= int(text) <= high else None

    def bears(self, token: str) -> bool:
        """Tell whether the call has this bearer token."""
        return self.headers.get("authorization") == f"Bearer {token}"

    def logs_in(self, user: str, secret: str) -> bool:
        """Tell whether the call has this user and secret as its basic login."""
        return self.headers.get("authorization") == "Basic " + b64encode(f"{user}:{secret}".encode()).decode()

    @property
    def base_url(self) -> str:
        """Return scheme and host as the client wrote them."""
        return f"http://{self.headers.get('host', '127.0.0.1')}"


@dataclass
class Answer:
    """One response; `body` is bytes already encoded."""

    status: int
    body: bytes
    headers: dict[str, str] = field(default_factory=dict)
    content_type: str = "application/json; charset=utf-8"


def answer_json(document: Any, status: int = 200, headers: dict[str, str] | None = None) -> Answer:
    """Return a JSON answer."""
    return Answer(status, orjson.dumps(document), headers or {})


def problem(status: int, title: str, detail: str, **more: Any) -> Answer:
    """Return an RFC 7807 answer as X sends it."""
    document = {"title": title, "detail": detail, "type": "about:blank", "status": status, **more}
    return Answer(status, orjson.dumps(document), content_type="application/problem+json; charset=utf-8")
