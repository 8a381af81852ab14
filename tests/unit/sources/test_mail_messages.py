"""What of an e-mail becomes a record, whatever its sender's program made of the standards."""

import json
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace

import pytest

from social_crm.errors import ContractBroken
from social_crm.sources.imap import messages, server
from social_crm.sources.imap.messages import read_message
from social_crm.sources.imap.server import Mail, Mailboxes
from social_crm.sources.mail import _page, check
from social_crm.sources.model import Connection, Window

FIXTURE = Path(__file__).resolve().parents[2] / "fixtures/mail/messages.eml"


def test_a_mail_with_everything_is_read_as_its_writer_sees_it() -> None:
    record = read_message(FIXTURE.read_bytes())
    assert record.pop("content_key")
    assert record == {
        "message_id": "<20261027.2@example.test>",
        "in_reply_to": ["<20261026.1@acmebank.example>"],
        "references": ["<20261026.0@example.test>", "<20261026.1@acmebank.example>"],
        "date": "Tue, 27 Oct 2026 15:30:00 +0530 (IST)",
        "sent_at": "2026-10-27T15:30:00+05:30",
        "from": [{"name": "José", "address": "jo@example.test"}],
        "to": [{"name": "Help, Acme", "address": "help@acmebank.example"}, {"name": None, "address": "undisclosed"}],
        "cc": [],
        "reply_to": [],
        "delivered_to": [{"name": None, "address": "help@acmebank.example"}],
        "subject": "Re: Card – lost",
        "text": "It is still “lost”. Café photo attached.\n\n> Is it lost?",
        "html": "<p>It is still &ldquo;lost&rdquo;.</p>",
        "is_cut": False,
        "attachment_count": 2,
        "content_type": "multipart/mixed",
        "auto_submitted": None,
        "unknown_charsets": [],
    }


@pytest.mark.parametrize(
    ("charset", "content", "shown"),
    [
        ("utf-8", "schön".encode(), "schön"),
        ("utf-8", "schön".encode("cp1252"), "schön"),
        ("us-ascii", "it’s".encode("cp1252"), "it’s"),
        ("gb2312", "退款".encode("gb2312"), "退款"),
        ("iso-2022-jp", "返金".encode("iso-2022-jp"), "返金"),
        ("koi8-r", "карта".encode("koi8-r"), "карта"),
        ("utf-16", "half".encode("utf-16")[:-1], None),
        ("base64", b"plain", "plain"),
        ("\x00", b"plain", "plain"),
        ("x-nobody-knows", "schön".encode(), "schön"),
        ("iso-8859-1", b"caf\x81", "caf\udc81"),
    ],
)
def test_a_text_is_read_in_its_charset_or_in_the_likeliest_one(charset: str, content: bytes, shown: str | None) -> None:
    record = read_message(f'Content-Type: text/plain; charset="{charset}"\r\n\r\n'.encode() + content)
    assert record["text"] == shown if shown else record["text"]
    assert record["unknown_charsets"] == ([charset] if charset == "x-nobody-knows" else record["unknown_charsets"])


@pytest.mark.parametrize(
    "date",
    ["", "yesterday", "Tue, 99 Oct 2026 99:99:99 +0000", "Tue, 27 Oct 99999 10:00:00 +9999", "1793095200", "\x00"],
)
def test_a_date_that_is_none_is_none(date: str) -> None:
    assert read_message(f"Date: {date}\r\n\r\nhi".encode())["sent_at"] is None


def test_a_date_in_a_zone_nobody_knows_has_no_zone() -> None:
    assert read_message(b"Date: Tue, 27 Oct 2026 10:00:00 -0000\r\n\r\nhi")["sent_at"] == "2026-10-27T10:00:00"


@pytest.mark.parametrize(
    "header",
    [
        b"Subject: =?utf-8?B?not base64?=",
        b"Subject: =?x-unknown?Q?hi?=",
        b"From: <<>>,,;:@",
        b"From: " + b"(" * 500,
        b"Content-Type: ;;;=\x00",
        b"Content-Type: multipart/mixed",
        b"Content-Transfer-Encoding: nonsense",
        b"\x00\xff: \xfe",
        b"References: " + b"<a@b> " * 2000,
    ],
)
def test_no_header_stops_the_reading(header: bytes) -> None:
    assert read_message(header + b"\r\n\r\nhi")["text"].rstrip().endswith("hi")


def test_a_header_of_nothing_but_encoded_words_takes_no_minute() -> None:
    words, began = b"=?utf-8?q?" * 100_000, time.process_time()
    record = read_message(b"Subject: =?utf-8?q?caf=C3=A9?= " + words + b"\r\n\r\nhi")
    assert time.process_time() - began < 3
    assert record["subject"].startswith("café")
    assert record["subject"].endswith("=?utf-8?q?")


