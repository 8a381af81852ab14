"""Which pairs are compared: those that share the keys of one of these rules."""

from typing import Final

import duckdb

Rule = tuple[str, ...]

_YEAR: Final = "substr(dob, 1, 4)"
_MONTH: Final = "substr(dob, 1, 7)"
# Keys that few people share: always compared.
TIGHT_RULES: Final[tuple[Rule, ...]] = (
    ("email",),
    ("phone",),
    ("handle",),
    ("email_user",),
    ("first_name", "surname", "dob"),
    ("surname", "dob"),
    ("first_name", "dob"),
    ("first_name", "postcode"),
    ("surname", "postcode"),
    ("dob", "postcode"),
    ("dob", "city"),
    ("first_name", "surname", "city"),
    ("first_name", "surname", _YEAR),
)
# The warehouse's rules, for any number of authors: with a rule that is used only for few records, a pair's link would
# depend on who else changed with it.
STEADY_RULES: Final[tuple[Rule, ...]] = (
    ("email",),
    ("phone",),
    ("handle",),
    ("email_user",),
    ("surname", "substr(first_name, 1, 1)"),
)
# From narrowest to widest: used if the file is small enough for them.
LOOSE_RULES: Final[tuple[Rule, ...]] = (
    ("first_name", "surname"),
    ("dob",),
    ("postcode",),
    ("surname", _YEAR),
    ("surname", "substr(postcode, 1, 3)"),
    ("first_name", "substr(postcode, 1, 3)"),
    ("substr(first_name, 1, 3)", "substr(surname, 1, 4)"),
    ("surname", "city"),
    ("first_name", "city", "substr(dob, 1, 3)"),
    ("email_domain",),
    ("city", _YEAR),
    ("surname",),
    ("first_name",),
    (_MONTH,),
    (_YEAR,),
    ("city",),
)
# Each of the wider rules may compare this many pairs per record, and this many in total.
PAIRS_PER_RECORD: Final = 20
MOST_LOOSE_PAIRS: Final = 4_000_000


def choose_rules(connection: duckdb.DuckDBPyConnection, tables: list[str]) -> list[Rule]:
    """Return the rules that the tables have columns for and that compare few enough pairs."""
    columns = set(connection.table(tables[0]).columns)
    possible = [rule for rule in TIGHT_RULES if _columns_of(rule) <= columns]
    records = sum(count(connection, table) for table in tables)
    budget = min(PAIRS_PER_RECORD * records, MOST_LOOSE_PAIRS)
    for rule in LOOSE_RULES:
        if _columns_of(rule) <= columns and count_pairs(connection, tables, rule) <= budget:
            possible.append(rule)
    return possible


def _columns_of(rule: Rule) -> set[str]:
    return {part.removeprefix("substr(").split(",")[0] for part in rule}


def count_pairs(connection: duckdb.DuckDBPyConnection, tables: list[str], rule: Rule) -> int:
    """Return how many pairs of records share the keys of a rule, counted from the sizes of the blocks."""
    keys = ", ".join(f"{part} as key_{number}" for number, part in enumerate(rule))
    names = ", ".join(f"key_{number}" for number in range(len(rule)))
    present = " and ".join(f"{part} is not null" for part in rule)
    blocks = [f"(select {keys}, count(*) as size from {table} where {present} group by all)" for table in tables]  # noqa: S608
    if len(tables) == 1:
        return count(connection, blocks[0], "coalesce(sum(size * (size - 1) // 2), 0)")
    joined = f"{blocks[0]} as l inner join {blocks[1]} as r using ({names})"
    return count(connection, joined, "coalesce(sum(l.size * r.size), 0)")


def count(connection: duckdb.DuckDBPyConnection, rows: str, counted: str = "count(*)") -> int:
    """Return one number about a table or a joined expression."""
    return int(connection.execute(f"select {counted} from {rows}").fetchall()[0][0])  # noqa: S608
