"""The seeds of the dbt project as the files that they are, for what Python must know whether or not dbt loaded them."""

import csv
from pathlib import Path
from typing import Any, Final

import yaml

from social_crm.errors import WarehouseError
from social_crm.settings import PROJECT_ROOT

SEEDS: Final = PROJECT_ROOT / "dbt_project/seeds"
Line = tuple[int, dict[str, str]]


class SeedRefused(WarehouseError):
    """A file that managers edit cannot be used as it is; the message names its lines, and nothing was loaded."""

    kind = "seed_refused"
    next_step = "fix the lines of dbt_project/seeds that the message names, then run transform again"
    is_hopeless = True
    is_of_lines = True


def read_seed(path: Path) -> list[dict[str, str]]:
    """Return the rows of a seed, in its order; raises SeedRefused."""
    return [row for _, row in read_lines(path)]


def read_lines(path: Path) -> list[Line]:
    """Return the rows of a seed with the line in which each ends; raises SeedRefused, naming what no table is made of.

    Spreadsheets put a mark ahead of the first column, which is read over. Semicolons between columns are not.
    """
    try:
        with path.open(newline="", encoding="utf-8-sig") as file:
            reader = csv.DictReader(file)
            lines = [(reader.line_num, row) for row in reader]
            header = list(reader.fieldnames or [])
    except (UnicodeDecodeError, csv.Error):
        raise SeedRefused(f"{path.name}: cannot be read: save it as CSV with commas, in UTF-8") from None
    if problem := _problem_of_header(path, header):
        raise SeedRefused(f"{path.name}: {problem}")
    for number, row in lines:
        if None in row or None in row.values():
            raise SeedRefused(f"{path.name} line {number}: not as many cells as the {len(header)} columns of line 1")
    return lines


def definition_of(path: Path) -> dict[str, Any]:
    """Return what the file beside a seed says of it: columns, their types, and what its rows must hold to."""
    beside = path.with_suffix(".yml")
    if not beside.exists():
        raise SeedRefused(f"{path.name}: {beside.name}, which must describe it, is missing")
    told = yaml.safe_load(beside.read_text(encoding="utf-8"))["seeds"]
    return dict(next(seed for seed in told if seed["name"] == path.stem))


def _problem_of_header(path: Path, header: list[str]) -> str:
    if not path.with_suffix(".yml").exists():
        return ""
    told = {column["name"] for column in definition_of(path)["columns"]}
    wrong = {"missing": sorted(told - set(header)), "unknown": sorted(set(header) - told)}
    if any(wrong.values()) and len(header) == 1 and any(sign in header[0] for sign in ";\t"):
        return "columns are not separated by commas: save it as CSV with commas, in UTF-8"
    return "; ".join(f"columns {kind}: {', '.join(names)}" for kind, names in wrong.items() if names)
