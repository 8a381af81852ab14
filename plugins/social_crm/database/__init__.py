"""Connections to the warehouse. What it is made of before any model is beside this: scripts, and `prepare`."""

import psycopg
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from social_crm.database.connection_errors import unreachable
from social_crm.settings import load_settings

# By a name that processes agree on, until the transaction ends: outside of one, it waits for whoever holds it.
LOCK = "select pg_advisory_xact_lock(hashtextextended(%s, 0))"
# A session that holds a lock while others work, for an hour maybe, idles on purpose: no limit on that is for it.
MAY_IDLE = "-c idle_in_transaction_session_timeout=0 -c idle_session_timeout=0"
# What stands between us and a server, as in a cloud, forgets a connection on which nothing is sent for some minutes and
# tells neither side; the system itself would send something after two hours.
KEPT_ALIVE = "keepalives_idle=60"


def connect(url: str, **options: str) -> psycopg.Connection:
    """Open a connection in autocommit; `options` are session settings such as `lock_timeout='5s'`.

    Raises WarehouseUnreachable, which says why and what to do.
    """
    flags = [MAY_IDLE, *(f"-c {name}={escape_option(value)}" for name, value in options.items())]
    try:
        given = conninfo_to_dict(url)
        settings = " ".join([str(given.get("options", "")), *flags])
        return psycopg.connect(make_conninfo(KEPT_ALIVE, **given), autocommit=True, options=settings)
    except (psycopg.OperationalError, psycopg.ProgrammingError) as error:
        raise unreachable(url, error) from None


def key_of_pseudonyms() -> dict[str, str]:
    """Return the option of a connection in which pseudonyms are made; no statement holds it, for a log may."""
    return {"social_crm.pseudonym_key": load_settings().pseudonym_key}


def escape_option(value: str) -> str:
    """Escape what libpq splits options on."""
    return value.replace("\\", "\\\\").replace(" ", "\\ ")


def cause_of(error: psycopg.Error) -> str:
    """Name a Postgres error and what of ours it is about, without its text, which may quote a row.

    Only of objects that are missing, not allowed or not of that kind (class 42) the text holds names alone.
    """
    told = f"the warehouse failed with {type(error).__name__} (SQLSTATE {error.sqlstate or 'none, connection lost'})"
    if (error.sqlstate or "").startswith("42") and not isinstance(error, psycopg.errors.SyntaxError):
        return f"{told}: {error.diag.message_primary}"
    about = (error.diag.schema_name, error.diag.table_name, error.diag.column_name, error.diag.constraint_name)
    return f"{told}: {', '.join(filter(None, about))}" if any(about) else told
