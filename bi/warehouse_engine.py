"""How Superset speaks to the warehouse: what is sent is read, what comes back is neither drawn nor logged."""

import re
from collections.abc import Callable
from typing import Any

import psycopg2

# Superset draws a text that holds a tag: in SQL Lab, in whose tables it cannot be told not to, and in tables that
# readers make themselves. Of a customer's words `<a style="position:fixed…" href=…>` lies over the whole page.
_TAG = re.compile("<(?=[a-z/!?])", re.IGNORECASE)
# What cannot be cast Postgres quotes in its complaint, and Superset keeps complaints in its log and database.
_VALUE = re.compile(r':? ?".*"', re.DOTALL)
# Not to be seen, and what follows it is no tag.
_WORD_JOINER = "\u2060"


def guard(read: Callable[[str], None]) -> None:
    """Have `read` raise an exception for what is not to be sent, last of all before it is sent.

    Superset rewrites SQL after its SQL_QUERY_MUTATOR has seen it, and what was a string may be SQL then. What it
    sends on other ways, an expression that it checks or a file that it streams, passes that hook alone.
    """
    from superset.db_engine_specs.postgres import PostgresEngineSpec

    executes, fetches = PostgresEngineSpec.execute, PostgresEngineSpec.fetch_data

    def execute(cursor: Any, query: str, *given: Any, **named: Any) -> None:
        # Somebody may choose what was shown.
        query = query.replace(f"<{_WORD_JOINER}", "<")
        read(query)
        try:
            executes(cursor, query, *given, **named)
        except psycopg2.Error as error:
            raise unquoted(error) from None

    def fetch_data(*given: Any, **named: Any) -> list[tuple[Any, ...]]:
        return [tuple(map(undrawn, row)) for row in fetches(*given, **named)]

    def get_prequeries(database: Any, catalog: str | None = None, schema: str | None = None) -> list[str]:
        # Superset puts the schema that somebody chooses into a command as it is.
        quoted = (schema or "").replace('"', '""')
        return [f'set search_path = "{quoted}"'] if quoted else []

    PostgresEngineSpec.execute = staticmethod(execute)
    PostgresEngineSpec.fetch_data = staticmethod(fetch_data)
    PostgresEngineSpec.get_prequeries = staticmethod(get_prequeries)
    # Comments of SQL Lab's are not sent.
    PostgresEngineSpec.allows_sql_comments = False


def unquoted(error: psycopg2.Error) -> psycopg2.Error:
    """Return an error message without values from the data; one that points into the query only quotes the query."""
    told = error.diag.message_primary
    if told is None or (error.diag.statement_position and not isinstance(error, psycopg2.DataError)):
        return error
    return type(error)(_VALUE.sub(" (a value of the data)", told).strip())


def undrawn(cell: Any) -> Any:
    """Return a cell in whose texts nothing is a tag; what is shown looks the same."""
    if isinstance(cell, str):
        return _TAG.sub(f"<{_WORD_JOINER}", cell)
    if isinstance(cell, list):
        return [undrawn(part) for part in cell]
    if isinstance(cell, dict):
        return {undrawn(name): undrawn(part) for name, part in cell.items()}
    return cell
