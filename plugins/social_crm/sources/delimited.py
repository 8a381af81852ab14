"""Rows of a delimited text file, by the names in its header; damage that spoils the whole file is found first."""

import csv
import re
from collections import Counter, deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from io import TextIOWrapper
from typing import Any

from social_crm.errors import FileRefused
from social_crm.sources.file_content import Content
from social_crm.sources.model import Record, Rejected

MAX_LINE_CHARACTERS = 4 << 20
csv.field_size_limit(1 << 20)  # the library's 128 KiB is less than a long complaint; a stray quote must still stop

_SCIENTIFIC = re.compile(r"\d([.,]\d+)?[eE]\+\d{2,3}")
_GROUPED = re.compile(r"\d{1,3}(,\d{2,3})+")
_GROUPED_INDIAN = re.compile(r"\d{1,2}(,\d{2})+,\d{3}")
_CARRIAGE_RETURNS = (
    "lone carriage returns cut rows in two (first at line {line}): export with LF or CRLF line ends, and quote texts"
)
_CUT_OFF = "is cut off in the middle of its last record (line {line}): send it again once the export has finished"
_ROUNDED = (
    "{count} ids in column {column} are in scientific notation (first at line {line}): a spreadsheet rounded them and"
    " they cannot be restored. Export again from the source, and do not open the file in Excel before sending it"
)
_REGROUPED = (
    "{count} ids in column {column} have thousands separators (first at line {line}): a spreadsheet took ids, or a"
    " list of ids, for a number. Export again from the source, with the column as text"
)


@dataclass(frozen=True)
class FileContract:
    """What the files of one inbox must hold; names are compared without case, spaces and punctuation."""

    required: tuple[str, ...]
    ids: tuple[str, ...]
    footer: str | None = None  # first cell of a closing line that gives the number of rows
    takes_json: bool = False


@lru_cache(maxsize=4096)
def normalised(header: str) -> str:
    """Return a header as the contract spells it: `Timely response?` and `Timely_response` are the same column."""
    return re.sub(r"[^a-z0-9]+", "_", header.casefold()).strip("_")


def value_of(record: Record, column: str) -> Any:
    """Return the value a record has under a contract's column name, whatever the file's spelling; None if absent."""
    if column in record:
        return record[column]
    return next((value for header, value in record.items() if normalised(header) == column), None)


def missing_columns(headers: list[str], contract: FileContract) -> list[str]:
    """Return the required columns that these headers do not give, in the contract's order."""
    present = {normalised(header) for header in headers}
    return [column for column in contract.required if column not in present]


class _Lines:
    """Physical lines with their numbers; the lines of a broken record can be read again."""

    def __init__(self, stream: TextIOWrapper) -> None:
        self._stream, self._again = stream, deque[str]()
        self.number = 0
        self.record: list[str] = []

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        line = self._again.popleft() if self._again else self._stream.readline(MAX_LINE_CHARACTERS)
        if not line:
            raise StopIteration
        self.number += 1
        self.record.append(line)
        return line

    @property
    def start(self) -> int:
        return self.number - len(self.record) + 1

    def read_again_after_first_line(self) -> str:
        first, rest = self.record[0], self.record[1:]
        self._again.extendleft(reversed(rest))
        self.number -= len(rest)
        self.record = [first]
        return first


@dataclass
class _Row:
    line: int
    sent: str
    cells: list[str] | None  # None where the quotes make no sense


