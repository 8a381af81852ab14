"""Files with other column names than the contract's, as described by option `layouts` of a connection.

A pattern of file names has the differences: `columns` (ours: theirs, or null if they have none), `constants` (values
that hold for the whole file), `values` (our words for theirs) and `time_zone` (the zone of times without an offset). A
row keeps what was sent and gets the contract's columns in addition. If a sent column with another meaning has such a
name, it moves to `_sent_<name>`.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import MAXYEAR, MINYEAR, UTC, datetime
from fnmatch import fnmatchcase
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from social_crm.errors import ConnectionUnusable
from social_crm.sources.dropped.contract import FileContract, normalised, value_of
from social_crm.sources.model import Connection, Record, Rejected
from social_crm.sources.moments import read_iso


@dataclass(frozen=True)
class Layout:
    """How files of one kind differ from the contract; not at all, unless a connection says so."""

    columns: Mapping[str, str | None] = field(default_factory=dict)
    constants: Mapping[str, str] = field(default_factory=dict)
    values: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    zone: ZoneInfo | None = None

    def contract(self, contract: FileContract) -> FileContract:
        """Return what such files must contain."""
        required = dict.fromkeys(self._sent(contract.required), "")
        named: dict[str, str] = {}
        for ours, theirs in self.renamed.items():
            column = normalised(theirs)
            named[column] = f"{named[column]} and {ours}" if column in named else f"{theirs} for our {ours}"
        return replace(contract, required=required, ids=self._sent(contract.ids), named=named)

    @property
    def renamed(self) -> dict[str, str]:
        """Return, by our name, each column that such files name differently."""
        return {ours: theirs for ours, theirs in self.columns.items() if theirs and normalised(theirs) != ours}

    def _sent(self, names: Iterable[str]) -> tuple[str, ...]:
        theirs = [self.columns.get(name, name) for name in names if name not in self.constants]
        return tuple(normalised(name) for name in theirs if name)

    def rows(self, rows: Iterator[Record | Rejected], contract: FileContract) -> Iterator[Record | Rejected]:
        """Add the contract's columns to each row."""
        if self == Layout():
            return rows
        return (row if isinstance(row, Rejected) else row | self._given(row, contract) for row in rows)

    def _given(self, row: Record, contract: FileContract) -> Record:
        given = {ours: value_of(row, normalised(theirs)) for ours, theirs in self.columns.items() if theirs}
        given |= self.constants

        def found(name: str) -> Any:
            return given.get(name, value_of(row, name))

        given |= {name: words.get(str(found(name)), found(name)) for name, words in self.values.items()}
        if self.zone:
            given |= on_clock({name: found(name) for name in contract.moments}, self.zone)
        return {f"_sent_{name}": row[name] for name in given if row.get(name, given[name]) != given[name]} | given


class Layouts:
    """A connection's layouts by their patterns of file names."""

    def __init__(self, connection: Connection, contract: FileContract) -> None:
        """Read the option; raises ConnectionUnusable for an invalid layout."""
        said: dict[str, Any] = connection.options.get("layouts", {})
        self._folder = contract.folder
        # A pattern includes the folder: `transcripts/*_vendor.csv`.
        named = {pattern: pattern.rpartition("/") for pattern in said}
        self._layouts = {
            name: _layout(pattern, said[pattern], contract)
            for pattern, (folder, _, name) in named.items()
            if folder == contract.folder
        }

    def unmet_by(self, names: Sequence[str]) -> str:
        """Name the patterns that match no file while some files match no pattern; "" otherwise."""
        unmet = [pattern for pattern in self._layouts if not any(fnmatchcase(name, pattern) for name in names)]
        others = [name for name in names if self.pattern_of(name) is None]
        if not unmet or not others:
            return ""
        place = f"folder {self._folder}" if self._folder else "the inbox"
        return (
            f"option layouts: {', '.join(map(repr, unmet))} meets no file of {place}, where {len(others)} meet no"
            f" pattern and are read as the contract has them, {others[0]!r} among them: are the patterns right?"
        )

    def pattern_of(self, name: str) -> str | None:
        """Return the first pattern that matches a file's name; None if the contract itself holds."""
        return next((pattern for pattern in self._layouts if fnmatchcase(name, pattern)), None)

    def layout_of(self, name: str) -> Layout:
        """Return the layout of a file by its name."""
        return self._layouts.get(self.pattern_of(name) or "", Layout())

    def told_as(self, name: str) -> dict[str, str]:
        """Return, by the file's name, the values of our columns that the file does not have."""
        layout = self.layout_of(name)
        absent = [ours for ours, theirs in layout.columns.items() if not theirs]
        return {
            **{ours: f"column {theirs}" for ours, theirs in layout.renamed.items()},
            **dict.fromkeys([*absent, *layout.constants], "by option layouts"),
        }


