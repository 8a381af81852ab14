"""An HTTP server for tests: a function answers, the server records requests, and it can misbehave on the wire."""

import json
import socket
import struct
import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlsplit


@dataclass(frozen=True)
class Asked:
    """One request as it arrived."""

    path: str
    params: dict[str, str]
    headers: dict[str, str]
    body: Any = None
    query: str = ""  # of which `params` keeps only the last value of a name


@dataclass(frozen=True)
class Answer:
    """One response, and how the wire spoils it."""

    body: Any = field(default_factory=dict)
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    kind: str = "application/json; charset=utf-8"
    cut_after: int | None = None  # bytes sent under a Content-Length that announces all of them
    is_reset: bool = False  # the connection is reset at the cut
    stall_seconds: float = 0.0  # before the last byte
    drip_seconds: float = 0.0  # before every byte

    @property
    def content(self) -> bytes:
        """The bytes of the body; anything but bytes or text is written as JSON."""
        if isinstance(self.body, bytes):
            return self.body
        return (self.body if isinstance(self.body, str) else json.dumps(self.body)).encode()


class FakeApi:
    """A server on loopback; `faults` answer first, one per request (None lets one request through)."""

    def __init__(self, respond: Callable[[Asked], Answer] | None = None) -> None:
        self.respond = respond or (lambda asked: Answer(status=404))
        self.faults: deque[Answer | None] = deque()
        self.asked: list[Asked] = []
        self.connections: set[tuple[str, int]] = set()
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}"

    def __enter__(self) -> "FakeApi":
        threading.Thread(target=self.server.serve_forever, args=(0.01,), daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self.server.shutdown()
        self.server.server_close()

    def _answer(self, asked: Asked) -> Answer:
        self.asked.append(asked)
        fault = self.faults.popleft() if self.faults else None
        return fault or self.respond(asked)

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        api = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            disable_nagle_algorithm = True

            def do_POST(self) -> None:
                content = self.rfile.read(int(self.headers["Content-Length"])).decode()
                is_form = "form-urlencoded" in self.headers["Content-Type"]
                self._respond(dict(parse_qsl(content)) if is_form else json.loads(content))

            def do_GET(self) -> None:
                self._respond(None)

            def _respond(self, body: Any) -> None:
                api.connections.add(self.client_address)
                parts = urlsplit(self.path)
                headers = {name.lower(): value for name, value in self.headers.items()}
                answer = api._answer(Asked(parts.path, dict(parse_qsl(parts.query)), headers, body, parts.query))
                self.send_response_only(answer.status)
                sent = {"Content-Type": answer.kind, "Date": self.date_time_string(), **answer.headers}
                for name, value in {**sent, "Content-Length": str(len(answer.content))}.items():
                    self.send_header(name, value)
                self.end_headers()
                _write(self, answer)

            def log_message(self, *_: object) -> None:
                """Keep the test's output clean."""

        return Handler


def _write(handler: BaseHTTPRequestHandler, answer: Answer) -> None:
    content = answer.content[: answer.cut_after]
    try:
        if answer.drip_seconds:
            for byte in content:
                time.sleep(answer.drip_seconds)
                handler.wfile.write(bytes([byte]))
        elif answer.stall_seconds:
            handler.wfile.write(content[:-1])
            time.sleep(answer.stall_seconds)
            handler.wfile.write(content[-1:])
        else:
            handler.wfile.write(content)
    except OSError:
        handler.close_connection = True  # the client gave up, as it should
        return
    if answer.cut_after is not None:
        if answer.is_reset:
            # Linger 0 turns the close into a reset.
            handler.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        handler.close_connection = True
