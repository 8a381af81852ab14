"""A site with a feed: RSS of what entries say, three entries a page of landing."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from email.utils import format_datetime
from typing import Any
from xml.sax.saxutils import escape

import acceptance
from acceptance import Entry
from servers.fake_api import Answer
from servers.fake_sources import HASTE
from social_crm.sources import feeds
from social_crm.sources.feeds import FEEDS
from social_crm.sources.model import Connection

KIND = "application/rss+xml; charset=utf-8"


def item(guid: str, at: datetime | None, text: str = "words", more: str = "") -> str:
    """Return an item as WordPress writes it; more may take the place of what it has."""
    date = f"<pubDate>{format_datetime(at)}</pubDate>" if at else ""
    identity = f'<guid isPermaLink="false">{guid}</guid>' if guid else ""
    return f"<item><title>Fees</title>{identity}{date}<description>{escape(text)}</description>{more}</item>"


def rss(*items: str) -> str:
    """Return a feed of these items."""
    head = "<title>Acme</title><link>https://blog.acme.example</link><language>en</language>"
    return f'<?xml version="1.0" encoding="UTF-8"?><rss version="2.0"><channel>{head}{"".join(items)}</channel></rss>'


class Harness(acceptance.Harness):
    """A feed that forgets nothing; what XML cannot hold is gone before it is sent."""

    source, resource = FEEDS, FEEDS.resource("entries")
    cuts_exactly = False
    reads_in_pages = False

    def __init__(self, *args: Any) -> None:
        super().__init__(*args)
        self.patch.setattr(feeds, "PAGE_ENTRIES", 3)
        self.api.respond = lambda asked: Answer(
            rss(*map(self._item, self._shown())).encode(errors="replace"), kind=KIND
        )

    def _shown(self) -> list[Entry]:
        return [entry for entry in self.entries if not entry.is_deleted]

    def _item(self, entry: Entry) -> str:
        return item(str(entry.number), entry.at, entry.text)

    @property
    def connection(self) -> Connection:
        return Connection(self.api.url, options={"feeds": ["/feed"], **HASTE})

    def key(self, entry: Entry) -> str:
        from hashlib import sha256

        return sha256(f"{self.api.url}/feed\x1f{entry.number}".encode()).hexdigest()[:32]

    def refusals(self) -> Iterator[tuple[str, Connection]]:
        yield "option `feeds`", replace(self.connection, options={})
        yield "no source may have", replace(self.connection, options={"feeds": ["http://169.254.169.254/feed"]})
        self.api.respond = lambda asked: Answer("<html><title>Sign in</title></html>", kind="text/html")
        yield "neither RSS nor Atom", self.connection
        self.api.respond = lambda asked: Answer(rss(item("1", None))[:-20], kind=KIND)
        yield "no well-formed XML", self.connection
        self.api.respond = lambda asked: Answer({}, 404)
        yield "refused", self.connection
