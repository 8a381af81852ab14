"""Notifications through a mail server that takes no passwords, as Microsoft's takes none."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from servers.fake_api import Answer, Asked, FakeApi
from servers.mail_server import MailServer
from social_crm.activation.mail import Mail
from social_crm.activation.model import Item
from social_crm.errors import ConnectionUnusable, CredentialRefused, SourceUnavailable
from social_crm.sources.model import Connection

SECRET, TOKEN = "canary-secret-31", "canary-token-77"
ITEM = Item("notification", "alert:1", "What went wrong", "Fees were charged twice.")


@pytest.fixture
def office() -> Iterator[MailServer]:
    """Start a server that wants a token."""
    with MailServer(TOKEN) as server:
        yield server


@pytest.fixture
def token_server(fake_api: FakeApi) -> FakeApi:
    """Make the fake API give tokens to whoever knows the secret."""

    def give(asked: Asked) -> Answer:
        known = asked.body["client_secret"] == SECRET and asked.body["client_id"] == "warehouse-app"
        return Answer({"access_token": TOKEN, "expires_in": 3600} if known else {"error": "x"}, 200 if known else 401)

    fake_api.respond = give
    return fake_api


def connection(office: MailServer, token_server: FakeApi, **options: Any) -> Connection:
    tokens = {"client_id": "warehouse-app", "token_url": f"{token_server.url}/tenant/token", "attempts": 1}
    return replace(
        office.connection, login="support", secret=SECRET, options=office.connection.options | tokens | options
    )


def test_one_token_opens_the_mailbox_for_every_message(office: MailServer, token_server: FakeApi) -> None:
    mail = Mail(connection(office, token_server))
    for _ in range(2):
        mail.create(ITEM)
    assert office.subjects() == ["What went wrong"] * 2
    assert [asked.path for asked in token_server.asked] == ["/tenant/token"]


def test_what_is_wrong_with_a_token_is_told_without_it(office: MailServer, token_server: FakeApi) -> None:
    with pytest.raises(ConnectionUnusable, match="`client_id` and `token_url` of connection mail_smtp"):
        Mail(connection(office, token_server, client_id=""))
    office.token = "of another mailbox"
    with pytest.raises(CredentialRefused) as refused:
        Mail(connection(office, token_server)).create(ITEM)
    assert "correct login or security of mail_smtp" in str(refused.value)
    assert office.answers == [b""]
    wrong = replace(connection(office, token_server), secret="canary-wrong")
    with pytest.raises((CredentialRefused, ConnectionUnusable, SourceUnavailable)) as unknown:
        Mail(wrong).create(ITEM)
    assert "canary" not in f"{refused.value}{unknown.value}"
    assert office.messages == []


def test_a_password_that_smtp_cannot_say_is_named_without_it(office: MailServer) -> None:
    with pytest.raises(CredentialRefused, match="beyond ASCII") as refused:
        Mail(replace(office.connection, login="support", secret="gehe\u00efm")).create(ITEM)
    assert "gehe" not in str(refused.value)
