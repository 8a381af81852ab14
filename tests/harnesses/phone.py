"""Call logs in a folder: one file a day, three rows a page."""

import csv
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from typing import Any

import acceptance
from acceptance import Entry

from social_crm.sources.dropped import extraction
from social_crm.sources.model import Connection
from social_crm.sources.phone import CONTRACT, PHONE


class Harness(acceptance.Harness):
    """A day's calls in the file of that day; a corrected file replaces it."""

    source, resource = PHONE, PHONE.resource("calls")
    cuts_exactly = False

    def __init__(self, *args: Any) -> None:
        super().__init__(*args)
        self.patch.setattr(extraction, "PAGE_ROWS", 3)

    def publish(self) -> None:
        days: dict[date, list[Entry]] = defaultdict(list)
        for entry in self.entries:
            days[entry.at.date()].append(entry)
        for day, calls in days.items():
            with (self.folder / f"calls_{day}_pbx-us.csv").open("w", newline="", errors="surrogateescape") as stream:
                writer = csv.writer(stream)
                writer.writerow(CONTRACT.required)
                for call in calls:
                    if not call.is_deleted:
                        writer.writerow(self._cells(call))

    def _cells(self, entry: Entry) -> list[str]:
        # The byte that no encoding has stands for what JSON can write and a file cannot.
        text = entry.text.encode("utf-8", "surrogatepass").decode("utf-8", "surrogateescape")
        given = {"call_id": f"{entry.number:04}", "pbx": "pbx-us", "started_at": f"{entry.at:%FT%T}+00:00", "summary": text}  # fmt: skip  # noqa: E501
        return [given.get(name, "") for name in CONTRACT.required]

    @property
    def connection(self) -> Connection:
        return Connection(str(self.folder), options={"settle_seconds": 0})

    def key(self, entry: Entry) -> str:
        return f"pbx-us/{entry.number:04}"

    def refusals(self) -> Iterator[tuple[str, Connection]]:
        yield "no such folder", replace(self.connection, url=str(self.folder / "absent"))

    def throttle(self) -> bool:
        return False
