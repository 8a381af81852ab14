"""A mail server for tests: it keeps the mails that it receives, and refuses what it is told to refuse."""

from base64 import b64decode
from collections import deque
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult

from social_crm.local.processes import free_port
from social_crm.sources.model import Connection


class MailServer:
    """An SMTP server on loopback; `refusals` answer the next commands of their kind, one each."""

    def __init__(self, token: str = "") -> None:
        """Listen on a free port once started."""
        self.messages: list[EmailMessage] = []
        self.recipients: list[list[str]] = []
        self.answers: list[bytes] = []  # to why a token is refused
        self.refusals: dict[str, deque[str]] = {"RCPT": deque(), "DATA": deque()}
        # An OAuth 2 server, if this server authenticates senders; it then accepts no passwords.
        self.token = token
        asks = {"auth_required": True, "auth_exclude_mechanism": ["LOGIN", "PLAIN"]} if token else {}
        self._controller = Controller(self, hostname="127.0.0.1", port=free_port(), auth_require_tls=False, **asks)

    def __enter__(self) -> "MailServer":
        self._controller.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._controller.stop()

    @property
    def port(self) -> int:
        """The port on which it listens."""
        return int(self._controller.port)

    @property
    def connection(self) -> Connection:
        """Its address."""
        return Connection("127.0.0.1", options={"port": self.port, **self.extra})

    @property
    def extra(self) -> dict[str, Any]:
        """The options of a connection to it, beside host and port."""
        return {"from": "warehouse@bank.example", "to": ["ops@bank.example"], "security": "none"}

    def subjects(self) -> list[str]:
        """Return the subjects of what arrived."""
        return [str(message["Subject"]) for message in self.messages]

    def subjects_of(self, word: str) -> list[str]:
        """Return the subjects that contain a word."""
        return [subject for subject in self.subjects() if word in subject.split()]

    async def auth_XOAUTH2(self, server: Any, args: list[str]) -> AuthResult:  # noqa: N802
        if b64decode(args[1]) == f"user=support\1auth=Bearer {self.token}\1\1".encode():
            return AuthResult(success=True)
        # Like Microsoft and Google: an error is sent as a question that expects an empty answer.
        self.answers.append(await server.challenge_auth('{"status":"401"}'))
        return AuthResult(success=False, handled=False)

    async def handle_RCPT(self, server: Any, session: Any, envelope: Any, address: str, options: Any) -> str:  # noqa: N802
        if self.refusals["RCPT"]:
            return self.refusals["RCPT"].popleft()
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802
        if self.refusals["DATA"]:
            return self.refusals["DATA"].popleft()
        message = message_from_bytes(envelope.content, policy=policy.default)
        assert isinstance(message, EmailMessage)
        self.messages.append(message)
        self.recipients.append(envelope.rcpt_tos)
        return "250 OK"
