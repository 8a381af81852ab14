"""What the files of one inbox must contain, and how their headers are compared with that."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from social_crm.sources.fields import Field
from social_crm.sources.model import Record
from social_crm.sources.moments import read_iso


@dataclass(frozen=True)
class FileContract:
    """What the files of one inbox must contain; names are compared without case, spaces and punctuation."""

    required: Mapping[str, str]  # name → what it holds, for the producers of the files
    ids: tuple[str, ...]
    optional: Mapping[str, str] = field(default_factory=dict)  # read if present
    folder: str = ""  # below the inbox, if it has several kinds of files; "" for the inbox itself
    footer: str | None = None  # first cell of a closing line that gives the number of rows
    max_bytes: int = 2 * 2**30  # of an unpacked file, unless the connection says otherwise
    takes_json: bool = False
    takes_xml: bool = False
    moments: tuple[str, ...] = ()  # columns of times, in order of occurrence; layouts give them a time zone
    named: Mapping[str, str] = field(default_factory=dict)  # by a layout: a file's column → it and ours, for messages

    @property
    def columns(self) -> tuple[tuple[str, str, str], ...]:
        """Return each column: its name, whether it is required, and what it holds."""
        kinds = {"required": self.required, "optional": self.optional}
        return tuple((name, kind, holds) for kind, columns in kinds.items() for name, holds in columns.items())

    def shown(self, *headers: str) -> str:
        """Name a file's columns in a message: as in the file, with ours beside them if a layout maps them."""
        return ", ".join(self.named.get(normalised(header), header) for header in headers)

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
        """Return the moment with its offset; unchanged if it has one or the file's zone does not exist."""
        sent, zone = (text_of(record, name) for name in self.names)
        try:
            moment = read_iso(sent)
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
    """Return a column of local times, in the time zone that another column names."""
    return LocalMoment((moment, zone))


def position(name: str, line: Any) -> str:
    """Return where a row stands in a file; JSON is counted in records."""
    unit = "record" if name.lower().removesuffix(".gz").endswith(".json") else "line"
    return name if line is None else f"{name} {unit} {line}"


def missing_columns(headers: list[str], contract: FileContract) -> list[str]:
    """Return the required columns that are missing from these headers, in the contract's order."""
    present = {normalised(header) for header in headers}
    return [column for column in contract.required if column not in present]


def with_near(missing: Sequence[str], headers: Sequence[str], contract: FileContract) -> str:
    """Name the missing columns, each with an unknown header of a similar name."""
    unknown = {name: header for header in headers if (name := normalised(header)) not in contract.required}
    # If a file has none of our columns, its first line may be no header but somebody's words.
    is_header = len(missing) < len(contract.required)
    near = {name: get_close_matches(name, unknown if is_header else (), 1, 0.75) for name in missing}
    asked = {name: f" (is it {unknown[found[0]]!r}?)" if found else "" for name, found in near.items()}
    return ", ".join(f"{contract.shown(name)}{question}" for name, question in asked.items())
