"""A read-only session with an IMAP server: mailboxes are examined, no mail is marked as read."""

import ssl
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cached_property
from typing import Any
from urllib.parse import urlsplit

from imapclient import IMAPClient, SocketTimeout
from imapclient.exceptions import IMAPClientAbortError, IMAPClientError, LoginError
from imapclient.imapclient import SENT

from social_crm.errors import (
    ConnectionUnusable,
    ContractBroken,
    CredentialRefused,
    CursorRejected,
    SourceUnavailable,
)
from social_crm.sources.imap.login import log_in
from social_crm.sources.model import Connection, Window
from social_crm.sources.web.mailbox_tokens import token_of
from social_crm.sources.web.network import is_loopback_name
from social_crm.sources.wording import without_secrets

LOOKED_AT_ONCE = 500
MAX_MESSAGE_BYTES = 16 << 20  # larger mails are read up to here: texts come before attachments
_DAY = timedelta(days=1)
# Exchange's answer after a successful login without rights to the mailbox; sometimes also with rights.
_NO_RIGHT = "User is authenticated but not connected"
_TRANSIENT = ("[UNAVAILABLE]", "[INUSE]", "[LIMIT]", "[SERVERBUG]")


@dataclass(frozen=True)
class Mail:
    """What the server says about one mail before it is read."""

    uid: int
    received_at: datetime
    size: int


class Mailboxes:
    """The mailboxes of one account; a session with their server begins at the first request."""

    def __init__(self, connection: Connection, context: str) -> None:
        """Keep how to log in."""
        self._connection, self._context = connection, context
        self._token = token_of(connection, "mail_api", context)
        self._client: IMAPClient | None = None
        self._examined: tuple[str, int] | None = None

    @property
    def credential(self) -> str:
        """Return what a server refused at login, and what may be wrong with it."""
        if self._token is None:
            return "login and password"
        return "login and token: may the application read that mailbox over IMAP, and is option `scope` for that?"

    @property
    def _session(self) -> IMAPClient:
        """Return the session; it is replaced before its token expires, because servers would end it then."""
        if self._client is None or (self._token and self._token.is_token_expired()):
            self.leave()
            self._client = _connected(self._connection, self._context)
            log_in(self._client, self._connection, self._token)
            if self._examined:
                self._select(self._client, *self._examined)
        return self._client

    def leave(self) -> None:
        """End the session, if there is one; the server may have gone already."""
        if self._client:
            with suppress(Exception):
                self._client.logout()

    @cached_property
    def sent(self) -> str | None:
        """Return the mailbox that the server keeps sent mail in, if it says so."""
        found: str | None = self._session.find_special_folder(SENT)
        return found

    def examine(self, mailbox: str, known: int | None = None) -> int:
        """Open a mailbox for reading and return its UIDVALIDITY: UIDs are not valid under another one.

        Raises CursorRejected if it has changed.
        """
        self._examined = None
        self._examined = mailbox, self._select(self._session, mailbox, known)
        return self._examined[1]

    def _select(self, client: IMAPClient, mailbox: str, known: int | None) -> int:
        try:
            uid_validity = int(client.select_folder(mailbox, readonly=True)[b"UIDVALIDITY"])
        except IMAPClientAbortError:
            raise
        except (IMAPClientError, KeyError) as error:
            if _NO_RIGHT in str(error):
                raise
            raise ConnectionUnusable(
                f"{self._context}: there is no mailbox {mailbox!r}: correct option `mailboxes` of the connection"
            ) from None
        if known not in (None, uid_validity):
            raise CursorRejected(f"{self._context}: the server has renumbered mailbox {mailbox!r}")
        return uid_validity

    def received(self, window: Window, after_uid: int) -> Iterator[Mail]:
        """Yield the mails of the open mailbox that the server received in a window, in order of number.

        SINCE and BEFORE only know days, in the server's time zone, and `UID n:*` returns the last mail even
        if it is before n. So the server narrows the search down, and the exact window is applied here.
        """
        days = ["SINCE", (window.start - _DAY).date(), "BEFORE", (window.end + 2 * _DAY).date()]
        uids = sorted(uid for uid in self._session.search(days) if uid > after_uid)
        for first in range(0, len(uids), LOOKED_AT_ONCE):
            some = uids[first : first + LOOKED_AT_ONCE]
            found = self._session.fetch(some, ["INTERNALDATE", "RFC822.SIZE"])
            for uid in some:
                # A mail removed since the search is missing from the answer.
                if uid in found and window.may_hold(at := found[uid][b"INTERNALDATE"].astimezone(UTC)):
                    yield Mail(uid, at, found[uid][b"RFC822.SIZE"])

    def contents(self, mails: Sequence[Mail]) -> dict[int, bytes]:
        """Return the bytes of mails by number, without marking them as read; those removed meanwhile are missing."""
        found = self._session.fetch([mail.uid for mail in mails], [f"BODY.PEEK[]<0.{MAX_MESSAGE_BYTES}>"])
        contents = {uid: content for uid, answer in found.items() if (content := _content(answer)) is not None}
        # For a mail that another session removes meanwhile, a server may send an empty answer.
        emptied = {mail.uid for mail in mails if mail.size and not contents.get(mail.uid)}
        return {uid: content for uid, content in contents.items() if uid not in emptied}


def _content(answer: dict[bytes, Any]) -> bytes | None:
    return next((value or b"" for name, value in answer.items() if name.startswith(b"BODY[]")), None)


@contextmanager
def open_mailboxes(connection: Connection, context: str) -> Iterator[Mailboxes]:
    """Open the mailboxes of the connection; refusals of their server become our errors."""
    address = without_secrets(connection.url)
    mailboxes = Mailboxes(connection, context)
    try:
        try:
            yield mailboxes
        finally:
            mailboxes.leave()
    except LoginError as error:
        is_lost = isinstance(error.__context__, IMAPClientAbortError)
        if is_lost or any(code in str(error) for code in _TRANSIENT):
            raise SourceUnavailable(f"{context}: {address} takes no login now; try again later") from None
        raise CredentialRefused(f"re-authorise source mail: {address} refuses {mailboxes.credential}") from None
    except ssl.SSLCertVerificationError:
        raise ContractBroken(f"{context}: {address} shows no certificate that this machine trusts") from None
    except (OSError, IMAPClientError) as error:  # lost connections raise either
        if _NO_RIGHT in str(error):
            refused = CredentialRefused(f"re-authorise source mail: {address} refuses {mailboxes.credential}")
            refused.is_hopeless = False
            raise refused from None
        raise SourceUnavailable(f"{context}: {address} does not answer properly ({type(error).__name__})") from None


def _connected(connection: Connection, context: str) -> IMAPClient:
    scheme, host, port = _place(connection.url)
    timeout = SocketTimeout(connect=10, read=float(connection.options.get("timeout", 60)))
    if scheme not in ("imap", "imaps") or not host:
        raise ConnectionUnusable(f"{context}: the URL of connection mail_api must be imaps://<host>[:<port>]")
    client = IMAPClient(host, port, ssl=scheme == "imaps", timeout=timeout)
    client.normalise_times = False
    if scheme == "imap" and not is_loopback_name(host):
        client.starttls()  # a password leaves this machine only encrypted
    return client


def _place(url: str) -> tuple[str, str | None, int | None]:
    """Return scheme, host and port; None if invalid, because an error about them may quote part of a password."""
    try:
        parts = urlsplit(url)
        return parts.scheme, parts.hostname, parts.port
    except ValueError:
        return "", None, None
