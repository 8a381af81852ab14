"""The ASGI application: routes calls to the sources, applies faults, and moves the clock."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol
from urllib.parse import parse_qsl

import orjson

from social_crm.local.sample_api.bluesky import SESSION, BlueskyApi
from social_crm.local.sample_api.company import Clock, Company
from social_crm.local.sample_api.discourse import DiscourseApi
from social_crm.local.sample_api.drops import write_state
from social_crm.local.sample_api.faults import FAULTS, Faults
from social_crm.local.sample_api.feeds import FeedsApi
from social_crm.local.sample_api.graph import GraphApi
from social_crm.local.sample_api.hubspot import SEARCHES, HubspotApi
from social_crm.local.sample_api.intercom import SEARCH, IntercomApi
from social_crm.local.sample_api.linkedin import LinkedinApi
from social_crm.local.sample_api.mastodon import MastodonApi
from social_crm.local.sample_api.messages import Answer, Call, answer_json
from social_crm.local.sample_api.reddit import DOOR, RedditApi
from social_crm.local.sample_api.request_tracker import ATTACHMENTS, RequestTrackerApi
from social_crm.local.sample_api.salesforce import TOKEN, SalesforceApi
from social_crm.local.sample_api.wordpress import WordpressApi
from social_crm.local.sample_api.x import XApi
from social_crm.local.sample_api.youtube import YoutubeApi
from social_crm.local.sample_api.zendesk import ZendeskApi
from social_crm.local.sample_api.zendesk_made import MadeTickets

Message = dict[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
POSTED = (DOOR, SESSION, SEARCH, ATTACHMENTS, *SEARCHES, TOKEN)  # all else is read by GET


class Api(Protocol):
    """One source, as it answers calls."""

    def answer(self, call: Call) -> Answer:
        """Answer any call."""


@dataclass(frozen=True)
class Credentials:
    """What the sources accept; control calls need none, because the server only listens on loopback."""

    x_token: str
    zendesk_email: str
    zendesk_token: str
    networks_secret: str  # of all networks but X; Pages of Facebook have their id behind it


class SampleApi:
    """One company behind one port."""

    def __init__(self, company: Company, credentials: Credentials, state: Path, now: str | None = None) -> None:
        """Write the drop folders and the CRM as they are at the clock."""
        self.clock, self.faults = Clock(), Faults()
        if now:
            self.clock.set(now)
        self._company, self._state = company, state
        secret = credentials.networks_secret
        self._readers: dict[str, Api] = {
            "/2/": XApi(company, self.clock, self.faults, credentials.x_token),
            "/graph/": GraphApi(company, self.clock, secret),
            "/youtube/": YoutubeApi(company, self.clock, secret),
            "/reddit/": RedditApi(company, self.clock, secret),
            "/mastodon/": MastodonApi(company, self.clock, secret),
            "/discourse/": DiscourseApi(company, self.clock, secret),
            "/wordpress/": WordpressApi(company, self.clock, secret),
            "/feeds/": FeedsApi(company, self.clock),
            "/bluesky/": BlueskyApi(company, self.clock, secret),
            "/linkedin/": LinkedinApi(company, self.clock, secret),
            "/intercom/": IntercomApi(company, self.clock, secret),
            "/request_tracker/": RequestTrackerApi(company, self.clock, secret),
            "/hubspot/": HubspotApi(company, self.clock, secret),
            "/salesforce/": SalesforceApi(company, self.clock, secret),
        }
        login = (credentials.zendesk_email, credentials.zendesk_token)
        write_state(company, self.clock.now, state)
        self._zendesk = ZendeskApi(company, self.clock, self.faults, MadeTickets(state), login)

    def respond(self, call: Call) -> Answer:
        """Answer one call."""
        if call.path.startswith("/_sample/"):
            return self._control(call)
        self.faults.begin(call)
        if answer := self.faults.before(call):
            return answer
        if call.path.startswith("/api/v2/"):
            return self.faults.after(self._zendesk.answer(call))
        if call.method != "GET" and call.path not in POSTED:
            return answer_json({"error": "MethodNotAllowed"}, 405)
        for path, api in self._readers.items():
            if call.path.startswith(path):
                return self.faults.after(api.answer(call))
        return answer_json({"error": "NotFound"}, 404)

    def _control(self, call: Call) -> Answer:
        """Read or move the clock, read or switch faults."""
        try:
            wanted = orjson.loads(call.body) if call.method == "POST" else None
            if call.path == "/_sample/clock":
                if wanted is not None:
                    self.clock.set(wanted["now"])
                    write_state(self._company, self.clock.now, self._state)
                return answer_json({"now": self.clock.now})
            if call.path == "/_sample/faults":
                if wanted is not None:
                    self.faults.switch(wanted)
                return answer_json({"on": self.faults.values, "known": FAULTS})
        except (KeyError, TypeError, ValueError) as error:
            return answer_json({"error": str(error)}, 400)
        return answer_json({"error": "known: /_sample/clock, /_sample/faults"}, 404)

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        """Speak ASGI."""
        if scope["type"] == "lifespan":
            await _live(receive, send)
        elif scope["type"] == "http":
            call = await _read(scope, receive)
            answer = self.respond(call)
            await self._write(answer, send, is_control=call.path.startswith("/_sample/"))

    async def _write(self, answer: Answer, send: Send, is_control: bool) -> None:
        headers = {"content-type": answer.content_type, "content-length": str(len(answer.body)), **answer.headers}
        encoded = [(name.encode(), value.encode()) for name, value in headers.items()]
        await send({"type": "http.response.start", "status": answer.status, "headers": encoded})
        silence, is_dropped = 0.0, False
        if not is_control:
            silence = float(self.faults.values.get("slow_body") or 0)
            is_dropped = self.faults.takes("dropped_connection")
        half = len(answer.body) // 2 if silence or is_dropped else 0
        if half:
            await send({"type": "http.response.body", "body": answer.body[:half], "more_body": True})
            await asyncio.sleep(silence)
        # uvicorn closes the connection when less comes than Content-Length promised.
        await send({"type": "http.response.body", "body": b"" if is_dropped else answer.body[half:]})


async def _read(scope: Message, receive: Receive) -> Call:
    body, more = b"", True
    while more:
        message = await receive()
        body += message.get("body", b"")
        more = message.get("more_body", False)
    pairs = parse_qsl(scope["query_string"].decode("latin-1"), keep_blank_values=True)
    headers = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in scope["headers"]}
    return Call(scope["method"], scope["path"], dict(pairs), headers, body, pairs)


async def _live(receive: Receive, send: Send) -> None:
    while True:
        message = await receive()
        await send({"type": f"{message['type']}.complete"})
        if message["type"] == "lifespan.shutdown":
            return
