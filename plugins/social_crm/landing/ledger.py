"""The load ledger: which attempt reads which window, how far it came, and how it ended."""

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import psycopg
from psycopg import sql

from social_crm.database import connect
from social_crm.errors import LoadInProgress, RateLimited, WarehouseError, WarehouseUnreachable, WindowUnavailable
from social_crm.sources.model import Window
from social_crm.sources.rechecks import Known, Recheck
from social_crm.sources.wording import context_of

# Locks of a worker that has just ended or died are released once the server notices.
LET_GO_WITHIN = "5s"


@dataclass(frozen=True)
class Attempt:
    """One open attempt at a window; its connection holds the lock on the window until it closes."""

    load_id: int
    source: str
    resource: str
    window: Window
    resume_cursor: str | None
    visible_loads: list[int]  # a record is compared with rows of these: completed loads and this window's own attempts
    opened_at: datetime  # by the server's clock, which all workers share

    @property
    def name(self) -> str:
        """Return the words that identify this attempt in every message."""
        return context_of(self.source, self.resource, self.window)


def open_attempt(warehouse: psycopg.Connection, source: str, resource: str, window: Window, run_id: str) -> Attempt:
    """Lock the window for this session and write a new attempt; raises LoadInProgress if another session holds it."""
    name = context_of(source, resource, window)
    try:
        with warehouse.transaction():
            warehouse.execute(sql.SQL("set local lock_timeout = {}").format(LET_GO_WITHIN))
            warehouse.execute("select pg_advisory_lock(hashtextextended(%s, 0))", [f"load {name}"])
    except psycopg.errors.LockNotAvailable:
        raise LoadInProgress(
            f"{name}: another process is landing this window; nothing was changed. Wait for it, or stop it and re-run."
        ) from None
    scope = {**_scope(source, resource, window), "run_id": run_id}
    with warehouse.transaction():
        cursor = _resume_cursor(warehouse, scope)
        _retire_earlier_attempts(warehouse, scope)
        [(load_id, opened_at)] = warehouse.execute(_INSERT_ATTEMPT, {**scope, "cursor": cursor})
    return Attempt(load_id, source, resource, window, cursor, _visible_loads(warehouse, scope), opened_at)


def landed_files(warehouse: psycopg.Connection, attempt: Attempt) -> list[tuple[str, str]]:
    """Return name and sha256 of the files in raw from loads that this attempt may rely on, in order of landing."""
    return warehouse.execute(
        "select file_name, file_sha256 from raw.landed_files"
        " where source = %s and resource = %s and load_id = any(%s) order by landed_at",
        [attempt.source, attempt.resource, attempt.visible_loads],
    ).fetchall()


def known(warehouse: psycopg.Connection, attempt: Attempt, recheck: Recheck, options: Mapping[str, Any]) -> Known:
    """Return what raw holds of records whose events lie in the attempt's window or in the recheck's span before it."""
    span, window = recheck.span(options), attempt.window
    if not span:
        return Known()
    own = sql.Identifier(f"raw_{attempt.source}", attempt.resource)
    table, loads = own, attempt.visible_loads
    if recheck.of:
        table = sql.Identifier(f"raw_{attempt.source}", recheck.of)
        loads = _visible_loads(warehouse, _scope(attempt.source, recheck.of, window))
    asked = {
        "loads": loads,
        "since": window.start - span,
        "until": window.end,
        "identifier": recheck.identifier.split(".") if recheck.identifier else None,
    }
    ids: dict[str, str] = dict(warehouse.execute(_KNOWN.format(table), asked).fetchall())
    if not recheck.of:
        return Known(ids)
    removed = warehouse.execute(_REMOVED.format(own), [[*ids], attempt.visible_loads])
    return Known(ids, frozenset(key for (key,) in removed))


def has_gap(warehouse: psycopg.Connection, attempt: Attempt) -> bool:
    """Tell whether an earlier attempt at this window read everything except a gap that it recorded."""
    return warehouse.execute(_GAP, _scope(attempt.source, attempt.resource, attempt.window)).fetchone() is not None


def restart_window(warehouse: psycopg.Connection, attempt: Attempt) -> None:
    """Forget the cursor, so that this and the next attempt read the window from its start."""
    warehouse.execute("update raw.load_ledger set resume_cursor = null where load_id = %s", [attempt.load_id])


def close_loaded(warehouse: psycopg.Connection, attempt: Attempt) -> None:
    """Record that the whole window is in raw."""
    warehouse.execute(
        "update raw.load_ledger set status = 'loaded', resume_cursor = null, finished_at = clock_timestamp()"
        " where load_id = %s",
        [attempt.load_id],
    )


def close_failed(url: str, warehouse: psycopg.Connection, attempt: Attempt, error: BaseException) -> None:
    """Record why an attempt ended; replace a lost connection. If the server is lost, the next attempt tidies up."""
    with suppress(psycopg.Error, WarehouseUnreachable):
        if not (warehouse.closed or warehouse.broken):
            _write_failure(warehouse, attempt, error)
            return
        with connect(url) as fresh:
            _write_failure(fresh, attempt, error)


