"""Rows that changed in a window, from the table, view or query in an option of the connection.

A row appears once, at its newest timestamp. A plain window would lose two kinds of rows: those of a transaction that
commits late with an earlier timestamp, and those that change every night between the window's end and the run. So a
window looks back by option `lookback_minutes` and ahead by a day; landing drops what it already holds. A database whose
rows have no timestamp at all is read completely every time.
"""

from collections.abc import Callable, Iterable, Iterator
from datetime import timedelta

from social_crm.errors import ConnectionUnusable
from social_crm.sources.model import Connection, Page, Request
from social_crm.sources.options import look_back
from social_crm.sources.sql.database import open_database
from social_crm.sources.sql.rows import Rows
from social_crm.sources.wording import context_of

LOOK_BACK_MINUTES = 1440
LOOK_AHEAD = timedelta(days=1)
ORDER = "by when a row changed, then by id"
WINDOW = (
    "rows changed in the window, from `lookback_minutes` before to a day after; undated rows every time; rows with a"
    " future or infinite date are set aside"
)
ENCRYPTION = (
    "The connection to a Postgres without TLS is unencrypted, unless the URL ends in `?sslmode=require`, which refuses"
    " it; `verify-full` also checks the certificate."
)
ACCESS = "A user of the database who may read what the options name, and nothing else."
LIMITS = "The database's own; one read-only transaction per day and table."
OPTIONS = {
    **look_back(LOOK_BACK_MINUTES, "minutes"),
    "timezone": "IANA name of the time zone of times that are stored without one, usually UTC",
}


def reader_of(source: str, name: str) -> Callable[[Request], Iterator[Page]]:
    """Return a function that reads the rows of the connection's option of this name."""

    def extract(request: Request) -> Iterator[Page]:
        context = context_of(source, name, request.window)
        wide = request.looked_back(LOOK_BACK_MINUTES, "minutes").widened(timedelta(), LOOK_AHEAD)
        with open_database(request.connection, context) as database:
            rows = Rows(database, request.connection, _relation(request.connection, source, name), context)
            yield from rows.pages(wide, request.cursor)

    return extract


def _relation(connection: Connection, source: str, name: str) -> str:
    relation = str(connection.options.get(name, ""))
    if not relation.strip():
        raise ConnectionUnusable(f"connection {source}_api: option `{name}` must name a table, a view or a query")
    return relation


def check_columns(connection: Connection, source: str, names: Iterable[str], needed: Iterable[str] = ()) -> None:
    """Connect and check the columns of each option, reading no row; raises ConnectionUnusable."""
    with open_database(connection, f"{source}.check") as database:
        for name in names:
            found = Rows(database, connection, _relation(connection, source, name), f"{source}.{name}").names
            if missing := [column for column in needed if column not in found]:
                absent = ", ".join(missing)
                raise ConnectionUnusable(
                    f"connection {source}_api: option `{name}` gives no column {absent}: name it in a query"
                )
