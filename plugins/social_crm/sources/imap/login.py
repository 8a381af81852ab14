"""How a session of IMAP begins: by a password, or by a token of OAuth 2."""

from imapclient import IMAPClient

from social_crm.sources.model import Connection
from social_crm.sources.web.tokens import ClientToken


def log_in(client: IMAPClient, connection: Connection, token: ClientToken | None) -> None:
    """Enter the connection's mailbox; Microsoft knows XOAUTH2 alone, others may know its standard alone."""
    if token is None:
        client.login(connection.login, connection.secret)
    elif client.has_capability("AUTH=XOAUTH2"):
        client.oauth2_login(connection.login, token.current())
    else:
        client.oauthbearer_login(connection.login, token.current())