class Table:
    """One delimited file: `inspect` it wholly before reading `rows`."""

    def __init__(self, content: Content, contract: FileContract) -> None:
        """Read the header alone, and with it choose the delimiter under which the contract's columns appear."""
        self._content, self._contract = content, contract
        self.delimiter, self.headers = self._read_header()
        self.missing = missing_columns(self.headers, contract)

    def _read_header(self) -> tuple[str, list[str]]:
        with self._content.text() as stream:
            line = next((line for line in _Lines(stream) if line.strip()), "")
        choices = []
        for delimiter in ",;\t|":
            try:
                headers = next(csv.reader([line.rstrip("\r\n").split("\r")[0]], delimiter=delimiter))
            except (csv.Error, StopIteration):
                headers = [line.strip()]
            choices.append((len(missing_columns(headers, self._contract)), delimiter, headers))
        _, delimiter, headers = min(choices, key=lambda choice: choice[0])
        return delimiter, headers

    def inspect(self) -> None:
        """Raise FileRefused, with everything found to be wrong, unless the file's rows can be trusted."""
        findings = _Findings(self._contract, self.headers)
        findings.is_foreign = bool(self.missing)
        try:
            for row in self._records():
                findings.look_at(row)
        except FileRefused as error:
            findings.problems.append(str(error))
        findings.close()
        if self.missing:
            findings.problems.append(f"columns missing: {', '.join(self.missing)} (is this the right inbox?)")
        if findings.problems:
            raise FileRefused(f"{self._content.name}: {'; '.join(findings.problems)}")

    def rows(self) -> Iterator[Record | Rejected]:
        """Yield each row under the headers as sent, or its rejection with the line number; footers are left out."""
        name, width = self._content.name, len(self.headers)
        headers = _distinct(self.headers)
        extra = {"_encoding": "cp1252"} if self._content.encoding == "cp1252" else {}
        for row in self._records():
            position = f"{name} line {row.line}"
            if row.cells is None:
                yield Rejected("malformed_quotes", "a quote is opened and not closed properly", row.sent, position)
            elif _is_footer(row.cells, self._contract):
                continue
            elif len(cells := _without_blank_tail(row.cells, width)) != width:
                detail = f"{len(row.cells)} cells under {width} headers"
                yield Rejected("ragged_row", detail, row.sent, position)
            else:
                yield dict(zip(headers, cells, strict=True)) | {"_file": name, "_line": row.line} | extra

    def _records(self) -> Iterator[_Row]:
        """Yield every record after the header that is not blank; raises FileRefused on damage to the whole file."""
        with self._content.text() as stream:
            lines = _Lines(stream)
            reader = csv.reader(lines, delimiter=self.delimiter, strict=True)
            is_header = True
            while True:
                lines.record.clear()
                try:
                    cells = next(reader)
                except StopIteration:
                    return
                except csv.Error as error:
                    self._refuse_if_damaged(error, lines)
                    line = lines.start
                    yield _Row(line, lines.read_again_after_first_line(), None)
                    reader = csv.reader(lines, delimiter=self.delimiter, strict=True)
                    continue
                if not any(cells):
                    continue
                if not is_header:
                    self._refuse_if_cut(cells, lines)
                    yield _Row(lines.start, "".join(lines.record), cells)
                is_header = False

    def _refuse_if_damaged(self, error: csv.Error, lines: _Lines) -> None:
        if "new-line" in str(error):
            raise FileRefused(_CARRIAGE_RETURNS.format(line=lines.start)) from error
        if len(lines.record[-1]) >= MAX_LINE_CHARACTERS:
            raise FileRefused(
                f"line {lines.start} is longer than {MAX_LINE_CHARACTERS:,} characters: not a CSV"
            ) from error
        if "end of data" in str(error) and not lines.record[-1].endswith("\n"):
            raise FileRefused(_CUT_OFF.format(line=lines.start)) from error

    def _refuse_if_cut(self, cells: list[str], lines: _Lines) -> None:
        is_short = len(cells) < len(self.headers) and not _is_footer(cells, self._contract)
        if is_short and not lines.record[-1].endswith("\n"):
            raise FileRefused(_CUT_OFF.format(line=lines.start))


@dataclass
class _Findings:
    """What is wrong with a file as a whole, gathered over all of its rows."""

    contract: FileContract
    headers: list[str]
    is_foreign: bool = False
    problems: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        names = [normalised(header) for header in self.headers]
        twice = [name for name in self.contract.required if names.count(name) > 1]
        if twice:
            self.problems.append(f"columns given twice: {', '.join(twice)}: remove one of each")
        self._ids = [
            (index, name in self.contract.ids)
            for index, name in enumerate(names)
            if name in self.contract.ids or name.split("_")[-1] in ("id", "ids")
        ]
        self._counts: Counter[tuple[str, int]] = Counter()
        self._first_lines: dict[tuple[str, int], int] = {}
        self._rows = 0
        self._stated: int | None = None

    def look_at(self, row: _Row) -> None:
        """Count the row and note ids that a spreadsheet has rewritten."""
        if row.cells is None:
            return
        if _is_footer(row.cells, self.contract):
            self._stated = next((int(cell) for cell in row.cells[1:] if cell.strip().isdigit()), None)
            return
        self._rows += 1
        for index, is_contracted in self._ids:
            value = row.cells[index].strip() if index < len(row.cells) else ""
            if damage := _damage(value, is_contracted, self.is_foreign):
                self._counts[damage, index] += 1
                self._first_lines.setdefault((damage, index), row.line)

    def close(self) -> None:
        """Turn what was counted into problems."""
        for (damage, index), count in self._counts.items():
            line = self._first_lines[damage, index]
            self.problems.append(damage.format(count=count, column=self.headers[index], line=line))
        if self._stated is not None and self._stated != self._rows:
            self.problems.append(f"its last line promises {self._stated} rows and it holds {self._rows}: send it again")


def _damage(value: str, is_contracted: bool, is_foreign: bool) -> str | None:
    """Name what a spreadsheet did to an id; in a column we do not know, `1,55,157` may be an honest list."""
    if "+" in value and _SCIENTIFIC.fullmatch(value):
        return _ROUNDED
    if "," not in value:
        return None
    if is_contracted and _GROUPED.fullmatch(value):
        return _REGROUPED
    return _REGROUPED if is_foreign and _GROUPED_INDIAN.fullmatch(value) else None


def _is_footer(cells: list[str], contract: FileContract) -> bool:
    return contract.footer is not None and cells[0].strip().casefold() == contract.footer


def _without_blank_tail(cells: list[str], width: int) -> list[str]:
    """Drop empty cells beyond the header: some exports end every row, but not the header, with a comma."""
    return cells[:width] if len(cells) > width and not any(cells[width:]) else cells


def _distinct(headers: list[str]) -> list[str]:
    """Return headers as sent, but number a repeated one and name a blank one: no cell hides another."""
    names: list[str] = []
    for position, header in enumerate(headers, 1):
        name = header or f"column_{position}"
        names.append(f"{name}_{position}" if name in names else name)
    return names
