"""OAuth 2 tokens for mailboxes whose servers no longer accept passwords."""

from dataclasses import replace
from urllib.parse import urlsplit

from social_crm.errors import ConnectionUnusable
from social_crm.sources.model import Connection
from social_crm.sources.web.guarded_session import GuardedSession, Limits
from social_crm.sources.web.network import is_loopback_name
from social_crm.sources.web.tokens import ClientToken

# Options of a connection whose password is an application's secret.
OAUTH = {
    "client_id": "id of the application that opens the mailbox with tokens (OAuth 2); the password is then its secret",
    "token_url": "URL that issues its tokens, such as https://login.microsoftonline.com/<tenant>/oauth2/v2.0/token",
    "scope": "scope of the tokens, such as https://outlook.office365.com/.default",
    "refresh_token": "refresh token from the mailbox's consent, if id and secret alone get no token, as at Google",
}


def token_of(connection: Connection, name: str, context: str) -> ClientToken | None:
    """Return the token client for the mailbox of the connection of this name; None if it uses a password."""
    client_id, token_url, scope, refresh_token = (str(connection.options.get(name) or "") for name in OAUTH)
    if not (client_id or token_url or scope or refresh_token):
        return None
    if not client_id or not _is_safe(token_url):
        raise ConnectionUnusable(
            f"{context}: tokens take options `client_id` and `token_url` of connection {name}, an application's id and"
            " the address (https://…) where its tokens are asked for"
        )
    asked = {"scope": scope} if scope else {}
    if refresh_token:
        asked |= {"grant_type": "refresh_token", "refresh_token": refresh_token}
    session = GuardedSession(token_url, context, Limits.of(connection, context))
    return ClientToken(session, token_url, replace(connection, login=client_id), **asked)


def _is_safe(token_url: str) -> bool:
    """Tell whether a secret may be sent there: encrypted, or to this machine."""
    try:
        parts = urlsplit(token_url)
        host = parts.hostname or ""
    except ValueError:
        return False
    return bool(host) and (parts.scheme == "https" or (parts.scheme == "http" and is_loopback_name(host)))