def refuse_unread_folders(connection: Connection, contracts: Sequence[FileContract]) -> None:
    """Raise ConnectionUnusable for a pattern with a folder that no contract of the source reads."""
    read = {contract.folder for contract in contracts}
    wrong = [pattern for pattern in connection.options.get("layouts", {}) if pattern.rpartition("/")[0] not in read]
    if wrong:
        places = ", ".join(f"folder {folder}" if folder else "the inbox itself" for folder in sorted(read))
        raise ConnectionUnusable(
            f"option layouts: {', '.join(map(repr, wrong))} names a folder that nothing reads: read are {places}"
        )


def _layout(pattern: str, said: Any, contract: FileContract) -> Layout:
    where = f"option layouts[{pattern!r}]"
    if not isinstance(said, dict) or not said.keys() <= {"columns", "constants", "values", "time_zone"}:
        raise ConnectionUnusable(f"{where}: holds something other than columns, constants, values and time_zone")
    columns, constants, values = (dict(said.get(part, {})) for part in ("columns", "constants", "values"))
    if unknown := sorted({*columns, *constants, *values} - {*contract.required}):
        raise ConnectionUnusable(
            f"{where}: gives {', '.join(unknown)}, which are no columns of ours: correct the names"
        )
    try:
        return Layout(columns, constants, values, ZoneInfo(said["time_zone"]) if "time_zone" in said else None)
    except (ValueError, OSError, ZoneInfoNotFoundError):
        raise ConnectionUnusable(f"{where}: no such time_zone: name one of IANA's, such as Europe/Berlin") from None


def on_clock(moments: Mapping[str, Any], zone: ZoneInfo) -> dict[str, Any]:
    """Give local times of one record, in order of occurrence, their offsets.

    In an hour that occurs twice, the offsets are chosen so that nothing ends before it began and the duration is
    shortest; if both hours are possible, the first. What is no local time stays as it was sent.
    """
    read = {name: moment for name, sent in moments.items() if (moment := _naive(sent))}
    if not read:
        return dict(moments)
    first, *_, last = [*read.values(), *read.values()]
    end = _earliest(last, zone, _reading(first, zone, 0))
    begin = max((_reading(first, zone, fold) for fold in (1, 0)), key=lambda reading: (reading <= end, reading))
    told = {name: _earliest(moment, zone, begin) for name, moment in read.items()}
    return {**moments, **{name: moment.astimezone(zone).isoformat() for name, moment in told.items()}}


def _naive(sent: Any) -> datetime | None:
    try:
        moment = read_iso(str(sent).strip())
    except ValueError:
        return None
    # Part of the first and the last year, which stand for "never", cannot be expressed in UTC.
    return None if moment.tzinfo or moment.year in (MINYEAR, MAXYEAR) else moment


def _reading(moment: datetime, zone: ZoneInfo, fold: int) -> datetime:
    # Arithmetic and comparison within one zone ignore clock changes, so use UTC.
    return moment.replace(tzinfo=zone, fold=fold).astimezone(UTC)


def _earliest(moment: datetime, zone: ZoneInfo, since: datetime) -> datetime:
    early, late = (_reading(moment, zone, fold) for fold in (0, 1))
    return early if early >= since else late
