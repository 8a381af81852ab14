"""Damage to the ids of a delimited file before it reached us, and a row count in its last line that is wrong."""

import re
from collections import Counter
from dataclasses import dataclass, field

from social_crm.sources.dropped.contract import FileContract, normalised

_SCIENTIFIC = re.compile(r"\d([.,]\d+)?[eE]\+\d{2,3}")
_GROUPED = re.compile(r"\d{1,3}(,\d{2,3})+")
_GROUPED_INDIAN = re.compile(r"\d{1,2}(,\d{2})+,\d{3}")
_ROUNDED = (
    "{count} ids in column {column} are in scientific notation (first at line {line}): a spreadsheet rounded them and"
    " they cannot be restored. Export again from the source, and do not open the file in Excel before sending it"
)
_REGROUPED = (
    "{count} ids in column {column} have thousands separators (first at line {line}): a spreadsheet took ids, or a"
    " list of ids, for a number. Export again from the source, with the column as text"
)


@dataclass
class Row:
    """One record of a delimited file and where it starts."""

    line: int
    sent: str
    cells: list[str] | None  # None if the quotes make no sense


@dataclass
class Findings:
    """What is wrong with a file as a whole, gathered over all of its rows."""

    contract: FileContract
    headers: list[str]
    is_foreign: bool  # its columns differ from those of the contract
    problems: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        """Find the columns of ids, and refuse a contract's column that is given twice."""
        names = [normalised(header) for header in self.headers]
        twice = [name for name in self.contract.required if names.count(name) > 1]
        if twice:
            self.problems.append(f"columns given twice: {self.contract.shown(*twice)}: remove one of each")
        self._ids = [
            (index, name in self.contract.ids)
            for index, name in enumerate(names)
            if name in self.contract.ids or name.split("_")[-1] in ("id", "ids")
        ]
        self._counts: Counter[tuple[str, int]] = Counter()
        self._first_lines: dict[tuple[str, int], int] = {}
        self._rows = 0
        self._stated: int | None = None

    def look_at(self, row: Row) -> None:
        """Count the row and note ids that a spreadsheet has rewritten."""
        if row.cells is None:
            return
        if self.contract.is_footer(row.cells):
            self._stated = next((int(cell) for cell in row.cells[1:] if cell.strip().isdecimal()), None)
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
            self.problems.append(damage.format(count=count, column=self.contract.shown(self.headers[index]), line=line))
        if self._stated is not None and self._stated != self._rows:
            self.problems.append(f"its last line promises {self._stated} rows and it holds {self._rows}: send it again")


def _damage(value: str, is_contracted: bool, is_foreign: bool) -> str | None:
    """Name what a spreadsheet did to an id; in an unknown column, `1,55,157` may be a genuine list."""
    if "+" in value and _SCIENTIFIC.fullmatch(value):
        return _ROUNDED
    if "," not in value:
        return None
    if is_contracted and _GROUPED.fullmatch(value):
        return _REGROUPED
    return _REGROUPED if is_foreign and _GROUPED_INDIAN.fullmatch(value) else None
