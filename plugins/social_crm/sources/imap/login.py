"""How an IMAP session begins: with a password, or with an OAuth 2 token."""

from imapclient import IMAPClient

from social_crm.sources.model import Connection
from social_crm.sources.web.tokens import ClientToken


def log_in(client: IMAPClient, connection: Connection, token: ClientToken | None) -> None:
    """Log in to the connection's mailbox; Microsoft only knows XOAUTH2, others may only know the standard."""
    if token is None:
        client.login(connection.login, connection.secret)
    elif client.has_capability("AUTH=XOAUTH2"):
        client.oauth2_login(connection.login, token.current())
    else:
        client.oauthbearer_login(connection.login, token.current())
