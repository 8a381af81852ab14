"""Answers as CSV that is safe to open in spreadsheets: no customer's text becomes a formula."""

import csv
from typing import Final, TextIO

import psycopg

# With their full-width forms.
_FORMULA_STARTS: Final = tuple("=+-@\t\r＝＋－＠")
# Postgres' values that begin with a minus and are not text.
_NUMBERS: Final = frozenset(
    psycopg.adapters.types[name].oid for name in ("int2", "int4", "int8", "float4", "float8", "numeric", "interval")
)


def harmless(cell: str) -> str:
    """Return a cell that no spreadsheet takes for a formula: a text that looks like one gets an apostrophe (OWASP)."""
    return f"'{cell}" if cell.startswith(_FORMULA_STARTS) else cell


def write_answers(connection: psycopg.Connection, query: str, output: TextIO) -> None:
    """Write the answers to a query's statements as psql would, except that no value becomes a formula."""
    answer = connection.execute(query.encode())
    while True:
        if answer.description:
            _write_answer(answer, output)
        if not answer.nextset():
            return


def _write_answer(answer: psycopg.Cursor, output: TextIO) -> None:
    columns, values = answer.description or [], answer.pgresult
    if values is None:
        raise AssertionError("an answer with columns has values")
    lines = csv.writer(output, lineterminator="\n")
    lines.writerow(harmless(column.name) for column in columns)
    for row in range(values.ntuples):
        cells = [(values.get_value(row, place) or b"").decode() for place in range(values.nfields)]
        lines.writerow(
            cell if column.type_code in _NUMBERS else harmless(cell)
            for cell, column in zip(cells, columns, strict=True)
        )
