"""The mailbox connector against a real Dovecot."""

import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, ClassVar

import psycopg
import pytest

from servers import dovecot
from servers.dovecot import Dovecot
from servers.fake_sources import SECRET
from social_crm.errors import ContractBroken, CredentialRefused, CursorRejected, SourceUnavailable
from social_crm.landing.loading import load_resource
from social_crm.settings import Settings
from social_crm.sources import mail
from social_crm.sources.imap import server
from social_crm.sources.mail import MAIL
from social_crm.sources.model import Connection, Page, Request, Window
from social_crm.transform.dbt_runner import load_seeds, run_models

MESSAGES = MAIL.resource("messages")
START = datetime(2026, 10, 27, tzinfo=UTC)
DAY = Window(START, START + timedelta(days=1))


def letter(number: int, body: bytes = b"Where is my card?", *headers: str) -> bytes:
    given = [
        f"Message-ID: <{number}@example.test>",
        "From: Jo <jo@example.test>",
        f"Subject: Question {number}",
        *headers,
    ]
    return "\r\n".join(given).encode() + b"\r\n\r\n" + body + b"\r\n"


def read(connection: Connection, window: Window = DAY, cursor: str | None = None) -> list[Page]:
    return list(MESSAGES.extract(Request(connection, window, cursor)))


def subjects(pages: list[Page]) -> list[str]:
    return [record["subject"].removeprefix("Question ") for page in pages for record in page.records]


@pytest.fixture
def post_office() -> Iterator[Dovecot]:
    """Start a server of the test's own."""
    with dovecot.running() as office:
        yield office


def test_a_window_reads_what_was_received_in_it_and_leaves_it_unread(post_office: Dovecot) -> None:
    moments = [START - timedelta(seconds=1), START, DAY.end - timedelta(seconds=1), DAY.end]
    for number, moment in enumerate(moments):
        post_office.put(letter(number), moment)
    exact = replace(post_office.connection(), options={"lookback_days": 0})
    assert subjects(read(exact)) == ["1", "2"]
    assert subjects(read(exact)) == ["1", "2"]
    assert subjects(read(post_office.connection())) == ["0", "1", "2"]
    in_the_future = Window(START + timedelta(days=9000), START + timedelta(days=9001))
    assert read(exact, in_the_future) == []
    with post_office.client() as client:
        client.select("INBOX", readonly=True)
        assert client.search(None, "SEEN") == ("OK", [b""])


def test_a_killed_read_goes_on_after_any_page(post_office: Dovecot, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mail, "PAGE_MAILS", 2)
    monkeypatch.setattr(server, "LOOKED_AT_ONCE", 3)
    for number in range(5):
        post_office.put(letter(number), START)
    post_office.put(letter(5), START, "Sent")
    pages = read(post_office.connection())
    assert [subjects([page]) for page in pages] == [["0", "1"], ["2", "3"], ["4"], ["5"]]
    for done, page in enumerate(pages, 1):
        # After the last mail `UID n:*` would give that mail once more.
        assert subjects(read(post_office.connection(), cursor=page.cursor)) == subjects(pages[done:])
    [sent] = pages[-1].records
    assert (sent["mailbox"], sent["is_sent_mailbox"]) == ("Sent", True)


def test_numbers_of_another_uidvalidity_are_not_taken_for_the_saved_ones(
    post_office: Dovecot, warehouse: Settings
) -> None:
    for number in range(4):
        post_office.put(letter(number), START)
    post_office.expunge([1])
    [page] = read(post_office.connection())
    assert [record["uid"] for record in page.records] == [2, 3, 4]
    load_resource(MAIL, MESSAGES, post_office.connection(), DAY, "test")
    post_office.number_anew()
    with pytest.raises(CursorRejected, match="renumbered mailbox 'INBOX'"):
        read(post_office.connection(), cursor=page.cursor)
    [renumbered] = read(post_office.connection())
    assert [record["uid"] for record in renumbered.records] == [1, 2, 3]
    load_resource(MAIL, MESSAGES, post_office.connection(), DAY, "again")
    with psycopg.connect(warehouse.warehouse_admin_url) as admin:
        found = admin.execute(
            "select count(distinct _record_key), count(distinct payload ->> 'uid') from raw_mail.messages"
        )
        assert found.fetchone() == (3, 4)