def _write_failure(warehouse: psycopg.Connection, attempt: Attempt, error: BaseException) -> None:
    known = isinstance(error, WarehouseError)
    outcome = {
        "load_id": attempt.load_id,
        "status": "interrupted" if isinstance(error, RateLimited) else "failed",
        "resume_at": error.resume_at if isinstance(error, RateLimited) else None,
        "kind": error.kind if isinstance(error, WarehouseError) else "unexpected",
        # The text of a foreign error may quote a record or a credential.
        "message": str(error) if known else f"{attempt.name}: {type(error).__name__}",
    }
    with warehouse.transaction():
        warehouse.execute(_CLOSE_FAILED, outcome)
        if isinstance(error, WindowUnavailable):
            warehouse.execute(
                "insert into raw.load_gaps (source, resource, gap_start, gap_end, reason, load_id)"
                " values (%s, %s, %s, %s, %s, %s) on conflict do nothing",
                [attempt.source, attempt.resource, error.gap_start, error.gap_end, str(error), attempt.load_id],
            )


def _resume_cursor(warehouse: psycopg.Connection, scope: Mapping[str, object]) -> str | None:
    row = warehouse.execute(_LAST_ATTEMPT, scope).fetchone()
    return row[1] if row and row[0] in ("running", "interrupted", "failed") else None


def _scope(source: str, resource: str, window: Window) -> dict[str, object]:
    return {"source": source, "resource": resource, "start": window.start, "end": window.end}


def _visible_loads(warehouse: psycopg.Connection, scope: Mapping[str, object]) -> list[int]:
    return [load_id for (load_id,) in warehouse.execute(_VISIBLE_LOADS, scope)]


def _retire_earlier_attempts(warehouse: psycopg.Connection, scope: Mapping[str, object]) -> None:
    """End attempts at this window that no process works on: we hold the lock, so a running attempt was killed."""
    warehouse.execute(_RETIRE, scope)
    warehouse.execute(_REJECT_TOGETHER, scope)


_OF_WINDOW = " source = %(source)s and resource = %(resource)s and window_start = %(start)s and window_end = %(end)s"
_LAST_ATTEMPT = f"select status, resume_cursor from raw.load_ledger where {_OF_WINDOW} order by attempt desc limit 1"  # noqa: S608
# An unchecked 'loaded' attempt is replaced as well: its rows count once this attempt passes the front door.
_RETIRE = (
    "update raw.load_ledger set status = 'failed', finished_at = clock_timestamp(),"  # noqa: S608
    " error_kind = case status when 'running' then 'abandoned' else 'superseded' end,"
    " error_message = case status when 'running' then 'The process ended without closing its attempt.'"
    "  else 'A later attempt read the window before this one was checked.' end"
    f" where {_OF_WINDOW} and status in ('running', 'loaded')"
)
# Broken attempts were checked together with the attempt that completed them: their rows may be why it was refused.
_REJECT_TOGETHER = (
    "update raw.load_ledger as broken set status = 'rejected'"  # noqa: S608
    f" where {_OF_WINDOW} and status in ('interrupted', 'failed')"
    f" and attempt < (select max(attempt) from raw.load_ledger where {_OF_WINDOW} and status = 'rejected')"
    f" and attempt > (select coalesce(max(attempt), 0) from raw.load_ledger where {_OF_WINDOW} and status = 'checked')"
)
_INSERT_ATTEMPT = (
    "insert into raw.load_ledger"  # noqa: S608
    " (source, resource, window_start, window_end, attempt, run_id, status, resume_cursor)"
    " select %(source)s, %(resource)s, %(start)s, %(end)s, coalesce(max(attempt), 0) + 1, %(run_id)s, 'running',"
    f" %(cursor)s from raw.load_ledger where {_OF_WINDOW} returning load_id, clock_timestamp()"
)
_VISIBLE_LOADS = (
    "select load_id from raw.completed_loads where source = %(source)s and resource = %(resource)s"  # noqa: S608
    f" union select load_id from raw.load_ledger where {_OF_WINDOW} and status <> 'rejected'"
)
# What claims to be of the future was written before it was read.
_KNOWN = sql.SQL("""
select _record_key, max(identifier)
from (
    select _record_key, case when %(identifier)s::text[] is null then _record_key else payload #>> %(identifier)s end
    from {}
    where _load_id = any(%(loads)s) and _event_at >= %(since)s and least(_event_at, _extracted_at) < %(until)s
) as held (_record_key, identifier)
where identifier is not null
group by 1
order by 1
""")
_REMOVED = sql.SQL("""
select _record_key
from (
    select distinct on (_record_key) _record_key, payload
    from {}
    where _record_key = any(%s) and _load_id = any(%s)
    order by _record_key, _extracted_at desc
) as newest
where payload @> '{{"is_removed": true}}'
""")
# A source's horizon moves on, so a second attempt misses more than the first, which landed the difference.
_GAP = (
    "select 1 from raw.load_gaps where source = %(source)s and resource = %(resource)s"  # noqa: S608
    " and gap_start < %(end)s and gap_end > %(start)s"
    f" and load_id in (select load_id from raw.load_ledger where {_OF_WINDOW})"
)
_CLOSE_FAILED = (
    "update raw.load_ledger set status = %(status)s, error_kind = %(kind)s, error_message = %(message)s,"
    " resume_at = %(resume_at)s, finished_at = clock_timestamp() where load_id = %(load_id)s and status = 'running'"
)
