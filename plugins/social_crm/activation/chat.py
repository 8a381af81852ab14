"""A chat that receives messages by a webhook in Slack's format, as Mattermost and Rocket.Chat do."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import ClassVar

import requests

from social_crm.activation.model import Item
from social_crm.errors import CredentialRefused, RateLimited, SourceUnavailable
from social_crm.sources.model import Connection
from social_crm.sources.web.answers import RequestRefused, Throttled, read_answer
from social_crm.sources.web.network import refuse_forbidden_url

PATIENCE_SECONDS = (10, 30)
UNSAID_WAIT = 60.0
# What Slack answers if a webhook was revoked or its channel is gone.
GONE = (404, 410)


class Chat:
    """One webhook: the connection's host, and its path, which is the secret, as the password."""

    name = "chat"
    options: ClassVar[Mapping[str, str]] = {}

    def __init__(self, connection: Connection) -> None:
        """Refuse an address to which nothing may be sent."""
        refuse_forbidden_url(connection.url, "chat")
        self._url = f"{connection.url.rstrip('/')}/{connection.secret.lstrip('/')}".rstrip("/")

    def find(self, item: Item) -> str | None:
        """Return None: a webhook does not say what it posted."""

    def create(self, item: Item) -> str:
        """Post the message; a webhook gives no id, so the item's own is returned."""
        text = f"*{_escaped(item.title)}*\n{_escaped(item.body)}"
        try:
            # A redirect would pass the secret on.
            answer = requests.post(self._url, json={"text": text}, timeout=PATIENCE_SECONDS, allow_redirects=False)
        except requests.RequestException as error:
            # The error's text would show the address.
            raise SourceUnavailable(f"chat: {type(error).__name__}; try again later, or look at chat_webhook") from None
        if answer.status_code >= 300:
            _refuse(answer)
        return item.external_id


def _refuse(answer: requests.Response) -> None:
    try:
        read_answer(answer, "chat.webhook")
    except Throttled as throttled:
        wait = timedelta(seconds=throttled.wait or UNSAID_WAIT)
        raise RateLimited(str(throttled), datetime.now(UTC) + wait) from None
    except RequestRefused as refused:
        if refused.status in GONE:
            raise CredentialRefused(f"chat: there is no such webhook ({refused.status}); renew chat_webhook") from None
        raise


def _escaped(text: str) -> str:
    """Return the text without anything that the chat would take for a command, such as a mention of everybody."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
