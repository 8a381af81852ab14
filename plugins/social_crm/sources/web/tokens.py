"""OAuth 2 access tokens: requested with a client's id and secret, and renewed before they expire."""

from typing import Any

from dlt.sources.helpers.rest_client.auth import OAuth2ClientCredentials
from requests import Session

from social_crm.errors import ConnectionUnusable, ContractBroken
from social_crm.sources.model import Connection
from social_crm.sources.web.answers import RequestRefused
from social_crm.sources.wording import without_secrets

EARLY_SECONDS = 60


class ClientToken(OAuth2ClientCredentials):
    """The token of a client, requested by a guarded session, with login and password as its id and secret."""

    def __init__(self, session: Session, url: str, client: Connection, **asked: str) -> None:
        """Keep the credentials and further parameters; the first use requests a token."""
        super().__init__(
            access_token_url=url,
            client_id=client.login,
            client_secret=client.secret,
            access_token_request_data=asked,
            session=session,
        )

    def current(self) -> str:
        """Return the token, or a new one if the last may have expired."""
        if self.access_token is None or self.is_token_expired():
            self.obtain_token()
        return str(self.access_token)

    def obtain_token(self) -> None:
        """Request a token; an error of the token server must be fixed in the connection."""
        try:
            super().obtain_token()
        except RequestRefused as refused:
            raise ConnectionUnusable(
                f"{refused} when asking for a token at {without_secrets(self.access_token_url)}: correct the"
                " application's details in the connection"
            ) from None

    def parse_access_token(self, response_json: Any) -> str:
        """Return the token; a refusal may come with status 200."""
        if "access_token" not in response_json:
            raise ContractBroken(
                f"{without_secrets(self.access_token_url)} gives no token: is it where tokens are asked for, and the"
                " application of a kind that gets one for its id and secret?"
            )
        return super().parse_access_token(response_json)

    def parse_expiration_in_seconds(self, response_json: Any) -> int:
        """Return how long the token is used."""
        return super().parse_expiration_in_seconds(response_json) - EARLY_SECONDS
