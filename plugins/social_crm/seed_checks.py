"""Seeds held against what is said beside them, before one is loaded: file, line, column, and what to write instead.

dbt knows of a failed test only how many rows failed. Here the same definitions (`data_tests` of the seed's YAML) are
read by line, and what dbt or Postgres would refuse with less to go by: headers, numbers, dates, times.
"""

import re
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import UTC, date, datetime
from functools import cached_property, partial
from pathlib import Path
from typing import Any, Final
from zoneinfo import available_timezones

from social_crm.seeds import SEEDS, Line, SeedRefused, definition_of, read_lines

SHOWN: Final = 20
_TIME: Final = re.compile(r"([01]\d|2[0-3]):[0-5]\d(:[0-5]\d)?|24:00(:00)?")
_BLANK: Final = ("", "null")


def check_seeds(folder: Path = SEEDS) -> None:
    """Raise SeedRefused naming each line that does not hold to what is said of its seed, the first 20 of them all."""
    seeds = {path.stem: _Seed(path) for path in sorted(folder.glob("*.csv"))}
    problems = [problem for seed in seeds.values() for problem in _problems(seed, seeds)]
    if problems:
        more = [f"and {len(problems) - SHOWN} more"] if len(problems) > SHOWN else []
        raise SeedRefused("\n".join(["seeds cannot be used:", *problems[:SHOWN], *more]))


class _Seed:
    """One seed: its lines, and what is said of them."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.told = definition_of(path)
        self.types: dict[str, str] = self.told["config"]["column_types"]

    @cached_property
    def lines(self) -> list[Line]:
        return read_lines(self.path)

    def cells(self, column: str) -> Iterator[tuple[int, str]]:
        """Return what stands in a column, with its line; a blank cell is NULL, of which only `not_null` speaks."""
        return ((number, row[column]) for number, row in self.lines if not _is_blank(row[column]))


def _problems(seed: _Seed, seeds: dict[str, _Seed]) -> Iterator[str]:
    try:
        yield from (f"{seed.path.name} {problem}" for problem in _of_lines(seed, seeds))
    except SeedRefused as error:
        yield str(error)


def _of_lines(seed: _Seed, seeds: dict[str, _Seed]) -> Iterator[str]:
    for column, kind in seed.types.items():
        yield from _not_among(seed, column, partial(_is_of, kind), f"no {_KINDS[kind][0]}")
    for name, arguments in _tests(seed.told):
        if name == "unique_together":
            yield from _repeated(seed, arguments["columns"])
        elif name == "in_order":
            yield from _out_of_order(seed, *arguments["columns"])
    for column in seed.told["columns"]:
        for name, arguments in _tests(column):
            yield from _of_column(seed, column["name"], name, arguments, seeds)


def _of_column(
    seed: _Seed, column: str, test: str, arguments: dict[str, Any], seeds: dict[str, _Seed]
) -> Iterator[str]:
    if test == "not_null":
        yield from (f"line {number}: {column} is blank" for number, row in seed.lines if _is_blank(row[column]))
    elif test == "unique":
        yield from _repeated(seed, [column])
    elif test == "accepted_values":
        allowed = [str(value) for value in arguments["values"]]
        yield from _not_among(seed, column, allowed.__contains__, f"none of {', '.join(allowed)}")
    elif test == "is_time_zone":
        zones = available_timezones()
        yield from _not_among(seed, column, zones.__contains__, "no time zone of IANA, such as Europe/Berlin")
    elif test == "relationships" and (found := re.search(r"ref\('(\w+)'\)", arguments["to"])):
        other, field = seeds[found[1]], arguments["field"]
        # A list that cannot be read says so itself.
        with suppress(SeedRefused):
            known = {cell for _, cell in other.cells(field)}
            why = f"no {field} of {other.path.name}: add it there, or correct it here"
            yield from _not_among(seed, column, known.__contains__, why)


def _not_among(seed: _Seed, column: str, is_right: Callable[[str], bool], why: str) -> Iterator[str]:
    return (f"line {number}: {column} {cell!r} is {why}" for number, cell in seed.cells(column) if not is_right(cell))


def _repeated(seed: _Seed, columns: list[str]) -> Iterator[str]:
    first: dict[tuple[str, ...], int] = {}
    for number, row in seed.lines:
        key = tuple(row[column] for column in columns)
        if key in first:
            yield f"line {number}: {', '.join(columns)} as in line {first[key]}; they must be unique"
        first.setdefault(key, number)


def _out_of_order(seed: _Seed, earlier: str, later: str) -> Iterator[str]:
    kind = seed.types[earlier]
    for number, row in seed.lines:
        ends = [row[earlier], row[later]]
        is_told = all(not _is_blank(end) and _is_of(kind, end) for end in ends)
        if is_told and _KINDS[kind][1](ends[0]) > _KINDS[kind][1](ends[1]):
            yield f"line {number}: {earlier} {ends[0]} is after {later} {ends[1]}"


def _tests(of: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    for test in of.get("data_tests", []):
        name, more = (test, {}) if isinstance(test, str) else next(iter(test.items()))
        # What holds of some rows is said in SQL: dbt alone can tell.
        if "config" not in more:
            yield name, more.get("arguments", {})


def _is_blank(cell: str) -> bool:
    """Tell whether dbt loads a cell as NULL; blanks around it and capitals do not count."""
    return cell.strip().lower() in _BLANK


def _is_of(kind: str, cell: str) -> bool:
    try:
        return _KINDS[kind][1](cell) is not None
    except ValueError:
        return False


def _date(cell: str) -> date:
    # It takes weeks too, which Postgres does not.
    if not re.fullmatch(r"\d{4}-\d\d-\d\d", cell):
        raise ValueError
    return date.fromisoformat(cell)


def _moment(cell: str) -> datetime:
    moment = datetime.fromisoformat(cell)
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


# What the types of columns are called by people, and what reads them; a time may end the day as 24:00.
_KINDS: Final[dict[str, tuple[str, Callable[[str], Any]]]] = {
    "text": ("text", str),
    "integer": ("whole number", re.compile(r"-?\d{1,9}").fullmatch),
    "bigint": ("whole number", re.compile(r"-?\d{1,18}").fullmatch),
    "numeric": ("number", float),
    "boolean": ("true or false", {"true": True, "false": False}.get),
    "date": ("date such as 2026-10-31", _date),
    "time": ("time such as 08:30", _TIME.fullmatch),
    "timestamptz": ("moment such as 2026-10-31T00:00:00+00:00", _moment),
}