def test_mails_removed_while_others_are_read_are_no_empty_ones(
    post_office: Dovecot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mail, "PAGE_MAILS", 2)
    for number in range(1, 7):
        post_office.put(letter(number), START)
    pages = MESSAGES.extract(Request(post_office.connection(), DAY))
    first = next(pages)
    post_office.expunge([3, 5])
    assert subjects([first, *pages]) == ["1", "2", "4", "6"]


def test_a_mail_without_or_with_anothers_message_id_is_a_mail_of_its_own(post_office: Dovecot) -> None:
    post_office.put(b"From: jo@example.test\r\n\r\nNo id.\r\n", START)
    post_office.put(b"From: jo@example.test\r\n\r\nNo id either.\r\n", START)
    post_office.put(letter(1, b"First."), START)
    post_office.put(letter(1, b"Second under the same id."), START)
    # The same mail, sent to ourselves: once here and once where sent mail is kept, with another way behind it.
    post_office.put(b"Received: from elsewhere\r\n" + letter(1, b"First."), START, "Sent")
    records = [record for page in read(post_office.connection()) for record in page.records]
    assert len(records) == 5
    assert len({MESSAGES.key(record) for record in records}) == 4


def test_junk_bytes_land_escaped_and_flagged(post_office: Dovecot, warehouse: Settings) -> None:
    junk = letter(1, b"caf\x81 \x00 end", "Content-Type: text/plain; charset=x-unknown", "Date: yesterday, as it were")
    post_office.put(junk, START)
    post_office.put(letter(2, "schön".encode("cp1252"), "Content-Type: text/plain; charset=iso-8859-1"), START)
    counts = load_resource(MAIL, MESSAGES, post_office.connection(), DAY, "test")
    assert (counts.appended, counts.quarantined) == (2, 0)
    with psycopg.connect(warehouse.warehouse_admin_url) as admin:
        found = admin.execute("select _is_escaped, _event_at, payload ->> 'text' from raw_mail.messages order by 1")
        (_, _, clean), (is_escaped, event_at, _) = found.fetchall()
    assert clean.strip() == "schön"
    assert is_escaped
    assert event_at == START  # the header is no date: what the server says stands


def test_of_a_huge_mail_the_beginning_is_read(post_office: Dovecot, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(server, "MAX_MESSAGE_BYTES", 2000)
    monkeypatch.setattr(mail, "MAX_MESSAGE_BYTES", 2000)
    post_office.put(letter(1, b"Hello. " + b"x" * 9000), START)
    [page] = read(post_office.connection())
    assert page.records[0]["is_cut"]
    assert page.records[0]["text"].startswith("Hello. xxx")
    assert len(page.records[0]["text"]) < 2000


def test_a_mail_of_more_text_than_a_row_holds_lands_with_its_beginning(
    post_office: Dovecot, warehouse: Settings
) -> None:
    post_office.put(letter(1, b"Hello.\r\n" + b"line\r\n" * (1 << 20)), START)
    counts = load_resource(MAIL, MESSAGES, post_office.connection(), DAY, "test")
    assert (counts.appended, counts.quarantined) == (1, 0)
    with psycopg.connect(warehouse.warehouse_admin_url) as admin:
        found = admin.execute("select payload ->> 'is_cut', left(payload ->> 'text', 6) from raw_mail.messages")
        assert found.fetchall() == [("true", "Hello.")]


def test_what_is_wrong_with_a_connection_is_told_apart_without_its_password(post_office: Dovecot) -> None:
    right = post_office.connection()
    MAIL.check(right)
    wrong = {
        CredentialRefused: replace(right, secret=f"{SECRET}-wrong"),
        ContractBroken: replace(right, options={"mailboxes": ["INBOX", "Archive"]}),
        SourceUnavailable: replace(right, url="imap://127.0.0.1:9"),
    }
    for error, connection in wrong.items():
        with pytest.raises(error) as caught:
            MAIL.check(connection)
        assert SECRET not in str(caught.value)
    with pytest.raises(ContractBroken, match="imaps://"):
        MAIL.check(replace(right, url="https://mail.example.test"))


class Terse(socketserver.StreamRequestHandler):
    """A server that says `answers` to commands, what stands under "" to all others, and hangs up where nothing does."""

    answers: ClassVar[dict[bytes, bytes]]

    def handle(self) -> None:
        """Answer until there is no answer."""
        self.wfile.write(b"* OK here\r\n")
        while line := self.rfile.readline():
            tag, command, *_ = line.split()
            answer = self.answers.get(command, self.answers.get(b""))
            if command == b"CAPABILITY":
                answer = b"OK done"
                self.wfile.write(b"* CAPABILITY IMAP4rev1\r\n")
            if answer is None or command == b"LOGOUT":
                return
            self.wfile.write(tag + b" " + answer + b"\r\n")


@contextmanager
def terse(**answers: str) -> Iterator[Connection]:
    """Run such a server."""
    told = {command.encode(): answer.encode() for command, answer in answers.items()}
    handler = type("Handler", (Terse,), {"answers": told})
    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), handler) as running:
        threading.Thread(target=running.serve_forever, args=(0.01,), daemon=True).start()
        yield Connection(f"imap://127.0.0.1:{running.server_address[1]}", "support", SECRET)
        running.shutdown()


