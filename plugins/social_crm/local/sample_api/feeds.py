"""Feeds of others, as RSS and as Atom; a client that sends its version learns whether there is a newer one."""

import hashlib
from datetime import datetime, timedelta, timezone
from email.utils import format_datetime
from html import escape

from social_crm.local.sample_api.company import Clock, Company, Record, said_by
from social_crm.local.sample_api.messages import Answer, Call, answer_json

BEHIND_UTC = timezone(timedelta(hours=-5))  # where both are written


class FeedsApi:
    """Answers like the publishers' sites, below /feeds/."""

    def __init__(self, company: Company, clock: Clock) -> None:
        """Keep the story."""
        self._lines, self._clock = company.networks.get("feeds", []), clock

    def answer(self, call: Call) -> Answer:
        """Answer with the feed, or with "not modified" if the caller has the current version."""
        if call.path not in FEEDS:
            return answer_json({"error": "Not Found"}, 404)
        written, kind = FEEDS[call.path]
        entries = [line for line in said_by(self._lines, self._clock.now) if line["on"] == call.path]
        body = f'<?xml version="1.0" encoding="UTF-8"?>\n{written(entries)}\n'.encode()
        version = f'"{hashlib.sha256(body).hexdigest()[:16]}"'
        is_known = call.headers.get("if-none-match") == version
        return Answer(304 if is_known else 200, b"" if is_known else body, {"etag": version}, f"{kind}; charset=utf-8")


def _rss(entries: list[Record]) -> str:
    """Return a newspaper's feed: its items have no ids except their links."""
    head = "<title>The Ledger on Acme</title><link>https://ledger.example</link><language>en</language>"
    space = 'xmlns:dc="http://purl.org/dc/elements/1.1/"'
    return f'<rss version="2.0" {space}><channel>{head}{"".join(map(_item, entries))}</channel></rss>'


def _item(line: Record) -> str:
    by = f"<dc:creator>{escape(line['by'])}</dc:creator>" if line["by"] else ""
    date = f"<pubDate>{format_datetime(_local(line['at']))}</pubDate>"
    words = f"<title>{escape(line['title'])}</title><description>{_markup(line)}</description>"
    return f"<item>{words}<link>{line['id']}</link>{by}{date}</item>"


def _atom(entries: list[Record]) -> str:
    """Return a diary's feed, which says when an entry was changed."""
    head = "<title>Corner shop diary</title><id>https://cornershop.example/</id>"
    return f'<feed xmlns="http://www.w3.org/2005/Atom" xml:lang="en">{head}{"".join(map(_entry, entries))}</feed>'


def _entry(line: Record) -> str:
    words = f'<title>{escape(line["title"])}</title><content type="html">{_markup(line)}</content>'
    times = f"<published>{_local(line['at']).isoformat()}</published>"
    times += f"<updated>{_local(line.get('edited_at') or line['at']).isoformat()}</updated>"
    by = f"<author><name>{escape(line['by'])}</name></author>" if line["by"] else ""
    return f'<entry><id>{line["id"]}</id><link href="{line["id"]}"/>{words}{by}{times}</entry>'


def _markup(line: Record) -> str:
    return escape(f"<p>{escape(line['text'], quote=False)}</p>")


def _local(at: str) -> datetime:
    return datetime.fromisoformat(at).astimezone(BEHIND_UTC)


FEEDS = {"/feeds/news.xml": (_rss, "application/rss+xml"), "/feeds/diary.atom": (_atom, "application/atom+xml")}