def test_the_key_is_that_of_what_was_written_not_of_its_way() -> None:
    mail = FIXTURE.read_bytes()
    key = read_message(mail)["content_key"]
    assert read_message(mail.replace(b"\n", b"\r\n"))["content_key"] == key
    assert read_message(b"Received: by another\n" + mail)["content_key"] == key
    assert read_message(mail.replace(b"still", b"not"))["content_key"] != key
    assert read_message(mail.replace(b"20261027.2", b"20261027.3"))["content_key"] != key


def test_a_forwarded_mail_is_an_attachment() -> None:
    forwarded = b"Content-Type: message/rfc822\n\nSubject: inner\n\ninner text\n"
    outer = b'Content-Type: multipart/mixed; boundary="b"\n\n--b\n\nSee below.\n--b\n' + forwarded + b"--b--\n"
    record = read_message(outer)
    assert (record["text"], record["attachment_count"]) == ("See below.", 1)


def test_a_multipart_without_its_parts_keeps_its_text() -> None:
    assert read_message(b'Content-Type: multipart/mixed; boundary="b"\n\nJust text\n')["text"].strip() == "Just text"


@pytest.mark.parametrize("word", ["ab", "é", "退", "😀", "\udc81"])
def test_a_long_text_is_cut_between_characters(word: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(messages, "MAX_TEXT_BYTES", 10)
    kind = "iso-8859-1" if word == "\udc81" else "utf-8"
    content = b"\x81" if word == "\udc81" else word.encode()
    size = len(word.encode("utf-8", "surrogatepass"))
    for count in (10 // size, 10 // size + 1):
        record = read_message(f"Content-Type: text/plain; charset={kind}\r\n\r\n".encode() + content * count)
        assert record["text"] == word * (10 // size)
        assert record["is_cut"] == (count * size > 10)


def test_pictures_within_an_html_text_are_left_out_before_it_is_cut(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(messages, "MAX_TEXT_BYTES", 100)
    picture = b"""<img alt="a" src="data:image/png;base64,iVBO\r\nRw0K/+==">"""
    record = read_message(b"Content-Type: text/html\r\n\r\n" + picture * 4 + b"<p>Any data: lost.</p>")
    assert record["html"] == '<img alt="a" src="">' * 4 + "<p>Any data: lost.</p>"[:20]
    assert record["is_cut"]


@pytest.mark.parametrize("url", ["imaps://me:canary/x@h", "imaps://me:[canary@h", "imaps://h:canary"])
def test_what_is_no_address_of_a_server_is_refused_without_its_password(url: str) -> None:
    with pytest.raises(ContractBroken, match="must be imaps://") as caught:
        check(Connection(url))
    assert "canary" not in str(caught.value)


def test_a_mail_that_cannot_be_parsed_is_set_aside_and_one_removed_meanwhile_is_passed_over() -> None:
    bomb = b"From: ann@example.test\r\n" + b"Content-Type: message/rfc822\r\n\r\n" * 1000
    contents = {7: bomb, 9: b"From: bob@example.test\r\n\r\nWhere is my card?\r\n"}
    mailboxes = SimpleNamespace(sent=None, contents=lambda mails: contents)
    page = _page(mailboxes, "INBOX", 5, [Mail(uid, datetime(2026, 10, 5, tzinfo=UTC), 99) for uid in (7, 8, 9)])
    assert [(one.reason, one.detail, one.position) for one in page.rejected] == [
        ("unreadable_mail", "RecursionError", "INBOX 5/7")
    ]
    assert [(record["uid"], record["text"]) for record in page.records] == [(9, "Where is my card?\r\n")]
    assert json.loads(page.cursor or "") == ["INBOX", 5, 9]


def test_a_mail_removed_since_the_search_hides_no_other(monkeypatch: pytest.MonkeyPatch) -> None:
    noon = datetime(2026, 10, 5, 12, tzinfo=UTC)
    found = {uid: {b"INTERNALDATE": noon, b"RFC822.SIZE": 99} for uid in (7, 9)}
    answers = {"login": lambda *_: None, "search": lambda _: [9, 8, 7, 6], "fetch": lambda *_: found}
    monkeypatch.setattr(server, "_connected", lambda *_: SimpleNamespace(**answers))
    mailboxes = Mailboxes(Connection("imaps://imap.example.test"), "mail")
    received = mailboxes.received(Window(noon, noon + timedelta(hours=1)), after_uid=6)
    assert list(received) == [Mail(7, noon, 99), Mail(9, noon, 99)]
