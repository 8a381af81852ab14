"""A failed rule in terms of the dropped file: which lines, which columns, what was expected."""

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from social_crm.sources.dropped.contract import normalised, position

_READ = re.compile(r"->>? '([^_'][^']*)'")
# A value in place of a code may be a name, a phone or account number, or an address.
_CODE = re.compile(r"(?!(\D*\d){5})(\w{1,20}|([a-z]+ )?[\d.]+( of [\d.]+ to)? [\d.]+)")


def columns_of(
    expectation: Mapping[str, Any], columns: Mapping[str, str], meant: Mapping[str, Sequence[str]]
) -> list[str]:
    """Name the file's columns that a rule checks: those in its SQL, and the origins of landing's own columns."""
    name = expectation["kwargs"].get("column", "")
    expression = columns.get(name, name)
    found = [normalised(header) for header in _READ.findall(expression)]
    found += [column for own, read in meant.items() if own in expression for column in read]
    return list(dict.fromkeys(found)) or [name]


def expected_by(expectation: Mapping[str, Any]) -> str:
    """Say what a rule expects: in the suite's words, as the allowed words, or else by the rule's reason."""
    allowed = expectation["kwargs"].get("value_set", ())
    if "expected" in expectation:
        return f"expected {expectation['expected']}"
    if allowed and all(isinstance(value, str) for value in allowed):
        return f"expected one of {', '.join(allowed)}"
    return " ".join(expectation["notes"].split())


def example(row: Mapping[str, Any], expectation: Mapping[str, Any], told_as: Iterable[str] = ()) -> str:
    """Name a row by its file and line, and by the file's own names of our columns if they differ.

    What stood there is told where the suite says that a short code is no secret.
    """
    value = row.get(expectation["kwargs"].get("column", ""))
    is_shown = expectation.get("quoted") and isinstance(value, str) and _CODE.fullmatch(value)
    place = " ".join([position(row["_file"], row["_line"]), *dict.fromkeys(told_as)])
    return place + (f" '{value}'" if is_shown else "")
