"""What the files of one inbox must hold, and how their headers are compared with it."""

import re
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from social_crm.sources.fields import Field
from social_crm.sources.model import Record


@dataclass(frozen=True)
class FileContract:
    """What the files of one inbox must hold; names are compared without case, spaces and punctuation."""

    required: tuple[str, ...]
    ids: tuple[str, ...]
    folder: str = ""  # below the inbox, where it has several kinds of files; "" for its own
    footer: str | None = None  # first cell of a closing line that gives the number of rows
    max_bytes: int = 2 * 2**30  # of a file, unpacked, unless the connection says otherwise
    takes_json: bool = False
    takes_xml: bool = False
    moments: tuple[str, ...] = ()  # columns of times, in the order in which they happen; layouts set them on a clock

    def is_footer(self, cells: list[str]) -> bool:
        """Tell whether a row is the closing line that gives the number of rows."""
        return self.footer is not None and cells[0].strip().casefold() == self.footer


@lru_cache(maxsize=4096)
def normalised(header: str) -> str:
    """Return a header as the contract spells it: `Timely response?` and `Timely_response` are the same column."""
    return re.sub(r"[^a-z0-9]+", "_", header.casefold()).strip("_")


def value_of(record: Record, column: str) -> Any:
    """Return the value a record has under a contract's column name, whatever the file's spelling; None if absent."""
    if column in record:
        return record[column]
    return next((value for header, value in record.items() if normalised(header) == column), None)


def text_of(record: Record, column: str) -> str:
    """Return the same as text without white space around it; "" if absent."""
    return str(value_of(record, column) or "").strip()


class Column(Field):
    """A field by its column's name, whatever the file's spelling."""

    def __call__(self, record: Record) -> str | None:
        """Return the cell's text."""
        value = value_of(record, self.names[0])
        return None if value is None else str(value)


class Joined(Field):
    """Columns that only together name a record, as a path: `<pbx>/<call_id>`."""

    def __call__(self, record: Record) -> str | None:
        """Return the path, or None where a part of it is blank."""
        parts = [text_of(record, name) for name in self.names]
        return "/".join(parts) if all(parts) else None

    def __str__(self) -> str:
        """Show the path."""
        return f"`{'/'.join(f'<{name}>' for name in self.names)}`"


class LocalMoment(Field):
    """A column of local times, and a second one that names their IANA zone."""

    def __call__(self, record: Record) -> str | None:
        """Return the moment with its offset; as it was sent where the file gives one or no zone that there is."""
        sent, zone = (text_of(record, name) for name in self.names)
        try:
            moment = datetime.fromisoformat(sent)
            return moment.isoformat() if moment.tzinfo else moment.replace(tzinfo=ZoneInfo(zone)).isoformat()
        except (ValueError, OSError, ZoneInfoNotFoundError):
            return sent or None

    def __str__(self) -> str:
        """Name both columns."""
        return f"`{self.names[0]}` on the clock of `{self.names[1]}`"


def column(name: str) -> Field:
    """Return a column of dropped files as what a resource reads."""
    return Column((name,))


def joined(*names: str) -> Field:
    """Return columns that make a key together."""
    return Joined(names)


def local_moment(moment: str, zone: str) -> Field:
    """Return a column of local times, on the clock that another one names."""
    return LocalMoment((moment, zone))


def missing_columns(headers: list[str], contract: FileContract) -> list[str]:
    """Return the required columns that these headers do not give, in the contract's order."""
    present = {normalised(header) for header in headers}
    return [column for column in contract.required if column not in present]
