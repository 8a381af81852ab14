"""A mailbox on a real Dovecot: three mails a page, an account of its own for each test."""

import atexit
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import replace
from datetime import datetime
from functools import cache
from typing import Any

import acceptance
from acceptance import Entry
from servers import dovecot
from servers.dovecot import Dovecot
from servers.fake_sources import SECRET
from social_crm.sources import mail
from social_crm.sources.imap.messages import read_message
from social_crm.sources.mail import MAIL
from social_crm.sources.model import Connection

_running = ExitStack()
atexit.register(_running.close)


@cache
def _post_office() -> Dovecot:
    """Start the server that all tests share."""
    return _running.enter_context(dovecot.running())


class Harness(acceptance.Harness):
    """Mails in the inbox; one that was received can be removed, and never changes."""

    source, resource = MAIL, MAIL.resource("messages")
    sees_edits = False

    def __init__(self, *args: Any) -> None:
        super().__init__(*args)
        self.patch.setattr(mail, "PAGE_MAILS", 3)
        self.user = self.folder.name
        self.sent = set[tuple[bytes, datetime]]()
        self.office = _post_office()

    def publish(self) -> None:
        wanted = {(self._content(entry), entry.at) for entry in self.entries if not entry.is_deleted}
        with self.office.client(self.user) as client:
            client.select("INBOX")
            for content, _ in self.sent - wanted:
                # A Message-ID is the first line.
                _, found = client.search(None, "HEADER", "Message-ID", content.split(b"\r\n")[0][12:].decode())
                client.store(found[0].decode(), "+FLAGS", "(\\Deleted)")
            client.expunge()
        for content, at in sorted(wanted - self.sent, key=lambda mail: mail[1]):
            self.office.put(content, at, user=self.user)
        self.sent = wanted

    def _content(self, entry: Entry) -> bytes:
        text = "words" if entry.edited_at else entry.text
        # IMAP carries no NUL: a server gives this byte in its place.
        body = text.encode("utf-8", "surrogatepass").replace(b"\0", b"\x80")
        return f"Message-ID: <{entry.number}@example.test>\r\nFrom: jo@example.test\r\n\r\n".encode() + body

    @property
    def connection(self) -> Connection:
        return replace(self.office.connection(self.user), options={"lookback_days": 0})

    def key(self, entry: Entry) -> str:
        return str(read_message(self._content(entry))["content_key"])

    def refusals(self) -> Iterator[tuple[str, Connection]]:
        yield "re-authorise", replace(self.connection, secret=f"{SECRET}-of-yesterday")
        yield "no mailbox 'Archive'", replace(self.connection, options={"mailboxes": ["Archive"]})
        yield "`client_id` and `token_url`", replace(self.connection, options={"client_id": "of an application"})
        yield "imaps://", replace(self.connection, url="https://mail.example.test")
        yield "does not answer", replace(self.connection, url="imap://127.0.0.1:9")

    def throttle(self) -> bool:
        return False
