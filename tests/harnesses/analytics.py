"""Exports of web analytics in a folder."""

from acceptance import Entry
from social_crm.sources.analytics import ANALYTICS, CONTRACT
from worlds.dropped_files import DroppedFiles


class Harness(DroppedFiles):
    """A site of one page for each entry: a record is a site's day."""

    reads_in_pages = False
    source, resource, headers = ANALYTICS, ANALYTICS.resource("site_days"), (*CONTRACT.required, "topic")

    def cells(self, entry: Entry, text: str) -> dict[str, str]:
        day = f"{entry.at:%Y-%m-%d}"
        return {"site": f"site-{entry.number}", "day": day, "page": "/help", "visits": "3", "topic": text}

    def key(self, entry: Entry) -> str:
        return f"site-{entry.number}/{entry.at:%Y-%m-%d}"
