"""E-mail over any SMTP server: one message per item; its id comes from the item, so mailboxes recognise repetitions."""

import logging
import smtplib
import ssl
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from email.message import EmailMessage
from email.utils import formatdate
from hashlib import sha256
from typing import ClassVar

from social_crm.activation.model import Item
from social_crm.errors import ContractBroken, CredentialRefused, SourceUnavailable, WarehouseError
from social_crm.sources.model import Connection
from social_crm.sources.web.mailbox_tokens import OAUTH, token_of

EVERY_MARKET = "all"
PATIENCE_SECONDS = 30
# A server may scan for viruses before it accepts a message (RFC 5321, 4.5.3.2): a client that hangs up sends twice.
DELIVERY_SECONDS = 600
SECURITIES = ("starttls", "tls", "none")
Answer = tuple[int, bytes | str]  # of an SMTP server
log = logging.getLogger(__name__)


class Mail:
    """One mailbox that sends, and its recipients: of everything, or of what concerns their market."""

    name = "email"
    options: ClassVar[Mapping[str, str]] = {
        "from": "who sends",
        "to": "a list of addresses that get everything, or lists by market, `all` among them",
        "security": f"{', '.join(SECURITIES)}; usually {SECURITIES[0]}",
        "port": "a field of its own in Airflow; usually 587",
        **OAUTH,
    }

    def __init__(self, connection: Connection) -> None:
        """Refuse a connection without a sender or addressees, or with an unknown kind of encryption."""
        options = connection.options
        to = options.get("to") or {}
        self._to: dict[str, list[str]] = to if isinstance(to, dict) else {EVERY_MARKET: to}
        self._security = options.get("security", "starttls")
        self._sender = str(options.get("from") or "")
        if not self._sender or not self._to.get(EVERY_MARKET) or self._security not in SECURITIES:
            raise CredentialRefused(
                "e-mail: the connection needs `from`, `to` and a security of starttls, tls or none in its extra;"
                " correct it (see .env.example)"
            )
        self._host, self._port = connection.url, int(options.get("port") or 587)
        self._login, self._secret = connection.login, connection.secret
        self._token = token_of(connection, "mail_smtp", "e-mail")

    def find(self, item: Item) -> str | None:
        """Return None: a mail server does not tell what it delivered."""

    def create(self, item: Item) -> str:
        """Hand the message to the server and return its id; one refused address does not stop the others."""
        message, refused = self._message(item), None
        try:
            with self._server() as server:
                if server.sock:
                    server.sock.settimeout(DELIVERY_SECONDS)
                refused = server.send_message(message)
        except WarehouseError:
            # The message was accepted, so an error while closing the session does not matter.
            if refused is None:
                raise
        if refused:
            codes = _codes(refused.values())
            log.warning("e-mail: %s of the addresses refused (%s); correct `to` of mail_smtp", len(refused), codes)
        return str(message["Message-ID"])

    def _message(self, item: Item) -> EmailMessage:
        message = EmailMessage()
        to = [*self._to[EVERY_MARKET], *self._to.get(item.market_code, [])]
        message["From"], message["To"] = self._sender, ", ".join(dict.fromkeys(to))
        message["Subject"] = " ".join(item.title.split())
        message["Date"] = formatdate()
        message["Message-ID"] = f"<{sha256(item.external_id.encode()).hexdigest()[:32]}@{_domain(self._sender)}>"
        # Prevents automatic absence replies.
        message["Auto-Submitted"] = "auto-generated"
        message.set_content(item.body)
        for name, content in item.attachments:
            message.add_attachment(content, maintype="image", subtype="png", filename=name)
        return message

    @contextmanager
    def _server(self) -> Iterator[smtplib.SMTP]:
        """Open a session; its errors become ours, without addresses."""
        try:
            with self._open() as server:
                if self._security == "starttls":
                    server.starttls(context=ssl.create_default_context())
                self._log_in(server)
                yield server
        except (smtplib.SMTPAuthenticationError, smtplib.SMTPNotSupportedError) as error:
            raise CredentialRefused(f"e-mail: {type(error).__name__}; correct login or security of mail_smtp") from None
        except smtplib.SMTPRecipientsRefused as error:
            raise _refusal("every address was refused", error.recipients.values()) from None
        except smtplib.SMTPResponseException as error:
            raise _refusal(type(error).__name__, [(error.smtp_code, error.smtp_error)]) from None
        except ssl.SSLCertVerificationError:
            raise CredentialRefused(
                "e-mail: the server's certificate is not trusted; correct host or security"
            ) from None
        except (OSError, smtplib.SMTPException) as error:
            raise SourceUnavailable(f"e-mail: {type(error).__name__}; try again later, or look at mail_smtp") from None

    def _log_in(self, server: smtplib.SMTP) -> None:
        if self._token:
            given = f"user={self._login}\1auth=Bearer {self._token.current()}\1\1"
            server.ehlo_or_helo_if_needed()
            # The server's refusal comes as another question, which needs no answer.
            server.auth("XOAUTH2", lambda question=None: given if question is None else "")
        elif not (self._login + self._secret).isascii():
            raise CredentialRefused("e-mail: login or password of mail_smtp holds letters beyond ASCII; change it")
        elif self._login:
            server.login(self._login, self._secret)

    def _open(self) -> smtplib.SMTP:
        if self._security == "tls":
            context = ssl.create_default_context()
            return smtplib.SMTP_SSL(self._host, self._port, timeout=PATIENCE_SECONDS, context=context)
        return smtplib.SMTP(self._host, self._port, timeout=PATIENCE_SECONDS)


def _refusal(what: str, answers: Collection[Answer]) -> SourceUnavailable | ContractBroken:
    if all(code < 500 for code, _ in answers):
        return SourceUnavailable(f"e-mail: {what} for now ({_codes(answers)}); try again later")
    return ContractBroken(f"e-mail: {what} ({_codes(answers)}); correct `from` and `to` of mail_smtp")


def _codes(answers: Collection[Answer]) -> str:
    return ", ".join(sorted({str(code) for code, _ in answers}))


def _domain(sender: str) -> str:
    return sender.rpartition("@")[2].strip("> ") or "localhost"
