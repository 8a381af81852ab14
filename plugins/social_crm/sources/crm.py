"""The customer database, over SQL: customers and accounts as they are, read by when they changed.

A row stands once, at its newest stamp. Two things would lose rows from a plain window: a transaction that commits
late with an earlier stamp, and a row that changes every night between the window's end and the run. So a window looks
back by option `lookback_minutes` and ahead by a day; landing drops what it holds already. A database whose rows carry
no stamp at all is read whole every time.
"""

from collections.abc import Callable, Iterator
from datetime import timedelta

from social_crm.errors import ContractBroken
from social_crm.sources.fields import field
from social_crm.sources.model import Connection, Page, Request, Resource, Source, Window
from social_crm.sources.sql.database import open_database
from social_crm.sources.sql.rows import Rows

LOOK_BACK_MINUTES = 1440
LOOK_AHEAD = timedelta(days=1)


def _read(name: str) -> Callable[[Request], Iterator[Page]]:
    def extract(request: Request) -> Iterator[Page]:
        """Read the rows that the connection's option of this name gives."""
        window, options = request.window, request.connection.options
        context = f"crm.{name} [{window.start:%FT%TZ}, {window.end:%FT%TZ})"
        if window.start == window.end:
            return
        look_back = timedelta(minutes=int(options.get("lookback_minutes", LOOK_BACK_MINUTES)))
        wide = Window(window.start - look_back, window.end + LOOK_AHEAD)
        with open_database(request.connection, context) as database:
            rows = Rows(database, request.connection, _relation(request.connection, name), context)
            yield from rows.pages(wide, request.cursor)

    return extract


def _relation(connection: Connection, name: str) -> str:
    relation = str(connection.options.get(name, ""))
    if not relation.strip():
        raise ContractBroken(f"connection crm_api: option `{name}` must name a table, a view or a query")
    return relation


def check(connection: Connection) -> None:
    """Connect and look at the columns of both resources, reading no row."""
    with open_database(connection, "crm.check") as database:
        for name in CRM.resource_names:
            _ = Rows(database, connection, _relation(connection, name), f"crm.{name}").names


def _resource(name: str, description: str) -> Resource:
    return Resource(
        name=name,
        extract=_read(name),
        key=field("id"),
        event_at=field("created_at"),
        version_at=field("updated_at", "created_at"),
        description=description,
        order="by when a row changed, then by id",
        window="rows changed in it, from `lookback_minutes` before to a day after; undated rows every time",
        deletions="A removed row is not noticed and its last version stays: mark it in `status` instead.",
    )


CRM = Source(
    name="crm",
    title="Customer database",
    description="Customers and accounts of any database that SQLAlchemy reaches; options name table, view or query.",
    resources=(
        _resource("customers", "One customer, with the e-mail, phone and handle that identify them."),
        _resource("accounts", "One company or household that customers belong to."),
    ),
    check=check,
    connection={
        "conn_type": "generic",
        "host": "postgresql+psycopg://crm.example.com/crm",
        "login": "reader",
        "password": "<password>",
        "extra": {"customers": "customers", "accounts": "accounts"},
    },
    limits="Those of the database; one read-only transaction a day and table.",
    retention="As your own records of customers.",
    met={"real server": "PostgreSQL, SQLite", "recordings": "the Chinook database"},
)
