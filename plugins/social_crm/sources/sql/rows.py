"""Rows of any SQL database as JSON records: one consistent read, ordered by time of change, resumable."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cached_property
from typing import Any

from sqlalchemy import ColumnElement, Select, String, and_, case, cast, column, false, func, or_, select, table, text
from sqlalchemy import Connection as Database

from social_crm.errors import ContractBroken
from social_crm.sources.model import Connection, Page, Rejected, Window
from social_crm.sources.sql.database import zone_of
from social_crm.sources.sql.values import to_json

ROWS_PER_PAGE = 5_000
STAMPS = ("updated_at", "created_at")
SKEW = timedelta(days=1)  # for differences of clocks and zones
AHEAD = "updated_at, or created_at without one, is yet to come or infinite; a true one is needed for the row to be read"


@dataclass(frozen=True)
class Rows:
    """What one option of the connection names: a table, a view or a query."""

    database: Database
    connection: Connection
    relation: str
    context: str

    @cached_property
    def names(self) -> list[str]:
        """Return the columns; ContractBroken if there is no `id` or a name comes twice."""
        names = list(self.database.execute(self._everything().where(false())).keys())
        if "id" not in names or len(set(names)) < len(names):
            raise ContractBroken(f"{self.context}: needs a column id and no name twice, has {', '.join(names)}")
        return names

    def pages(self, window: Window, cursor: str | None) -> Iterator[Page]:
        """Yield what changed from `window.start` to `window.end`, then undated rows; all rows where none is dated.

        Rows dated in the future come last, as rejected.
        """
        names, stamp = self.names, self._stamp()
        statement = self._everything()
        order: list[ColumnElement[Any]] = [cast(column("id"), String)]
        if stamp is not None:
            inside = and_(stamp >= self._bound(window.start), stamp < self._bound(window.end))
            statement = statement.add_columns(stamp.label("_stamp")).where(or_(inside, stamp.is_(None)))
            order = [case((stamp.is_(None), 1), else_=0), stamp, *order]
        if cursor:
            statement = statement.where(self._after(stamp, *json.loads(cursor)))
        rows = self.database.execute(statement.order_by(*order), execution_options={"yield_per": ROWS_PER_PAGE})
        for partition in rows.partitions():
            records = [self._record(names, row) for row in partition]
            last = partition[-1]
            reached = None if stamp is None or last[-1] is None else str(last[-1])
            yield Page(records, cursor=json.dumps([reached, str(records[-1]["id"])]))
        if stamp is not None:
            yield from self._ahead(names, stamp)

    def _ahead(self, names: list[str], stamp: ColumnElement[Any]) -> Iterator[Page]:
        """Yield for quarantine the rows that no window reads: those dated in the future, and `-infinity`."""
        is_unread = stamp >= self._bound(datetime.now(UTC) + SKEW)
        if self.database.dialect.name == "postgresql":
            is_unread = or_(is_unread, func.isfinite(stamp).is_(False))
        statement = self._everything().where(is_unread)
        for partition in self.database.execute(statement, execution_options={"yield_per": ROWS_PER_PAGE}).partitions():
            found = [self._record(names, row) for row in partition]
            yield Page([], [Rejected("dated_ahead", AHEAD, json.dumps(row), f"id {row['id']}") for row in found])

    def _record(self, names: list[str], row: Any) -> dict[str, Any]:
        return {
            name: to_json(value, name in STAMPS, zone_of(self.connection))
            for name, value in zip(names, row, strict=False)
        }

    def _everything(self) -> Select[Any]:
        if " " in self.relation.strip():
            return select(text("*")).select_from(text(f"({self.relation.strip().rstrip(';')}) as source_rows"))
        schema, _, name = self.relation.strip().rpartition(".")
        return select(text("*")).select_from(table(name, schema=schema or None))

    def _stamp(self) -> ColumnElement[Any] | None:
        """When a row changed; a row that was never updated counts from its creation."""
        found: list[ColumnElement[Any]] = [column(name) for name in STAMPS if name in self.names]
        if self.database.dialect.name == "sqlite":
            # SQLite has no timestamps, only text in several notations; unreadable ones count as undated.
            found = [func.strftime("%Y-%m-%dT%H:%M:%f", name) for name in found]
        return func.coalesce(*found) if len(found) == len(STAMPS) else found[0] if found else None

    def _bound(self, moment: datetime) -> Any:
        local = moment.astimezone(zone_of(self.connection)).replace(tzinfo=None)
        return local.isoformat(timespec="milliseconds") if self.database.dialect.name == "sqlite" else local

    def _after(self, stamp: ColumnElement[Any] | None, reached: str | None, last_id: str) -> ColumnElement[bool]:
        later_id = cast(column("id"), String) > last_id
        if stamp is None:
            return later_id
        if reached is None:
            return and_(stamp.is_(None), later_id)
        value = reached if self.database.dialect.name == "sqlite" else datetime.fromisoformat(reached)
        return or_(stamp > value, and_(stamp == value, later_id), stamp.is_(None))
