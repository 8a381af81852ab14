"""Reads files of people into DuckDB tables of one form."""

import csv
import re
from collections.abc import Iterable
from pathlib import Path
from typing import Final

import duckdb

from social_crm.enrichment.identity import normal_forms
from social_crm.enrichment.identity.fields import COMPARED, ID, NAME_FIELDS, compared_fields, find_columns
from social_crm.seeds import SEEDS, read_seed

# Rows of seed identity_blocklist: a kind of identifier, and a value that many people share.
Blocklist = Iterable[tuple[str, str]]

_BLOCKLIST: Final = SEEDS / "identity_blocklist.csv"
_NICKNAMES: Final = Path(__file__).with_name("nicknames.csv")
# Columns that comparisons and blocking rules read besides the field itself.
_HELPERS: Final = {
    "first_name": {
        "first_name_formal": "coalesce((select formal from nicknames where short = first_name), first_name)",
    },
    "email": {
        "email_user": "split_part(email, '@', 1)",
        "email_domain": "split_part(email, '@', 2)",
        "email_own": normal_forms.own_word("split_part(email, '@', 1)"),
    },
}
_BLOCKED: Final = "(select value from blocked where kind = '{}')"
_NO_NAME: Final = f"coalesce(name in {_BLOCKED.format('name')}, false)"
# A value that many people share identifies nobody, and counts as missing.
_TELLING: Final = {
    **{field: f"case when not {_NO_NAME} then {field} end" for field in NAME_FIELDS},
    "email": f"case when split_part(email, '@', 1) not in {_BLOCKED.format('email_local_part')}"
    f" and email not in {_BLOCKED.format('email')} then email end",
    "phone": "case when not exists (select 1 from blocked where kind = 'phone' and ends_with(phone, value))"
    " then phone end",
    "handle": f"case when handle not in {_BLOCKED.format('x_handle')} then handle end",
}


class UnreadableRecords(ValueError):
    """A file cannot be linked; the message says why, without any of its content."""


def read_file(connection: duckdb.DuckDBPyConnection, table: str, path: Path) -> dict[str, str]:
    """Create a table of the cells of a CSV file as they are, and return field → column."""
    if not path.is_file():
        raise UnreadableRecords(f"{path}: no such file")
    try:
        with path.open("rb") as file:
            header = file.readline()
        # Stated, not guessed: guessing would take a file with one open quote for a file without quotes.
        separator = max(",;\t|", key=lambda mark: header.count(mark.encode()))
        source = connection.read_csv(
            str(path), header=True, all_varchar=True, sep=separator, quotechar='"', escapechar='"'
        )
        source.create(table)
    except duckdb.Error as error:
        # DuckDB quotes the offending line, which contains personal data.
        line = re.search(r"Line: (\d+)", str(error))
        where = f" at line {line[1]}" if line else ""
        raise UnreadableRecords(f"{path}: not a CSV file in UTF-8 with one header{where}") from None
    return find_columns(source.columns)


def shared_fields(columns: list[dict[str, str]]) -> list[str]:
    """Return the comparable fields, or raise: a name alone links nobody."""
    shared = set.intersection(*(compared_fields(found) for found in columns))
    fields = [field for field in COMPARED if field in shared]
    if not set(fields) - NAME_FIELDS:
        known = ", ".join(field for field in COMPARED if field not in NAME_FIELDS)
        raise UnreadableRecords(
            f"no known columns in common but {', '.join(fields) or 'none'}: a name alone links nobody;"
            f" one of these is needed: {known}"
        )
    return fields


def read_blocklist() -> list[tuple[str, str]]:
    """Return the rows of seed identity_blocklist."""
    return [(row["identity_kind"], row["identity_value"]) for row in read_seed(_BLOCKLIST)]


def normalise(
    connection: duckdb.DuckDBPyConnection,
    table: str,
    source: str,
    columns: dict[str, str],
    fields: list[str],
    blocklist: Blocklist,
) -> int:
    """Create the table that a model compares, with normalised fields; return its number of rows."""
    _load_nicknames(connection)
    _load_blocklist(connection, blocklist)
    forms = _forms(columns, fields)
    number = f'"{columns[ID]}"' if ID in columns else "row_number() over ()"
    selected = ", ".join(f"{form} as {field}" for field, form in forms.items())
    telling = ", ".join(f"{_TELLING.get(field, field)} as {field}" for field in forms)
    helpers = {name: form for field in fields for name, form in _HELPERS.get(field, {}).items()}
    extra = "".join(f", {form} as {name}" for name, form in helpers.items())
    connection.execute(
        f"""
        create or replace table {table} as
        select *{extra}
        from (
            select {ID}, {telling}
            from (select {number}::varchar as {ID}, {_whole_name(columns)} as name, {selected} from {source})
        )
        order by {ID}
        """  # noqa: S608 -- names of ours
    )
    rows, ids, present = connection.execute(
        f"select count(*), count(distinct {ID}), count({ID}) from {table}"  # noqa: S608
    ).fetchall()[0]
    if ids < rows or present < rows:
        raise UnreadableRecords(f'column "{columns[ID]}": {rows - ids} of {rows} ids are missing or not unique')
    return int(rows)


def _forms(columns: dict[str, str], fields: list[str]) -> dict[str, str]:
    # The comparison of either part of a name reads the other, too.
    forms = dict.fromkeys(sorted(NAME_FIELDS), "null::varchar")
    whole = normal_forms.name_parts(f'"{columns["full_name"]}"') if "full_name" in columns else None
    for field in fields:
        column = f'"{columns[field]}"' if field in columns else ""
        if field in NAME_FIELDS:
            part = normal_forms.name(column) if column else ""
            from_whole = normal_forms.name(f"({whole[field == 'surname']})") if whole else ""
            forms[field] = f"coalesce({part}, {from_whole})" if part and from_whole else part or from_whole
        else:
            make = {"dob": normal_forms.date, "email": normal_forms.email, "phone": normal_forms.phone}
            forms[field] = (make | {"handle": normal_forms.handle}).get(field, normal_forms.text)(column)
    return forms


def _whole_name(columns: dict[str, str]) -> str:
    """Return SQL for a record's name as one word, from its parts if it has any."""
    parts = ", ".join(f'"{columns[field]}"' for field in ("first_name", "surname") if field in columns)
    names = [normal_forms.name(f"concat({parts})")] if parts else []
    names += [normal_forms.name(f'"{columns["full_name"]}"')] if "full_name" in columns else []
    return f"coalesce({', '.join(names)})" if names else "null::varchar"


def _load_blocklist(connection: duckdb.DuckDBPyConnection, blocklist: Blocklist) -> None:
    connection.execute("create or replace table blocked (kind varchar, value varchar)")
    if rows := [*blocklist]:
        connection.executemany("insert into blocked values (?, ?)", rows)
    for kind, form in {"name": normal_forms.name, "phone": normal_forms.phone}.items():
        connection.execute(f"update blocked set value = {form('value')} where kind = '{kind}'")  # noqa: S608 -- names of ours
    # A value that cannot be normalised identifies nobody.
    connection.execute("delete from blocked where value is null")


def _load_nicknames(connection: duckdb.DuckDBPyConnection) -> None:
    with _NICKNAMES.open(newline="", encoding="utf-8") as file:
        pairs = [(row["short"], row["formal"]) for row in csv.DictReader(file)]
    connection.execute("create or replace table nicknames (short varchar primary key, formal varchar)")
    connection.executemany("insert into nicknames values (?, ?)", pairs)
