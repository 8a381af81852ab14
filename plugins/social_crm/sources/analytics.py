"""Daily visits to the company's own sites, from any web analytics export: what people looked for before they asked.

Quirks: a page's address may identify its visitor: in its query, after a `;`, or in a part of its path. E-mail
addresses, numbers and tokens are removed before anything is stored. A name in a path looks like any word, and is kept.
Columns that we did not ask for are not stored. A site's day is one record with all of its pages: a corrected export
replaces the whole day, so a page that it no longer contains is removed.
"""

import re
from datetime import date, timedelta
from urllib.parse import unquote, urlsplit

from social_crm.sources.dropped import extraction
from social_crm.sources.dropped.contract import FileContract, column, joined, text_of
from social_crm.sources.model import Record, Rejected, Source
from social_crm.sources.people import NOBODY

# The whole file is collected before its first record: a file of this size takes some 500 MB.
CONTRACT = FileContract(
    required={
        "site": "the site, an account of seed `source_accounts`; never empty",
        "day": "as `2026-10-05` or `20261005`, on the site's clock; never empty",
        "page": "the page's address: its path is kept, where addresses, numbers and tokens are cut, and a name is not",
        "visits": "a whole number",
    },
    ids=(),
    max_bytes=64 * 2**20,
    optional={
        "topic": "what the page is about, led to an issue by seed `page_topics`",
        "market": "a code of seed `markets`; empty: the site's",
        "visitors": "a whole number",
    },
)
OF_A_PAGE = ("page", "topic", "market", "visits", "visitors")
_ADDRESS = re.compile(r"[^\s/]*@[^\s/]*")
# Parts of a path: one with four digits or more, and a long one with a word that mixes letters and digits.
_NUMBERED = r"(?:[^/\d]*\d){4}[^/]*"
_MIXED = r"(?=[^/]{8})[^/]*(?:[^\W\d_]\d|\d[^\W\d_])[^/]*"
_ID = re.compile(rf"(?<![^/])(?:{_NUMBERED}|{_MIXED})")


def by_site_and_day(rows: extraction.Rows) -> extraction.Rows:
    """Gather the rows of one file into a record for each site and day, its pages in the order of the file."""
    days: dict[tuple[str, str], Record] = {}
    for row in rows:
        if isinstance(row, Rejected):
            yield row
            continue
        site, day = text_of(row, "site").lower(), _iso(text_of(row, "day"))
        place = {name: row[name] for name in ("_file", "_line")}
        record = days.setdefault((site, day), {"site": site, "day": day, "pages": [], **place})
        page = {name: text_of(row, name) for name in OF_A_PAGE}
        nameless = {"page": path_of(page["page"]), "topic": _ADDRESS.sub("[email]", page["topic"])}
        record["pages"].append(page | nameless)
    yield from days.values()


def path_of(address: str) -> str:
    """Return the path of a page: no host, parameters or fragment, and no part that is an e-mail address or an id."""
    try:
        path = urlsplit(address).path
    except ValueError:  # an invalid bracket in the host
        path = address
    # A form that passes an address on escapes it again.
    bare = re.split(r"[?#;]", unquote(unquote(path)), maxsplit=1)[0]
    return _ID.sub("[id]", _ADDRESS.sub("[email]", bare))


def _iso(day: str) -> str:
    """Return a day in ISO 8601, because 20261005 and 2026-10-05 are the same; other text unchanged."""
    try:
        return date.fromisoformat(day).isoformat()
    except ValueError:
        return day


ANALYTICS = Source(
    name="analytics",
    title="Web analytics",
    description=(
        "Daily visits to the company's own pages, dropped as CSV files with the day in their names into the folder of"
        " connection `analytics_api` (any fsspec URL). Only the columns below are kept. A file holds all pages of each"
        " site and day that it mentions, so a later file replaces the day. A correction has the same name as the file"
        " that it corrects, or a later day in its name."
    ),
    resources=(
        extraction.resource(
            "site_days",
            CONTRACT,
            key=joined("site", "day"),
            event_at=column("day"),
            description="One day of one site, with the visits to each of its pages.",
            deletions="A page that a corrected file leaves out is removed; a day that no file has any more stays.",
            complete=by_site_and_day,
            people=NOBODY,
            is_utterance=False,
        ),
    ),
    check=extraction.check_of(CONTRACT),
    connection={"conn_type": "generic", "host": "s3://acme-drops/analytics"},
    options=extraction.OPTIONS,
    access=extraction.ACCESS,
    limits="Files of up to 64 MiB unpacked (option `max_bytes`); up to 4 MiB, about 30,000 pages, per site and day.",
    retention="As visitors were told. Nothing about single persons is kept, unless a path or a topic names one.",
    tested_against={"real server": "S3's protocol (moto)"},
    settle=timedelta(hours=12),  # a site's day ends, in the west of the Americas, hours after the day in UTC
)
