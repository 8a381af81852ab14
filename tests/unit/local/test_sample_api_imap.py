"""The sample server as a mailbox: folders, searches by day, and mails as they were sent."""

import imaplib
from collections.abc import Iterator
from threading import Thread

import pytest

from social_crm.local.sample_api.company import Clock, Company
from social_crm.local.sample_api.imap import USER, MailboxServer

SECRET = "networks-secret"
ALL = ("SINCE", "24-Oct-2026", "BEFORE", "11-Nov-2026")


@pytest.fixture
def office(company: Company) -> Iterator[MailboxServer]:
    with MailboxServer(("127.0.0.1", 0), company, Clock(), SECRET) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        yield server
        server.shutdown()


@pytest.fixture
def client(office: MailboxServer) -> Iterator[imaplib.IMAP4]:
    with imaplib.IMAP4(*office.server_address[:2], timeout=10) as session:  # type: ignore[arg-type]
        session.login(USER, SECRET)
        yield session


def found(client: imaplib.IMAP4, folder: str, *span: str) -> list[int]:
    client.select(folder, readonly=True)
    return [int(number) for number in client.uid("SEARCH", *(span or ALL))[1][0].split()]


def test_every_mail_is_in_its_folder_and_found_by_its_day(client: imaplib.IMAP4, company: Company) -> None:
    for folder in ("INBOX", "Sent"):
        assert len(found(client, folder)) == sum(mail["mailbox"] == folder for mail in company.mails) > 0
    day = found(client, "INBOX", "SINCE", "04-Nov-2026", "BEFORE", "05-Nov-2026")
    assert 0 < len(day) < len(found(client, "INBOX"))


def test_a_mail_is_given_as_it_was_sent(client: imaplib.IMAP4, company: Company) -> None:
    [first, *_] = found(client, "INBOX")
    mail = next(mail for mail in company.mails if mail["mailbox"] == "INBOX")
    about = client.uid("FETCH", str(first), "(INTERNALDATE RFC822.SIZE)")[1][0]
    assert f"RFC822.SIZE {len(mail['raw'].encode())}".encode() in about
    assert client.uid("FETCH", f"{first}:{first}", "(BODY.PEEK[]<0.100000>)")[1][0][1] == mail["raw"].encode()
    assert client.uid("FETCH", "9999", "(BODY.PEEK[]<0.100000>)")[1] == [None]


def test_nothing_is_there_before_it_was_received(office: MailboxServer, client: imaplib.IMAP4) -> None:
    everything = found(client, "INBOX")
    office.clock.set("2026-11-02T00:00:00Z")
    assert 0 < len(found(client, "INBOX")) < len(everything)


def test_folders_say_what_they_are_for_and_only_the_account_reads(office: MailboxServer, client: imaplib.IMAP4) -> None:
    assert any(b"\\Sent" in line for line in client.list()[1] if isinstance(line, bytes))
    assert client.select("Archive", readonly=True)[0] == "NO"
    with imaplib.IMAP4(*office.server_address[:2], timeout=10) as stranger:  # type: ignore[arg-type]
        with pytest.raises(imaplib.IMAP4.error, match="AUTHENTICATIONFAILED"):
            stranger.login(USER, "else")
        with pytest.raises(imaplib.IMAP4.error):
            stranger.list()