def test_a_server_that_hangs_up_on_a_login_has_refused_no_password() -> None:
    with terse() as connection, pytest.raises(SourceUnavailable, match="takes no login now"):
        MAIL.check(connection)


@pytest.mark.parametrize("options", [{}, {"mailboxes": ["INBOX"]}])
def test_exchange_refuses_a_mailbox_after_the_login(options: dict[str, Any]) -> None:
    says = {"LOGIN": "OK LOGIN completed.", "": "BAD User is authenticated but not connected."}
    with terse(**says) as connection, pytest.raises(CredentialRefused, match="re-authorise source mail") as caught:
        MAIL.check(replace(connection, options=options))
    assert not caught.value.is_hopeless  # of a server that has the hiccups it is no word on anybody's rights


def test_a_server_that_goes_away_is_an_outage_and_what_was_read_counts(
    post_office: Dovecot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mail, "PAGE_MAILS", 1)
    post_office.put(letter(1), START)
    post_office.put(letter(2), START)
    pages = MESSAGES.extract(Request(post_office.connection(), DAY))
    first = next(pages)
    post_office.stop()
    with pytest.raises(SourceUnavailable, match="does not answer properly"):
        list(pages)
    post_office.start()
    assert subjects(read(post_office.connection(), cursor=first.cursor)) == ["2"]


def test_a_thread_in_two_mailboxes_becomes_one_conversation_of_customer_and_staff(
    post_office: Dovecot, warehouse: Settings
) -> None:
    fixture = Path(__file__).resolve().parents[1] / "fixtures/mail/messages.eml"
    opening = letter(0).replace(b"<0@example.test>", b"<20261026.0@example.test>") + b"\r\n-- \r\nJo, +1 212 555 0100"
    reply = (
        b"Message-ID: <20261026.1@acmebank.example>\r\nReferences: <20261026.0@example.test>\r\n"
        b"In-Reply-To: <20261026.0@example.test>\r\nFrom: Ann <ann@acmebank.example>\r\nTo: jo@example.test\r\n"
        b"\r\nIs it lost?\r\n\r\nOn 26 Oct 2026, Jo wrote:\r\n> Where is my card?\r\n"
    )
    post_office.put(opening, START)
    post_office.put(reply, START + timedelta(hours=1), "Sent")
    post_office.put(fixture.read_bytes().replace(b"\n", b"\r\n"), START + timedelta(hours=10, minutes=1))
    load_id = load_resource(MAIL, MESSAGES, post_office.connection(), DAY, "test").load_id
    with psycopg.connect(warehouse.warehouse_admin_url, autocommit=True) as admin:
        admin.execute("update raw.load_ledger set status = 'checked'")
        admin.execute("insert into ops.transform_runs (run_id, as_of, status) values ('test', now(), 'running')")
        admin.execute("insert into ops.transform_loads select transform_id, %s from ops.transform_runs", [load_id])
        load_seeds(["source_accounts"])
        run_models(["staging.mail"])
        found = admin.execute(
            "select sender_kind, direction, text_plain, source_account, market_code, author_email,"
            " published_at::text, in_reply_to_native_id = lag(native_id) over (order by available_at),"
            " count(*) over (partition by conversation_native_id)"
            " from staging.stg_mail__interactions order by available_at"
        ).fetchall()
    ours, jo = "help@acmebank.example", "jo@example.test"
    assert found == [
        ("customer", "inbound", "Where is my card?", None, None, jo, "2026-10-27 00:00:00+00", None, 3),
        ("agent", "outbound", "Is it lost?", "@acmebank.example", None, None, "2026-10-27 01:00:00+00", True, 3),
        (
            "customer",
            "inbound",
            "It is still “lost”. Café photo attached.",
            ours,
            "us",
            jo,
            "2026-10-27 10:00:00+00",
            True,
            3,
        ),
    ]
