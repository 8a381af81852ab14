"""The mailbox connector where a password opens nothing: a real Dovecot that asks a token's giver whose it is."""

import logging
import time
from base64 import b64encode
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from servers import dovecot
from servers.dovecot import Dovecot
from servers.fake_api import Answer, Asked, FakeApi
from servers.fake_sources import SECRET
from social_crm.errors import ConnectionUnusable, ContractBroken, CredentialRefused, CursorRejected, SourceUnavailable
from social_crm.sources import mail
from social_crm.sources.mail import MAIL
from social_crm.sources.model import Connection, Page, Request, Window
from social_crm.sources.web.tokens import EARLY_SECONDS

MESSAGES = MAIL.resource("messages")
START = datetime(2026, 10, 27, tzinfo=UTC)
DAY = Window(START, START + timedelta(days=1))
SCOPE = "https://outlook.office365.com/.default"
CLIENT, REFRESH = "6f1c-application", "canary-refresh-77aa"
BY_SECRET = {"grant_type": "client_credentials", "client_id": CLIENT, "client_secret": SECRET, "scope": SCOPE}
BY_CONSENT = {"grant_type": "refresh_token", "client_id": CLIENT, "client_secret": SECRET, "refresh_token": REFRESH}


@dataclass
class Giver:
    """Gives tokens, each good until the next one is given, and tells a server whose they are."""

    lasting: int = 3600
    mailbox: str = "support"
    given: list[str] = field(default_factory=list)

    def __call__(self, asked: Asked) -> Answer:
        if asked.path == "/introspect":
            known = self.given and asked.headers["authorization"] == f"Bearer {self.given[-1]}"
            return Answer({"active": True, "username": self.mailbox} if known else {"active": False})
        if asked.path != "/tenant/token":
            return Answer({"error": "invalid_request", "error_description": "AADSTS90002: no such tenant"}, 400)
        if asked.body["client_secret"] != SECRET:
            return Answer({"error": "invalid_client", "error_description": asked.body["client_secret"]}, 401)
        if asked.body.get("refresh_token", REFRESH) != REFRESH:
            return Answer({"error": "invalid_grant", "error_description": "Token has been revoked."}, 400)
        if asked.body not in (BY_SECRET, BY_CONSENT):
            return Answer({"error": "invalid_scope", "error_description": "AADSTS70011"}, 400)
        self.given.append(f"canary-token-{len(self.given)}")
        return Answer({"token_type": "Bearer", "expires_in": self.lasting, "access_token": self.given[-1]})


@pytest.fixture
def giver(fake_api: FakeApi) -> Giver:
    """Make the fake API give tokens."""
    giver = Giver()
    fake_api.respond = giver
    return giver


@pytest.fixture
def post_office(fake_api: FakeApi, giver: Giver) -> Iterator[Dovecot]:
    """Start a server that takes them."""
    with dovecot.running(f"{fake_api.url}/introspect") as office:
        yield office


def with_tokens(office: Dovecot, api: FakeApi, **options: Any) -> Connection:
    given = {
        "client_id": CLIENT,
        "token_url": f"{api.url}/tenant/token",
        "scope": SCOPE,
        "lookback_days": 0,
        "attempts": 1,
    }
    return replace(office.connection(), options=given | options)


def letter(number: int) -> bytes:
    return f"Message-ID: <{number}@example.test>\r\nSubject: {number}\r\n\r\nHello\r\n".encode()


def subjects(*pages: Page) -> list[str]:
    return [record["subject"] for page in pages for record in page.records]


@pytest.mark.parametrize("mechanisms", ["xoauth2", "oauthbearer"])
def test_an_application_reads_with_the_token_that_its_secret_gets(
    fake_api: FakeApi, giver: Giver, mechanisms: str
) -> None:
    with dovecot.running(f"{fake_api.url}/introspect", mechanisms) as office:
        office.put(letter(1), START)
        connection = with_tokens(office, fake_api)
        MAIL.check(connection)
        assert subjects(*MESSAGES.extract(Request(connection, DAY))) == ["1"]
    assert len(giver.given) == 2


