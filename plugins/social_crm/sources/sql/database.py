"""One consistent, read-only snapshot of any database that SQLAlchemy reaches."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from sqlalchemy import Connection as Database
from sqlalchemy import create_engine, exc, func, select
from sqlalchemy.engine import URL, make_url

from social_crm.errors import ConnectionUnusable, ContractBroken, CredentialRefused, SourceUnavailable
from social_crm.sources.model import Connection
from social_crm.sources.sql.far_dates import read_far_dates_as_text


@contextmanager
def open_database(connection: Connection, context: str) -> Iterator[Database]:
    """Connect for one consistent, read-only snapshot; refusals of the database become our errors."""
    try:
        url = url_of(connection, f"{_source(context)}_api")
        if url.get_backend_name() == "sqlite" and not Path(url.database or "").is_file():
            # SQLite would create an empty one.
            raise SourceUnavailable(f"{context}: the SQLite file of connection {_source(context)}_api does not exist")
        engine = create_engine(url, hide_parameters=True)
        try:
            with engine.connect() as database:
                _begin(database, zone_of(connection))
                yield database
        finally:
            engine.dispose()
    except (exc.NoSuchModuleError, exc.ArgumentError, ModuleNotFoundError):
        raise ConnectionUnusable(
            f"{context}: the URL of connection {_source(context)}_api names no usable driver"
        ) from None
    except exc.DBAPIError as error:
        raise _explained(error, context) from None


def _source(context: str) -> str:
    return context.partition(".")[0]


def url_of(connection: Connection, connection_id: str) -> URL:
    """Return the URL with login and password; errors of SQLAlchemy may quote part of a password as a port."""
    try:
        url = make_url(connection.url)
    except ValueError:
        raise ConnectionUnusable(
            f"the URL of connection {connection_id} has no number for a port: is a sign of its password not escaped?"
        ) from None
    return url.set(username=connection.login or url.username, password=connection.secret or url.password)


def zone_of(connection: Connection) -> ZoneInfo:
    """Return the zone of times that are stored without one: option `timezone`, else UTC."""
    try:
        return ZoneInfo(str(connection.options.get("timezone", "UTC")))
    except (ValueError, OSError, ZoneInfoNotFoundError):
        raise ConnectionUnusable(
            "option `timezone` of the connection: no such zone: name one of IANA's, such as Europe/Berlin"
        ) from None


def _begin(database: Database, zone: ZoneInfo) -> None:
    if database.dialect.name == "postgresql":
        database.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
        if database.dialect.driver == "psycopg":
            read_far_dates_as_text(database.connection.driver_connection)  # type: ignore[arg-type]
        # A bound without a zone then means the same for timestamp and timestamptz columns.
        database.execute(select(func.set_config("TimeZone", zone.key, True)))


def _explained(error: exc.DBAPIError, context: str) -> Exception:
    """Name the kind of failure: a database's message may quote a row."""
    state = str(getattr(error.orig, "sqlstate", None) or "")
    cause = f"{context}: {type(error.orig).__name__}{f' (SQLSTATE {state})' if state else ''}"
    if state.startswith("28") or "password authentication failed" in str(error.orig):
        return CredentialRefused(f"re-authorise source {_source(context)}: {cause}")
    is_wrong_sql = getattr(error.orig, "sqlite_errorcode", None) == sqlite3.SQLITE_ERROR
    if isinstance(error, exc.OperationalError) and not is_wrong_sql:
        return SourceUnavailable(f"{cause}; try again later")
    return ContractBroken(f"{cause}; compare the option's table, view or query with the database")
