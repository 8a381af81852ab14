"""Splink's comparisons of the fields, and the names of the fields in which a scored pair agrees."""

from typing import Any, Final

import splink.comparison_level_library as cll
import splink.comparison_library as cl
from splink.internals.comparison_creator import ComparisonCreator
from splink.internals.comparison_level_creator import ComparisonLevelCreator

from social_crm.enrichment.identity.levels import CROSSED, LEVELS, Level

_DIFFERENT: Final = "different"


def make_comparison(field: str, *, trained: bool) -> ComparisonCreator:
    """Return Splink's comparison of one field; untrained, it does not weight values by their frequency."""
    missing = f"({field}_l is null or {field}_r is null)"
    if field == "surname":
        # Swapped names count as evidence once, with the first name.
        missing = f"({missing} or coalesce({CROSSED}, false))"
    other_m, other_u = 1 - sum(level.m for level in LEVELS[field]), 1 - sum(level.u for level in LEVELS[field])
    levels: list[ComparisonLevelCreator | dict[str, Any]] = [
        cll.CustomLevel(missing, "missing").configure(is_null_level=True),
        *(_make_level(field, level, by_frequency=trained) for level in LEVELS[field]),
        cll.ElseLevel().configure(m_probability=other_m, u_probability=other_u),
    ]
    return cl.CustomComparison(levels, output_column_name=field)


def _make_level(field: str, level: Level, *, by_frequency: bool) -> ComparisonLevelCreator:
    condition = level.condition.format(l=f"{field}_l", r=f"{field}_r")
    made = cll.CustomLevel(condition, level.label).configure(m_probability=level.m, u_probability=level.u)
    if by_frequency and level.by_frequency_of:
        made.configure(tf_adjustment_column=level.by_frequency_of)
    return made


def evidence_sql(field: str) -> str:
    """Return SQL for the name of the level of agreement of a scored pair in one field; null if one has no value."""
    whens = "".join(f" when {number} then '{level.label}'" for number, level in _numbered(field))
    return f"case gamma_{field}{whens} when 0 then '{_DIFFERENT}' end"


def agreement_sql(field: str) -> str:
    """Return SQL that says whether the agreement of a pair in one field is enough evidence beside a name."""
    numbers = [str(number) for number, level in _numbered(field) if level.agrees]
    return f"gamma_{field} in ({', '.join(numbers)})" if numbers else "false"


def _numbered(field: str) -> list[tuple[int, Level]]:
    # Splink numbers levels from the last: `else` is 0, the closest is the highest, missing is -1.
    return list(zip(range(len(LEVELS[field]), 0, -1), LEVELS[field], strict=True))
