"""RSS and Atom documents: fetched only when they changed, and each entry as what feedparser makes of it.

Quirks: a feed drops its oldest entries, so everything in it is read each time, and a feed that no longer
reaches back to a window's start has lost some. Ids may be missing, the same in every feed, or the same for every entry
of one. A date may be missing or in any form and zone. Characters may have HTML names. A server may report a feed as
unchanged although a backdated post was added (WordPress does); that post comes with the next change. A document that is
not well-formed XML may be truncated, so nothing of it is taken.
"""

import calendar
import hashlib
import io
import json
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from html.entities import name2codepoint
from typing import Any
from xml.sax import SAXParseException

import feedparser
from requests import Response

from social_crm.sources.model import Connection, Record, Rejected
from social_crm.sources.web.answers import refuse_bad_status
from social_crm.sources.web.guarded_session import GuardedSession, Limits
from social_crm.sources.wording import without_secrets

ACCEPTED = "application/atom+xml, application/rss+xml, application/xml;q=0.9, */*;q=0.8"
NOT_MODIFIED = 304
# HTML's character names, which XML does not know, as numbers; in CDATA they are plain text.
_NUMBERS = {
    b"&%s;" % name.encode(): b"&#%d;" % code for name, code in name2codepoint.items() if chr(code) not in '"&<>'
}
_NAMED = re.compile(rb"<!\[CDATA\[.*?(?:]]>|\Z)|&\w+;", re.S)


@dataclass(frozen=True)
class Document:
    """A feed as it was sent, under a name that identifies its version."""

    url: str
    content: bytes
    headers: dict[str, str]

    @property
    def name(self) -> str:
        """The feed and the server's name for this version, for asking for a newer one."""
        return json.dumps([_name_of(self.url), self.headers.get("etag", ""), self.headers.get("last-modified", "")])

    @property
    def sha256(self) -> str:
        """The hash of the content."""
        return hashlib.sha256(self.content).hexdigest()

    def entries(self) -> tuple[list[Record], list[Rejected]]:
        """Return the entries, or the reason why there are none."""
        # As a stream: feedparser would take a content that is a path for a file, and read the worker's own file.
        content = _NAMED.sub(lambda found: _NUMBERS.get(found[0], found[0]), self.content)
        parsed = feedparser.parse(io.BytesIO(content), response_headers=self.headers)
        shown, error = without_secrets(self.url), parsed.get("bozo_exception")
        if isinstance(error, SAXParseException):
            return [], [
                self._refused("broken_xml", f"{shown}: no well-formed XML from line {error.getLineNumber()} on")
            ]
        if not parsed.get("version"):
            return [], [self._refused("no_feed", f"{shown}: neither RSS nor Atom: a page, or an error?")]
        repeated = Counter(_id_of(entry) for entry in parsed.entries)
        about = {
            "feed_url": shown, "feed_title": parsed.feed.get("title"), "feed_language": parsed.feed.get("language"),
            "feed_link": parsed.feed.get("link"),
        }  # fmt: skip
        return [about | self._record(entry, repeated[_id_of(entry)] > 1) for entry in parsed.entries], []

    def _record(self, entry: Any, is_repeated: bool) -> Record:
        native, contents = _id_of(entry), [one.get("value") for one in entry.get("content", [])]
        parts: list[Any] = [native] if native and not is_repeated else [native, entry.get("link"), entry.get("title")]
        if not any(parts):
            parts = [entry.get("summary")]
        identity = "\x1f".join([self.url, *(part or "" for part in parts)])
        return {
            "entry_key": hashlib.sha256(identity.encode("utf-8", "surrogatepass")).hexdigest()[:32],
            "id": native,
            "link": entry.get("link"),
            "title": entry.get("title"),
            "content": contents[0] if contents else entry.get("summary"),
            "author": entry.get("author"),
            "language": (entry.get("title_detail") or {}).get("language"),
            "tags": [tag.get("term") for tag in entry.get("tags", [])],
            "published_at": _moment(entry, "published_parsed"),
            "updated_at": _moment(entry, "updated_parsed"),
            "published": dict.get(entry, "published"),
        }

    def _refused(self, reason: str, detail: str) -> Rejected:
        return Rejected(reason, detail, self.content.decode("utf-8", "surrogateescape"), without_secrets(self.url))


def fetch(url: str, context: str, connection: Connection, landed: Sequence[tuple[str, str]]) -> Document | None:
    """Return a feed as it is now, or None if it has not changed since it last landed."""
    session = GuardedSession(url, context, Limits.of(connection, context), _read)
    etag, modified, sha256 = last_landed(url, landed)
    asked = {"If-None-Match": etag, "If-Modified-Since": modified}
    response = session.get(url, headers={"Accept": ACCEPTED, **{name: value for name, value in asked.items() if value}})
    if response.status_code == NOT_MODIFIED:
        return None
    names = ("etag", "last-modified", "content-type", "content-location")
    headers = {name: response.headers[name] for name in names if name in response.headers}
    document = Document(url, response.content, headers)
    return None if document.sha256 == sha256 else document


def last_landed(url: str, landed: Sequence[tuple[str, str]]) -> tuple[str, str, str]:
    """Return ETag, Last-Modified and hash of what landed last of a feed; empty ones if nothing did."""
    for name, sha256 in reversed(landed):
        found, etag, modified = json.loads(name)
        if found == _name_of(url):
            return etag, modified, sha256
    return "", "", ""


def is_known(url: str, landed: Sequence[tuple[str, str]]) -> bool:
    """Tell whether some version of a feed has landed."""
    return any(last_landed(url, landed))


def _read(response: Response, context: str) -> None:
    if response.status_code != NOT_MODIFIED:
        refuse_bad_status(response, context)


def _name_of(url: str) -> str:
    """Return the ledger's name of a feed, without its query, which may be a password."""
    return f"{without_secrets(url)} {hashlib.sha256(url.encode()).hexdigest()[:8]}"


def _id_of(entry: Any) -> str | None:
    return entry.get("id") or entry.get("link") or None


def _moment(entry: Any, name: str) -> str | None:
    """Return a date in UTC, read from the dictionary itself, because feedparser substitutes one date for another."""
    parsed = dict.get(entry, name)
    try:
        return datetime.fromtimestamp(calendar.timegm(parsed), UTC).isoformat() if parsed else None
    except (ValueError, OverflowError, OSError):
        return None
