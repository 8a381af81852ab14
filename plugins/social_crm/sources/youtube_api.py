"""YouTube's two lists of comments, and how they are opened."""

from dlt.sources.helpers.rest_client.auth import APIKeyAuth

from social_crm.sources.model import Connection, Window
from social_crm.sources.web.rest import Api, open_api

THREADS, COMMENTS = "youtube/v3/commentThreads", "youtube/v3/comments"


def open_youtube(resource: str, connection: Connection, window: Window | None) -> Api:
    """Open the API with the connection's key."""
    # In a header, because a key in the URL would appear in every log on the way.
    auth = APIKeyAuth(name="X-Goog-Api-Key", api_key=connection.secret, location="header")
    return open_api("youtube", resource, connection, window, auth)
