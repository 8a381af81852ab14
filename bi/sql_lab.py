"""What SQL Lab may query: every published table except those of single people; Postgres decides which rows."""

import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import password_limits
import yaml
from flask import request
from identity_looks import PEOPLE_DATASETS, PEOPLE_TABLES
from sqlglot import exp, parse_one, tokenize
from sqlglot.tokens import TokenType
from superset.errors import ErrorLevel, SupersetError, SupersetErrorType
from superset.exceptions import QueryObjectValidationError, SupersetSecurityException
from superset.security import SupersetSecurityManager
from superset.sql.parse import SQLScript
from superset.utils.core import get_user_id

# What every BI user may do; what of the data they see follows from their entitlement's role.
READER = "BI reader"
SCHEMA = "bi"
ODD_STRINGS = {TokenType.BYTE_STRING, TokenType.HEREDOC_STRING, TokenType.RAW_STRING, TokenType.UNICODE_STRING}
_ESCAPED_NAME = re.compile(r'\bu&"', re.IGNORECASE)


class NotAnswered(QueryObjectValidationError):
    """Raised for what is about to be sent to the warehouse, and may not be asked."""


class ReadersOfTables(SupersetSecurityManager):
    """Lets readers ask tables: Superset knows datasets alone, and refuses a fact whose dataset has another name."""

    def raise_for_access(self, *asked: Any, **asked_by_name: Any) -> None:
        """Raise an exception if the user may not ask this; of SQL, only for tables that readers may not ask."""
        self._refuse_what_others_wrote(asked_by_name.get("query"))
        try:
            super().raise_for_access(*asked, **asked_by_name)
        except SupersetSecurityException as refusal:
            tables = (refusal.error.extra or {}).get("tables", [])
            is_about_tables = refusal.error.error_type == SupersetErrorType.TABLE_SECURITY_ACCESS_ERROR
            if not (is_about_tables and tables and self._is_reader() and all(map(_is_for_readers, tables))):
                raise

    def get_datasources_accessible_by_user(self, database: Any, datasource_names: list[Any], *given: Any, **named: Any) -> list[Any]:  # fmt: skip  # noqa: E501
        """Return the tables that SQL Lab lists."""
        known = super().get_datasources_accessible_by_user(database, datasource_names, *given, **named)
        if not self._is_reader():
            return known
        readable = [name for name in datasource_names if name.schema == SCHEMA and name.table not in PEOPLE_TABLES]
        return [name for name in datasource_names if name in {*known, *readable}]

    def auth_user_db(self, username: str, password: str) -> Any:
        """Return who signs in; nobody, whatever the password, where too many were guessed."""
        guesser = (request.remote_addr, (username or "").lower())
        if password_limits.are_too_many(guesser):
            return None
        user = super().auth_user_db(username, password)
        password_limits.note(guesser, is_right=user is not None)
        return user

    def _refuse_what_others_wrote(self, query: Any) -> None:
        # Superset answers of any query of SQL Lab, by its number, to whoever may ask its tables, and tells its text.
        if getattr(query, "user_id", None) not in (None, get_user_id()) and not self.is_admin():
            kind = SupersetErrorType.QUERY_SECURITY_ACCESS_ERROR
            raise SupersetSecurityException(SupersetError("Somebody else wrote this query", kind, ErrorLevel.WARNING))

    def _is_reader(self) -> bool:
        return any(role.name == READER for role in self.get_user_roles())


def refuse_unasked(sql: str, functions: set[str], *, may_look: bool) -> None:
    """Raise NotAnswered for anything but queries of tables and functions that are for whoever asks.

    Of what is sent, for Superset reads what was typed: it finds no table that a CTE is named like, nor one in OFFSET,
    takes a union in a measure for no subquery, and knows disallowed functions in SQL Lab alone.
    """
    tokens = tokenize(sql, read="postgres")
    # What stands in a comment or in a string of escapes may be SQL once Superset has rewritten it, and dollar quotes
    # stand elsewhere for Postgres. Without these, both read the same.
    if any(token.comments or token.token_type in ODD_STRINGS for token in tokens) or _ESCAPED_NAME.search(sql):
        raise NotAnswered("write it without comments, and strings and names without escapes and dollars")
    script = SQLScript(sql, "postgresql")
    if script.has_mutation() or not all(isinstance(one._parsed, exp.Query) for one in script.statements):
        # `alter role … password; commit` locks out all who share a market's role, of a prepared statement nobody sees
        # which tables it asks, and the estimates of `explain` count rows of other markets.
        raise NotAnswered("only queries are answered here: SELECT, WITH, UNION")
    called = [call.name.lower() for one in script.statements for call in one._parsed.find_all(exp.Anonymous)]
    # The size of a table tells about how many rows other markets have.
    if script.check_functions_present(functions) or any(name.startswith("pg_") for name in called):
        raise NotAnswered("a function of this query is not for use here")
    for statement in script.statements:
        for schema, table in _tables_of(statement._parsed):
            if schema != SCHEMA or (table in PEOPLE_TABLES and not may_look):
                raise NotAnswered(f"You need access to the following tables: {schema}.{table}")


def _tables_of(query: exp.Expression) -> Iterator[tuple[str, str]]:
    """Yield schema and name of whatever is asked beside datasets, as Postgres may find it."""
    ctes = {_folded(cte.args["alias"].this) for cte in query.find_all(exp.CTE)}
    datasets = [part for part in query.find_all(exp.Subquery) if part.this in _datasets()]
    of_datasets = {id(table) for dataset in datasets for table in dataset.find_all(exp.Table)}
    for table in query.find_all(exp.Table):
        if isinstance(table.this, exp.Identifier) and id(table) not in of_datasets:
            schema, name = _folded(table.args.get("db")), _folded(table.this)
            # A CTE of some subquery hides no table elsewhere: those that matter may have no CTE of their name.
            is_hidden = name in PEOPLE_TABLES or name.startswith("pg_")
            if schema or name not in ctes or is_hidden:
                # Names of the catalogue are looked up there first.
                yield schema or ("pg_catalog" if name.startswith("pg_") else SCHEMA), name


@cache
def _datasets() -> set[exp.Expression]:
    """Return the queries of the datasets that are for every reader: some of them say of which tier a customer is."""
    said = [yaml.safe_load(file.read_text()) for file in (Path(__file__).parent / "datasets").rglob("*.yaml")]
    queries = [one["sql"] for one in said if one["sql"] and one["table_name"] not in PEOPLE_DATASETS]
    return {parse_one(query, dialect="postgres") for query in queries}


def _folded(name: exp.Identifier | None) -> str:
    if name is None:
        return ""
    return name.name if name.args.get("quoted") else name.name.lower()


def _is_for_readers(table: str) -> bool:
    """Tell by its name with database and schema, as Superset writes it, whether every reader may ask a table."""
    # In other letters Postgres would find a table that is not known here by its name.
    named = re.fullmatch(rf"[^.]+\.{SCHEMA}\.([a-z0-9_]+)", table)
    return named is not None and named[1] not in PEOPLE_TABLES
