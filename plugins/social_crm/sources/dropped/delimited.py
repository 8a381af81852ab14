"""Rows of a delimited text file, by the names in its header."""

import csv
from collections import deque
from collections.abc import Iterator
from io import TextIOWrapper

from social_crm.errors import FileRefused
from social_crm.sources.dropped.content import Content
from social_crm.sources.dropped.contract import FileContract, missing_columns, with_near
from social_crm.sources.dropped.damage import Findings, Row
from social_crm.sources.model import Record, Rejected

MAX_LINE_CHARACTERS = 4 << 20
MAX_CELL_CHARACTERS = 1 << 20  # a long complaint exceeds the library's 128 KiB; a stray quote must still be stopped
csv.field_size_limit(MAX_CELL_CHARACTERS)

_CARRIAGE_RETURNS = (
    "lone carriage returns cut rows in two (first at line {line}): export with LF or CRLF line ends, and quote texts"
)
_CUT_OFF = "is cut off in the middle of its last record (line {line}): send it again once the export has finished"


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


class Table:
    """One delimited file: `inspect` all of it before reading `rows`."""

    def __init__(self, content: Content, contract: FileContract) -> None:
        """Read only the header, and choose the delimiter with which the contract's columns appear."""
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
        findings = Findings(self._contract, self.headers, is_foreign=bool(self.missing))
        try:
            for row in self._records():
                findings.look_at(row)
        except FileRefused as error:
            findings.problems.append(str(error))
        findings.close()
        if self.missing:
            named = with_near(self.missing, self.headers, self._contract)
            findings.problems.append(f"columns missing: {named} (is this the right inbox?)")
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
                yield Rejected(*_unreadable(row.sent), row.sent, position)
            elif self._contract.is_footer(row.cells):
                continue
            elif len(cells := _without_blank_tail(row.cells, width)) != width:
                detail = f"{len(row.cells)} cells under {width} headers"
                yield Rejected("ragged_row", detail, row.sent, position)
            else:
                yield dict(zip(headers, cells, strict=True)) | {"_file": name, "_line": row.line} | extra

    def _records(self) -> Iterator[Row]:
        """Yield every non-blank record after the header; raises FileRefused if the file as a whole is damaged."""
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
                    yield Row(line, lines.read_again_after_first_line(), None)
                    reader = csv.reader(lines, delimiter=self.delimiter, strict=True)
                    continue
                if not any(cells):
                    continue
                if not is_header:
                    self._refuse_if_cut(cells, lines)
                    yield Row(lines.start, "".join(lines.record), cells)
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
        is_short = len(cells) < len(self.headers) and not self._contract.is_footer(cells)
        if is_short and not lines.record[-1].endswith("\n"):
            raise FileRefused(_CUT_OFF.format(line=lines.start))


def _unreadable(line: str) -> tuple[str, str]:
    """Return why the library gave up at a line."""
    if len(line) > MAX_CELL_CHARACTERS:
        return "too_large", f"a line of {len(line):,} characters; a cell may have {MAX_CELL_CHARACTERS:,}"
    return "malformed_quotes", "a quote is opened and not closed properly"


def _without_blank_tail(cells: list[str], width: int) -> list[str]:
    """Drop empty cells beyond the header: some exports end every row, but not the header, with a comma."""
    return cells[:width] if len(cells) > width and not any(cells[width:]) else cells


def _distinct(headers: list[str]) -> list[str]:
    """Return headers as sent, but number repeated ones and name blank ones, so that no cell hides another."""
    names: list[str] = []
    for position, header in enumerate(headers, 1):
        name = header or f"column_{position}"
        names.append(f"{name}_{position}" if name in names else name)
    return names
