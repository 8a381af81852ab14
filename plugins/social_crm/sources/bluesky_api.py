"""Bluesky's posts by address, and sessions: an app password opens one, whose token signs requests until renewed."""

import json
import time
from typing import Any

from requests import PreparedRequest
from requests.auth import AuthBase

from social_crm.errors import ConnectionUnusable, ContractBroken
from social_crm.sources.model import Connection, Record, Window
from social_crm.sources.web.rest import Api, open_api

POSTS = "xrpc/app.bsky.feed.getPosts"
POSTS_PER_CALL = 25
CREATE_SESSION = "xrpc/com.atproto.server.createSession"
SESSION_SECONDS = 3600.0  # tokens live for two hours


class Session(AuthBase):
    """Our account at Bluesky; signs each request, with a new token once the old one may have expired."""

    def __init__(self, api: Api, connection: Connection) -> None:
        """Open the first session; raises CredentialRefused if the app password is not taken."""
        self._api, self._connection = api, connection
        self._begin()

    def _begin(self) -> None:
        entry = {"identifier": self._connection.login, "password": self._connection.secret}
        opened: dict[str, Any] = self._api.client.post(CREATE_SESSION, json=entry).json()
        if not {"accessJwt", "did", "handle"} <= opened.keys():
            raise ContractBroken("connection bluesky_api: the server opens no session: is it a Bluesky server?")
        self.did, self.handle = str(opened["did"]), str(opened["handle"])
        self._token, self._ends_at = opened["accessJwt"], time.monotonic() + SESSION_SECONDS

    def marked(self, post: Record) -> Record:
        """Return a post with the account that read it, and whether it mentions, answers or quotes that account."""
        record = post["record"] if isinstance(post["record"], dict) else {}
        reply = record.get("reply")
        parent = reply.get("parent") if isinstance(reply, dict) else None
        # The account by itself, or the address of one of its posts; a search finds posts that hold neither.
        named = json.dumps([record.get("facets"), parent, record.get("embed")])
        is_addressed = f'"{self.did}"' in named or f'"at://{self.did}/' in named
        return {**post, "seen_by_handle": self.handle, "is_addressed": is_addressed}

    def __call__(self, request: PreparedRequest) -> PreparedRequest:
        """Sign a request."""
        if time.monotonic() > self._ends_at:
            self._begin()
        request.headers["Authorization"] = f"Bearer {self._token}"
        return request


def posts_at(api: Api, uris: list[str]) -> list[Record]:
    """Return the posts at up to `POSTS_PER_CALL` addresses; Bluesky leaves out those that are gone."""
    return api.fetch_list(POSTS, {"uris": uris}, "posts")


def open_bluesky(resource: str, connection: Connection, window: Window | None) -> tuple[Api, Session]:
    """Open the API with a session of the connection's account."""
    if not connection.login:
        raise ConnectionUnusable(
            "connection bluesky_api: the login is empty; it is the handle of the company's account"
        )
    session = Session(open_api("bluesky", resource, connection, window, None), connection)
    return open_api("bluesky", resource, connection, window, session), session
