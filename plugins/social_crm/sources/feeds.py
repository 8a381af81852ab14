"""RSS and Atom feeds of blogs, news and forums, ours and others'."""

from collections.abc import Iterator
from datetime import datetime
from urllib.parse import urljoin

from social_crm.errors import ConnectionUnusable, ContractBroken, WarehouseError, WindowUnavailable
from social_crm.sources.feeds_reading import Document, fetch, is_known
from social_crm.sources.fields import field
from social_crm.sources.model import Connection, Page, Record, Request, Resource, Source
from social_crm.sources.moments import moment_of
from social_crm.sources.options import PATIENCE
from social_crm.sources.people import People
from social_crm.sources.web.lists import Lists
from social_crm.sources.wording import context_of, without_secrets

PAGE_ENTRIES = 200


def read_entries(request: Request) -> Iterator[Page]:
    """Read every changed feed; errors of one are reported after the others were read."""
    window = request.window
    feeds, context = _feeds(request.connection), context_of("feeds", "entries", window)
    lists = Lists(tuple(feeds), "feeds of connection feeds_api")
    first, _ = lists.resume(request.cursor, context)
    failed: WarehouseError | None = None
    served_from = window.start
    for number in range(first, len(feeds)):
        where = f"{context} {without_secrets(feeds[number])}"
        try:
            document = fetch(feeds[number], where, request.connection, request.landed_files)
        except WarehouseError as failure:
            failed = failed or failure
            continue
        # After a failed feed there is no cursor, so the next attempt begins with that feed.
        cursor = None if failed else lists.cursor(number + 1)
        if document is None:
            yield Page([], cursor=cursor)
            continue
        entries, rejected = document.entries()
        if rejected:
            yield Page([], rejected, cursor)
        else:
            yield from _pages(document, entries, cursor)
        if is_known(document.url, request.landed_files):
            served_from = max(served_from, _reach_of(entries) or window.start)
    if failed:
        raise failed
    if served_from > window.start:
        lost_until = min(served_from, window.end)
        gap = f"no feed entry from {window.start:%FT%TZ} to {lost_until:%FT%TZ}: older ones may be forgotten"
        raise WindowUnavailable(f"{context}: {gap}; read more often", window.start, lost_until)


def _pages(document: Document, entries: list[Record], cursor: str | None) -> Iterator[Page]:
    """Yield a feed's entries; the last page names the document, which marks it as landed."""
    last = max(len(entries) - 1, 0) // PAGE_ENTRIES
    for number in range(last):
        yield Page(entries[number * PAGE_ENTRIES : (number + 1) * PAGE_ENTRIES])
    rest = entries[last * PAGE_ENTRIES :]
    yield Page(rest, cursor=cursor, file=(document.name, document.sha256))


def _reach_of(entries: list[Record]) -> datetime | None:
    """Return the time of the oldest entry; None if an entry has no time, because it may be the oldest."""
    moments = [moment_of(entry["published_at"] or entry["updated_at"]) for entry in entries]
    known = [moment for moment in moments if moment]
    return min(known) if known and len(known) == len(moments) else None


def _feeds(connection: Connection) -> list[str]:
    feeds = [urljoin(connection.url, str(feed)) for feed in connection.options.get("feeds", [])]
    if not feeds:
        raise ConnectionUnusable("connection feeds_api: option `feeds` must list addresses of feeds")
    return list(dict.fromkeys(feeds))


def check(connection: Connection) -> None:
    """Fetch every feed; raises an error for the first one that is not a feed."""
    for feed in _feeds(connection):
        document = fetch(feed, f"feeds.check {without_secrets(feed)}", connection, ())
        for refused in document.entries()[1] if document else []:
            raise ContractBroken(f"connection feeds_api: {refused.detail}")


FEEDS = Source(
    name="feeds",
    title="RSS and Atom feeds",
    description=(
        "Entries of the feeds that option `feeds` lists, as addresses or as paths on the host of `feeds_api`."
        " Seed `source_accounts` lists our own hosts: entries of their feeds are the company's own words."
    ),
    resources=(
        Resource(
            name="entries",
            extract=read_entries,
            key=field("entry_key"),
            event_at=field("published_at", "updated_at"),
            version_at=field("updated_at", "published_at"),
            description="One entry of a feed, as it was when read.",
            order="by feed, in the order of the feed",
            window="every entry that a feed shows when it is read, whatever its date, if it is new or changed",
            deletions="A deleted entry looks like one that left the feed with time; its last version stays.",
            is_utterance=True,
            words=("title", "content"),
            people=People(
                persons=({"author": "feeds"},),
                keeps="entry_key feed_url feed_title feed_language language published_at updated_at",
            ),
        ),
    ),
    check=check,
    connection={
        "conn_type": "http",
        "host": "https://blog.acmebank.example",
        "extra": {"feeds": ["/feed", "https://news.example.com/banks.atom"]},
    },
    options={"feeds": "addresses of feeds, or their paths on the host", **PATIENCE},
    access="None: a feed that is not public has a key in its address.",
    limits="One request per feed and window, up to 64 MiB; a feed shows only its newest entries, often ten.",
    retention="As each publisher's terms say.",
    tested_against={"real server": "RSS and Atom of WordPress 6.1"},
)
