"""Days and moments of Postgres for which Python has no value: `infinity`, years before 1 and after 9999, 24:00."""

from typing import Any

from psycopg import Connection, DataError
from psycopg.abc import Buffer, Loader
from psycopg.types.datetime import DateLoader, TimeLoader, TimestampLoader, TimestamptzLoader


def read_far_dates_as_text(connection: Connection) -> None:
    """Read such a value as Postgres' text: otherwise a single one would fail all rows."""
    connection.adapters.register_loader("time", _or_text(TimeLoader))
    for name, reader in (("date", DateLoader), ("timestamp", TimestampLoader), ("timestamptz", TimestamptzLoader)):
        connection.adapters.register_loader(name, _or_text(reader))


def _or_text(reader: type[Any]) -> type[Loader]:
    class OrText(reader):  # type: ignore[misc]
        def load(self, data: Buffer) -> Any:
            try:
                return super().load(data)
            except DataError:
                return bytes(data).decode()

    return OrText
