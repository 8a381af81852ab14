"""Daily visits of the company's own sites, from any web analytics' export: what people looked for before they asked.

Quirks: a page's address may carry a person's e-mail in its query, so that part is cut before anything is kept, and
columns that we did not ask for are not kept at all. A site's day is one record with all of its pages: a corrected
export replaces the whole day, so a page that it no longer has is gone.
"""

import re
from datetime import date, timedelta
from urllib.parse import unquote, urlsplit

from social_crm.sources.dropped import extraction
from social_crm.sources.dropped.contract import FileContract, column, joined, value_of
from social_crm.sources.model import Record, Rejected, Source

CONTRACT = FileContract(required=("site", "day", "page", "visits"), ids=())
OF_A_PAGE = ("page", "topic", "market", "visits", "visitors")
_ADDRESS = re.compile(r"[^\s/]*@[^\s/]*")


def by_site_and_day(rows: extraction.Rows) -> extraction.Rows:
    """Gather the rows of one file into a record for each site and day, its pages in the order of the file."""
    days: dict[tuple[str, str], Record] = {}
    for row in rows:
        if isinstance(row, Rejected):
            yield row
            continue
        site, day = _text(row, "site").casefold(), _iso(_text(row, "day"))
        place = {name: row[name] for name in ("_file", "_line")}
        record = days.setdefault((site, day), {"site": site, "day": day, "pages": [], **place})
        page = {name: _text(row, name) for name in OF_A_PAGE}
        nameless = {"page": path_of(page["page"]), "topic": _ADDRESS.sub("[email]", page["topic"])}
        record["pages"].append(page | nameless)
    yield from days.values()


def path_of(address: str) -> str:
    """Return the path of a page: no host, query or fragment, and no part that is an e-mail address."""
    try:
        path = urlsplit(address).path
    except ValueError:  # a bracket that no host has
        path = address
    # A form that sends an address on escapes it again.
    return _ADDRESS.sub("[email]", re.split(r"[?#]", unquote(unquote(path)), maxsplit=1)[0])


def _text(row: Record, name: str) -> str:
    return str(value_of(row, name) or "").strip()


def _iso(day: str) -> str:
    """Return a day as ISO 8601 has it, for 20261005 is the same one as 2026-10-05; another text as it is."""
    try:
        return date.fromisoformat(day).isoformat()
    except ValueError:
        return day


ANALYTICS = Source(
    name="analytics",
    title="Web analytics",
    description=(
        "Visits of the company's own pages by day, dropped as CSV files with the day in their names into the folder of"
        " connection `analytics_api` (any fsspec URL). Columns: `site` (as in seed `source_accounts`), `day`"
        " (`2026-10-05` or `20261005`, on the site's clock), `page` (its address; query and fragment are cut before it"
        " is kept), `visits`; where there are such: `visitors`, `topic` (led to an issue by seed `page_topics`),"
        " `market`; no other column is kept. A file holds all pages of each site and day that it mentions: a later one"
        " replaces the day. Option `settle_seconds`: how long a file must rest before it is read; a marker"
        " `<file>.done` beside it says so at once."
    ),
    resources=(
        extraction.resource(
            "site_days",
            CONTRACT,
            key=joined("site", "day"),
            event_at=column("day"),
            description="One day of one site: each of its pages with its visits.",
            deletions="A page that a corrected file no longer has is gone; a day that none has any more stays.",
            complete=by_site_and_day,
            is_utterance=False,
        ),
    ),
    check=extraction.check_of(CONTRACT),
    connection={"conn_type": "generic", "host": "s3://acme-drops/analytics"},
    limits=f"{extraction.LIMITS} A site's day of up to 4 MiB: some 30,000 pages.",
    retention="As visitors were told; of single persons nothing is kept.",
    met={"real server": "S3's protocol (moto)"},
    settle=timedelta(hours=12),  # a site's day ends, in the west of the Americas, hours after the day in UTC
)
