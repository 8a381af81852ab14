"""A mailbox over IMAP: every mail that its server received in a window, customers' and our own.

Quirks: a mail has no reliable id. Message-ID may be missing, or two mails may share one, so the key is a
hash of it and of the content. UIDs are valid within one UIDVALIDITY: when that changes, the same mails have other
numbers, so UIDs are in the cursor, never in the key. A mail that is filed late keeps its old date, so a window looks
back by option `lookback_days`; landing drops what it already holds.
"""

import json
from collections.abc import Iterator

from social_crm.errors import CursorRejected
from social_crm.sources.fields import field
from social_crm.sources.imap.messages import read_message
from social_crm.sources.imap.server import MAX_MESSAGE_BYTES, Mail, Mailboxes, open_mailboxes
from social_crm.sources.model import Connection, Page, Rejected, Request, Resource, Source
from social_crm.sources.options import look_back
from social_crm.sources.people import People
from social_crm.sources.web.mailbox_tokens import OAUTH
from social_crm.sources.wording import context_of

LOOK_BACK_DAYS = 2
PAGE_BYTES = 16 << 20
PAGE_MAILS = 100


def read_messages(request: Request) -> Iterator[Page]:
    """Read mailbox after mailbox in order of UID; a cursor is `[mailbox, UIDVALIDITY, UID]`."""
    context = context_of("mail", "messages", request.window)
    wide = request.looked_back(LOOK_BACK_DAYS)
    reached = json.loads(request.cursor) if request.cursor else None
    with open_mailboxes(request.connection, context) as mailboxes:
        names = _names(request.connection, mailboxes)
        if reached and reached[0] not in names:
            raise CursorRejected(f"{context}: the mailboxes of connection mail_api changed since the cursor was saved")
        for name in names[names.index(reached[0]) if reached else 0 :]:
            known, after_uid = reached[1:] if reached and reached[0] == name else (None, 0)
            uid_validity = mailboxes.examine(name, known)
            for mails in _pages(mailboxes.received(wide, after_uid)):
                yield _page(mailboxes, name, uid_validity, mails)


def _names(connection: Connection, mailboxes: Mailboxes) -> list[str]:
    """Return the mailboxes to read: those that the connection names, or the inbox and the folder of sent mail."""
    return list(connection.options.get("mailboxes") or dict.fromkeys(["INBOX", mailboxes.sent or "INBOX"]))


def _pages(mails: Iterator[Mail]) -> Iterator[list[Mail]]:
    """Yield mails in lists that fit into a worker's memory."""
    page: list[Mail] = []
    for mail in mails:
        if page and (len(page) == PAGE_MAILS or sum(each.size for each in [*page, mail]) > PAGE_BYTES):
            yield page
            page = []
        page.append(mail)
    if page:
        yield page


def _page(mailboxes: Mailboxes, name: str, uid_validity: int, mails: list[Mail]) -> Page:
    contents = mailboxes.contents(mails)
    page = Page([], cursor=json.dumps([name, uid_validity, mails[-1].uid]))
    for mail in mails:
        if mail.uid not in contents:
            continue
        found = {
            "mailbox": name,
            "is_sent_mailbox": name == mailboxes.sent,
            "uid_validity": uid_validity,
            "uid": mail.uid,
            "received_at": mail.received_at.isoformat(),
            "size_bytes": mail.size,
        }
        try:
            said = read_message(contents[mail.uid])
            page.records.append(found | said | {"is_cut": said["is_cut"] or mail.size > MAX_MESSAGE_BYTES})
        except Exception as error:  # the parser must survive any input
            position = f"{name} {uid_validity}/{mail.uid}"
            content = contents[mail.uid].decode("utf-8", "backslashreplace")
            page.rejected.append(Rejected("unreadable_mail", type(error).__name__, content, position))
    return page


def check(connection: Connection) -> None:
    """Log in and open every mailbox that is to be read."""
    with open_mailboxes(connection, "mail.check") as mailboxes:
        for name in _names(connection, mailboxes):
            mailboxes.examine(name)


MAIL = Source(
    name="mail",
    title="E-mail",
    description=(
        "Mails of a mailbox over IMAP. In connection `mail_api`, the host is the server (`imaps://…`) and the login"
        " the mailbox's address. Seed `source_accounts` lists our own addresses, or `@domain` for all of a domain."
    ),
    resources=(
        Resource(
            name="messages",
            extract=read_messages,
            key=field("content_key"),
            event_at=field("sent_at", "received_at"),
            version_at=field(),
            description="One mail as it was sent, with its texts but without its attachments.",
            order="by mailbox, then by UID",
            window="mails that the server received in it or `lookback_days` (2) before, to the second",
            deletions="never: a mail that is removed from its mailbox stays here, because it was received",
            is_utterance=True,
            people=People(
                persons=tuple(
                    {f"{named}.address": "email"} for named in ("from", "reply_to", "to", "cc", "delivered_to")
                ),
                keeps=(
                    "content_key message_id in_reply_to references mailbox is_sent_mailbox uid_validity uid sent_at"
                    " received_at size_bytes is_cut attachment_count content_type auto_submitted"
                ),
            ),
        ),
    ),
    check=check,
    connection={
        "conn_type": "generic",
        "host": "imaps://outlook.office365.com",
        "login": "help@acmebank.example",
        "password": "<secret of the application, or app password without extra>",
        "extra": {
            "client_id": "<application id>",
            "token_url": "https://login.microsoftonline.com/<tenant>/oauth2/v2.0/token",
            "scope": "https://outlook.office365.com/.default",
        },
    },
    options={
        "mailboxes": "names of the mailboxes to read, usually the inbox and the one for sent mail",
        "timeout": "how many seconds to wait for an answer, usually 60",
        **OAUTH,
        **look_back(LOOK_BACK_DAYS),
    },
    access=(
        "The mailbox's password. Microsoft 365 and Google Workspace require tokens instead: set `client_id` and"
        " `token_url`, and give the application's secret. Microsoft's needs the permission `IMAP.AccessAsApp` and"
        " access to the mailbox in Exchange; Google's needs a refresh token of scope `https://mail.google.com/`."
    ),
    limits=(
        "One session at a time. Only the beginning is read of a mail beyond 16 MiB or a text beyond 1 MiB."
        " Servers limit sessions, not reading."
    ),
    retention="The same as your own correspondence.",
    tested_against={"real server": "Dovecot 2.3, by password and by token"},
)
