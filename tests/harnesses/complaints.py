"""Complaints in a folder: one file a day in the bureau's layout, three rows a page."""

import csv
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from typing import Any

import acceptance
from acceptance import Entry

from social_crm.sources.complaints import COMPLAINTS
from social_crm.sources.dropped import extraction
from social_crm.sources.model import Connection

COLUMNS = ("Date received", "Product", "Issue", "Company", "Submitted via", "Complaint ID", "Consumer complaint narrative")  # fmt: skip  # noqa: E501


class Harness(acceptance.Harness):
    """A day's complaints in the file of that day; a corrected file replaces it."""

    source, resource = COMPLAINTS, COMPLAINTS.resource("complaints")
    cuts_exactly = False

    def __init__(self, *args: Any) -> None:
        super().__init__(*args)
        self.patch.setattr(extraction, "PAGE_ROWS", 3)

    def publish(self) -> None:
        days: dict[date, list[Entry]] = defaultdict(list)
        for entry in self.entries:
            days[entry.at.date()].append(entry)
        for day, found in days.items():
            with (self.folder / f"complaints_{day}.csv").open("w", newline="", errors="surrogateescape") as stream:
                writer = csv.writer(stream)
                writer.writerow(COLUMNS)
                writer.writerows(self._cells(entry) for entry in found if not entry.is_deleted)

    def _cells(self, entry: Entry) -> list[str]:
        # The byte that no encoding has stands for what JSON can write and a file cannot.
        text = entry.text.encode("utf-8", "surrogatepass").decode("utf-8", "surrogateescape")
        return [f"{entry.at:%F}", "Loan", "Fee", "ACME", "Web", str(7_000_000 + entry.number), text]

    @property
    def connection(self) -> Connection:
        return Connection(str(self.folder), options={"settle_seconds": 0})

    def key(self, entry: Entry) -> str:
        return str(7_000_000 + entry.number)

    def refusals(self) -> Iterator[tuple[str, Connection]]:
        yield "no such folder", replace(self.connection, url=str(self.folder / "absent"))

    def throttle(self) -> bool:
        return False
