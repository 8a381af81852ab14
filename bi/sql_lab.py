"""What SQL Lab answers: every table that is published, but those of single people; which rows, Postgres says."""

import re
from typing import Any

from looks import PEOPLE_TABLES
from superset.errors import SupersetErrorType
from superset.exceptions import SupersetSecurityException
from superset.security import SupersetSecurityManager

# What every BI user may do; what of the data they see follows from their entitlement's role.
READER = "BI reader"
SCHEMA = "bi"


class ReadersOfTables(SupersetSecurityManager):
    """Lets readers ask tables: Superset knows datasets alone, and refuses a fact whose dataset has another name."""

    def raise_for_access(self, *asked: Any, **asked_by_name: Any) -> None:
        """Raise an exception if the user may not ask this; of SQL, only for tables that readers may not ask."""
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

    def _is_reader(self) -> bool:
        return any(role.name == READER for role in self.get_user_roles())


def _is_for_readers(table: str) -> bool:
    """Tell by its name with database and schema, as Superset writes it, whether every reader may ask a table."""
    # In other letters Postgres would find a table that is not known here by its name.
    named = re.fullmatch(rf"[^.]+\.{SCHEMA}\.([a-z0-9_]+)", table)
    return named is not None and named[1] not in PEOPLE_TABLES
