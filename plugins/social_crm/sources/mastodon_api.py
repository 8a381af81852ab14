"""Mastodon requests besides timelines: our own account, and the thread of a status."""

from dlt.sources.helpers.rest_client.auth import BearerTokenAuth

from social_crm.errors import ContractBroken
from social_crm.sources.model import Connection, Record, Window
from social_crm.sources.web.rest import Api, open_api

ME = "api/v1/accounts/verify_credentials"


def open_mastodon(resource: str, connection: Connection, window: Window | None) -> Api:
    """Open the API with the connection's access token."""
    return open_api("mastodon", resource, connection, window, BearerTokenAuth(token=connection.secret))


def own_id(api: Api) -> str:
    """Return the id of the account that the token belongs to."""
    me = api.fetch(ME).get("id")
    if me is None:
        raise ContractBroken("connection mastodon_api: the server knows no account of ours: is it a Mastodon server?")
    return str(me)


def rooted(api: Api, status: Record, roots: dict[str, str]) -> Record:
    """Return the status with the id of its thread's first status, which needs a request of its own."""
    own, parent = str(status["id"]), status.get("in_reply_to_id")
    if parent is None:
        roots[own] = own
    elif str(parent) in roots:
        roots[own] = roots[str(parent)]
    else:
        roots[own] = _root_of(api, own) or str(parent)
    return {**status, "thread_root_id": roots[own]}


def _root_of(api: Api, status_id: str) -> str | None:
    context = api.fetch_or_none(f"api/v1/statuses/{status_id}/context") or {}
    ancestors = context.get("ancestors") or []
    return str(ancestors[0]["id"]) if ancestors else None
