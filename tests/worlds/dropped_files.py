"""A source with files in a folder, as the acceptance suite simulates it: one file a day, three rows a page."""

import csv
from abc import abstractmethod
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import acceptance
from acceptance import Entry
from social_crm.sources.dropped import extraction
from social_crm.sources.model import Connection, Record, Request, Resource, Window


class DroppedFiles(acceptance.Harness):
    """A day's entries are in the file of that day; a corrected file replaces it."""

    headers: tuple[str, ...]
    cuts_exactly = False

    def __init__(self, *args: Any) -> None:
        super().__init__(*args)
        self.patch.setattr(extraction, "PAGE_ROWS", 3)

    @abstractmethod
    def cells(self, entry: Entry, text: str) -> Mapping[str, str]:
        """Return an entry's cells by header, with the text in a form that a file can contain."""

    def publish(self) -> None:
        days: dict[date, list[Entry]] = defaultdict(list)
        for entry in self.entries:
            days[entry.at.date()].append(entry)
        for day, entries in days.items():
            self.write(day, [self._row(entry) for entry in entries if not entry.is_deleted])

    def write(self, day: date, rows: list[list[str]]) -> None:
        """Write the file of a day."""
        with (self.folder / f"dropped_{day}.csv").open("w", newline="", errors="surrogateescape") as stream:
            csv.writer(stream).writerows([list(self.headers), *rows])

    def _row(self, entry: Entry) -> list[str]:
        # This byte, invalid in any encoding, represents what JSON can write and a file cannot.
        text = entry.text.encode("utf-8", "surrogatepass").decode("utf-8", "surrogateescape")
        cells = self.cells(entry, text)
        assert set(cells) <= set(self.headers)
        return [cells.get(header, "") for header in self.headers]

    @property
    def connection(self) -> Connection:
        return Connection(str(self.folder), options={"settle_seconds": 0})

    def refusals(self) -> Iterator[tuple[str, Connection]]:
        yield "no such folder", replace(self.connection, url=str(self.folder / "absent"))

    def throttle(self) -> bool:
        return False


def rows_of(resource: Resource, folder: Path) -> list[Record]:
    """Return the rows of all files in a folder, as raw would contain them."""
    window = Window(datetime(2026, 10, 5, tzinfo=UTC), datetime(2027, 1, 1, tzinfo=UTC))
    request = Request(Connection(str(folder), options={"settle_seconds": 0}), window)
    return [record for page in resource.extract(request) for record in page.records]
