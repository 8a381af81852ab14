"""Reddit's API for an application: a token for its id and secret, and listings of things of a few kinds."""

from base64 import b64encode
from dataclasses import replace
from typing import Any

from requests import PreparedRequest

from social_crm.errors import ConnectionUnusable, ContractBroken
from social_crm.sources.model import Connection, Record, Window
from social_crm.sources.web.rest import Api, open_api
from social_crm.sources.web.tokens import ClientToken

LOGIN_HOST = "https://www.reddit.com"  # tokens come from another host than the API
IDS_PER_CALL = 100
COMMENT, SUBMISSION = "t1", "t3"


class Application(ClientToken):
    """An application's token, renewed before it expires, and the user agent that Reddit requires."""

    def __init__(self, token_api: Api, connection: Connection) -> None:
        """Keep the credentials; the first request gets a token."""
        client = token_api.client
        super().__init__(client.session, f"{client.base_url.rstrip('/')}/api/v1/access_token", connection)
        self.name = f"python:social-crm-warehouse:1 (by /u/{connection.options['account']})"

    def __call__(self, request: PreparedRequest) -> PreparedRequest:
        """Sign a request."""
        request.headers["User-Agent"] = self.name
        return super().__call__(request)

    def build_access_token_request(self) -> dict[str, Any]:
        """Return the request for a token: Reddit wants id and secret in a header."""
        pair = b64encode(f"{self.client_id}:{self.client_secret}".encode()).decode()
        headers = {"Authorization": f"Basic {pair}", "User-Agent": self.name}
        return {"headers": headers, "data": {"grant_type": "client_credentials"}}


def open_reddit(resource: str, connection: Connection, window: Window | None) -> Api:
    """Open the API for the connection's application."""
    if not connection.login or not connection.options.get("account"):
        raise ConnectionUnusable(
            "connection reddit_api: its login must be the application's id, and option `account` the name of the"
            " account that answers for it: Reddit turns nameless readers away"
        )
    token_api = open_api(
        "reddit", resource, replace(connection, url=connection.options.get("login_host", LOGIN_HOST)), window, None
    )
    application = Application(token_api, connection)
    return open_api("reddit", resource, connection, window, application)


def things_of(api: Api, listing: Any) -> list[Record]:
    """Return the things of a listing, each with its kind."""
    found = listing.get("data") if isinstance(listing, dict) else None
    data = found if isinstance(found, dict) else {}
    api.refuse_doubled(data, "a listing")
    things = data.get("children")
    if not isinstance(things, list) or not all(map(_is_thing, things)):
        raise ContractBroken(f"{api.context}: the answer is no listing: is it Reddit's API, and its version the same?")
    return things


def _is_thing(one: Any) -> bool:
    return isinstance(one, dict) and "kind" in one and isinstance(one.get("data"), dict)


def known_things(api: Api, names: list[str]) -> list[Record]:
    """Return the existing things of up to a hundred names; a deleted thing exists, without its words."""
    things = things_of(api, api.fetch("api/info", {"id": ",".join(names), "raw_json": 1}))
    return [without_replies(thing["data"]) for thing in things if thing["data"].get("name") in names]


def without_replies(thing: Record) -> Record:
    """Return a thing without the tree below it: each reply is a record of its own."""
    return {name: value for name, value in thing.items() if name != "replies"}