def test_consent_once_given_gets_tokens_as_well(post_office: Dovecot, fake_api: FakeApi, giver: Giver) -> None:
    MAIL.check(with_tokens(post_office, fake_api, scope="", refresh_token=REFRESH))
    assert len(giver.given) == 1


def test_a_long_read_goes_on_with_a_new_token_where_a_session_ends_with_its_own(
    post_office: Dovecot, fake_api: FakeApi, giver: Giver, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mail, "PAGE_MAILS", 1)
    giver.lasting = EARLY_SECONDS + 1
    for number in range(3):
        post_office.put(letter(number), START)
    pages = MESSAGES.extract(Request(with_tokens(post_office, fake_api), DAY))
    first = next(pages)
    time.sleep(1.1)
    post_office.end_sessions()
    giver.lasting = 3600
    assert subjects(first, *pages) == ["0", "1", "2"]
    assert len(giver.given) == 2


def test_a_new_session_notices_that_mails_were_numbered_anew(
    post_office: Dovecot, fake_api: FakeApi, giver: Giver, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mail, "PAGE_MAILS", 1)
    giver.lasting = EARLY_SECONDS  # each command is of a session of its own
    for number in range(2):
        post_office.put(letter(number), START)
    pages = MESSAGES.extract(Request(with_tokens(post_office, fake_api), DAY))
    next(pages)
    post_office.number_anew()
    with pytest.raises(CursorRejected, match="renumbered mailbox 'INBOX'"):
        next(pages)


def test_a_session_that_ends_before_its_token_is_an_outage_after_which_the_read_goes_on(
    post_office: Dovecot, fake_api: FakeApi, giver: Giver, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mail, "PAGE_MAILS", 1)
    for number in range(2):
        post_office.put(letter(number), START)
    connection = with_tokens(post_office, fake_api)
    pages = MESSAGES.extract(Request(connection, DAY))
    first = next(pages)
    post_office.end_sessions()
    with pytest.raises(SourceUnavailable, match="does not answer properly"):
        next(pages)
    assert subjects(*MESSAGES.extract(Request(connection, DAY, first.cursor))) == ["1"]


def test_what_is_wrong_is_told_apart_and_no_secret_is_told(
    post_office: Dovecot, fake_api: FakeApi, giver: Giver, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    right = with_tokens(post_office, fake_api)
    wrong: list[tuple[type[Exception], str, Connection]] = [
        (CredentialRefused, "re-authorise source mail.*wrong or revoked", replace(right, secret=f"{SECRET}-old")),
        (CredentialRefused, "wrong or revoked", with_tokens(post_office, fake_api, refresh_token=f"{REFRESH}-")),
        (CredentialRefused, "refuses login and token: may the application", replace(right, login="sales")),
        (
            ConnectionUnusable,
            "invalid_scope.*correct the application.s details",
            with_tokens(post_office, fake_api, scope="mail"),
        ),
        (ConnectionUnusable, "invalid_request", with_tokens(post_office, fake_api, token_url=f"{fake_api.url}/other")),
        (ConnectionUnusable, "`client_id` and `token_url`", with_tokens(post_office, fake_api, client_id="")),
        (
            ConnectionUnusable,
            "https://",
            with_tokens(post_office, fake_api, token_url="http://login.example.test/token"),
        ),
        (ConnectionUnusable, "https://", with_tokens(post_office, fake_api, token_url="https://[half")),
        (SourceUnavailable, "127.0.0.1", with_tokens(post_office, fake_api, token_url="http://127.0.0.1:9/token")),
    ]
    told = [repr(right)]
    for error, words, connection in wrong:
        with pytest.raises(error, match=words) as caught:
            MAIL.check(connection)
        told.append(str(caught.value))
    fake_api.faults.append(Answer({"error": "unsupported_grant_type"}))
    with pytest.raises(ContractBroken, match="gives no token"):
        MAIL.check(right)
    MAIL.check(right)
    answered = f"user=support\1auth=Bearer {giver.given[-1]}\1\1".encode()
    everything = "\n".join([*told, caplog.text])
    for secret in (SECRET, REFRESH, *giver.given, b64encode(answered).decode()):
        assert secret not in everything
