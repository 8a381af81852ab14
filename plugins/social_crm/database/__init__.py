"""Connections to the warehouse; the scripts and `preparation.py` here create what must exist before any model."""

import psycopg
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from social_crm.database.connection_errors import unreachable
from social_crm.settings import load_settings

# A lock whose name processes agree on, held until the transaction ends; outside of one, it only waits for the holder.
LOCK = "select pg_advisory_xact_lock(hashtextextended(%s, 0))"
# A session that holds a lock while others work, maybe for an hour, idles on purpose: idle limits do not apply to it.
MAY_IDLE = "-c idle_in_transaction_session_timeout=0 -c idle_session_timeout=0"
# Network devices, for example in a cloud, silently drop a connection after some idle minutes; the system's own
# keepalive would only come after two hours.
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


def pseudonym_key_option() -> dict[str, str]:
    """Return the connection option with the pseudonym key: a log might keep a statement that contains it."""
    return {"social_crm.pseudonym_key": load_settings().pseudonym_key}


def escape_option(value: str) -> str:
    """Escape the characters at which libpq splits options."""
    return value.replace("\\", "\\\\").replace(" ", "\\ ")


def cause_of(error: psycopg.Error) -> str:
    """Name a Postgres error and its object, without its text, which may quote a row.

    Only the text about objects that are missing, forbidden or of another kind (class 42) consists of names alone.
    """
    told = f"the warehouse failed with {type(error).__name__} (SQLSTATE {error.sqlstate or 'none, connection lost'})"
    if (error.sqlstate or "").startswith("42") and not isinstance(error, psycopg.errors.SyntaxError):
        return f"{told}: {error.diag.message_primary}"
    about = (error.diag.schema_name, error.diag.table_name, error.diag.column_name, error.diag.constraint_name)
    return f"{told}: {', '.join(filter(None, about))}" if any(about) else told
