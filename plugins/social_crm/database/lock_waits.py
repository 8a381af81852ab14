"""Work that waits until others release tables: it is retried in a new transaction, and names who holds them."""

import logging
import time
from collections.abc import Callable

import psycopg
from psycopg.errors import LockNotAvailable

log = logging.getLogger(__name__)


def commit_once_free(
    what: str,
    work: Callable[[psycopg.Connection], None],
    *,
    session: Callable[[], psycopg.Connection],
    schemas: str,
    tries: int,
    seconds: float,
    conflicts: tuple[type[psycopg.Error], ...] = (LockNotAvailable,),
) -> str:
    """Do `work` in one transaction of a session of its own, again after `conflicts` with those who hold what it needs.

    Returns "" once it is committed; else, after the last try, who holds tables of `schemas` (a regular expression), for
    the person who must decide about them. `work` sets its own lock_timeout, or its session does.
    """
    holders = ""
    for attempt in range(1, tries + 1):
        with session() as warehouse:
            try:
                with warehouse.transaction():
                    work(warehouse)
                return ""
            except conflicts:
                holders = _holders(warehouse, schemas)
        if attempt < tries:
            log.warning("%s waits for %s; trying again", what, holders)
            time.sleep(seconds)
    return holders


def _holders(warehouse: psycopg.Connection, schemas: str) -> str:
    rows = warehouse.execute(_HOLDERS, [schemas]).fetchall()
    return ", ".join(f"{user} (pid {pid})" for user, pid in rows) or "an unknown session"


_HOLDERS = """
select distinct sessions.usename, sessions.pid
from pg_locks as locks
inner join pg_class as tables on locks.relation = tables.oid
inner join pg_stat_activity as sessions on locks.pid = sessions.pid
where
    locks.database = (select oid from pg_database where datname = current_database())
    and locks.granted
    and locks.pid <> pg_backend_pid()
    and tables.relnamespace::regnamespace::text ~ %s
order by 2
"""
