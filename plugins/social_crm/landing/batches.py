"""Batches of raw rows: what is committed together, and the transaction that commits it."""

import time
from dataclasses import dataclass, field
from hashlib import sha256

import orjson
import psycopg
from psycopg import sql
from psycopg.types.json import Jsonb

from social_crm.database import LOCK
from social_crm.errors import ErasureUnenforceable, PseudonymKeyChanged
from social_crm.landing.ledger import Attempt
from social_crm.landing.records import Row, escape_text
from social_crm.privacy.erasure_rules import undeclared
from social_crm.sources.model import Rejected

BATCH_RECORDS = 10_000
BATCH_BYTES = 8 * 1024 * 1024
BATCH_SECONDS = 2.0  # how often a slow source's records are committed
COPY_CHUNK = 250
_COPY_HEADER = b"PGCOPY\n\xff\r\n\0" + bytes(8)
_COPY_TRAILER = b"\xff\xff"


@dataclass
class LoadCounts:
    """What one attempt read and what happened to it: `read` is the sum of the other three."""

    load_id: int
    read: int = 0
    appended: int = 0
    unchanged: int = 0
    quarantined: int = 0


@dataclass
class Batch:
    """What is committed together: rows, rejects, complete files, and the cursor after the last complete page."""

    read: int = 0
    size: int = 0
    rows: list[Row] = field(default_factory=list)
    rejected: list[Rejected] = field(default_factory=list)
    files: list[tuple[str, str]] = field(default_factory=list)
    cursor: str | None = None
    started: float = field(default_factory=time.monotonic)

    def add(self, row: Row) -> None:
        """Add a row; the writer decides whether it is new."""
        self.read += 1
        self.rows.append(row)
        self.size += len(row.copied)

    def reject(self, rejected: Rejected) -> None:
        """Add something that goes to quarantine."""
        self.read += 1
        self.rejected.append(rejected)

    @property
    def is_full(self) -> bool:
        """Tell whether the batch must be committed to save memory, even in the middle of a page."""
        return len(self.rows) >= BATCH_RECORDS or self.size >= BATCH_BYTES or len(self.rejected) >= BATCH_RECORDS

    @property
    def is_due(self) -> bool:
        """Tell whether a batch should be committed at the end of a page, because the last commit is long enough ago."""
        return self.is_full or time.monotonic() - self.started >= BATCH_SECONDS


class BatchWriter:
    """Commits the batches of one attempt and adds up their counts."""

    def __init__(self, warehouse: psycopg.Connection, attempt: Attempt, rules: Jsonb | None) -> None:
        """Write through `warehouse`, which holds the attempt's lock; `rules` say how to remove people from records."""
        self._warehouse, self._attempt, self._rules = warehouse, attempt, rules
        self._table = sql.Identifier(f"raw_{attempt.source}", attempt.resource)
        self.counts = LoadCounts(attempt.load_id)

    def write(self, batch: Batch) -> None:
        """Commit a batch in one transaction: new rows, rejects, complete files, counts and cursor."""
        with self._warehouse.transaction():
            news = self._news(batch.rows)
            self._copy(news)
            appended, unchanged = len(news), len(batch.rows) - len(news)
            self._record(batch, appended, unchanged)
            self._suppress(batch)
        self.counts.read += batch.read
        self.counts.appended += appended
        self.counts.unchanged += unchanged
        self.counts.quarantined += len(batch.rejected)

    def _news(self, rows: list[Row]) -> list[bytes]:
        """Return, ready to copy, the rows that differ from their key's newest row that is not younger than they are."""
        if not rows:
            return []
        known = self._known_versions(rows)
        news = []
        for row in rows:
            versions = known.setdefault(row.key, {})
            if _content_at(row.moment, versions) == row.digest:
                continue
            versions[row.moment] = row.digest
            news.append(row.copied)
        return news

    def _known_versions(self, rows: list[Row]) -> dict[str, dict[int, bytes]]:
        keys = orjson.dumps([row.key for row in rows]).decode()
        query = _LAST_OF_MOMENT.format(self._table)
        known: dict[str, dict[int, bytes]] = {}
        for key, moment, digest in self._warehouse.execute(query, [keys, self._attempt.visible_loads], binary=True):
            known.setdefault(key, {})[int.from_bytes(moment, signed=True)] = digest
        return known

    def _copy(self, rows: list[bytes]) -> None:
        if not rows:
            return
        statement = sql.SQL("copy {} from stdin (format binary)").format(self._table)
        with self._warehouse.cursor() as cursor, cursor.copy(statement) as copy:
            copy.write(_COPY_HEADER)
            for start in range(0, len(rows), COPY_CHUNK):
                copy.write(b"".join(rows[start : start + COPY_CHUNK]))
            copy.write(_COPY_TRAILER)

    def _record(self, batch: Batch, appended: int, unchanged: int) -> None:
        """Write the rest of the batch; one batch of a resource at a time, to prevent deadlocks."""
        attempt = self._attempt
        self._warehouse.execute(LOCK, [f"batch {attempt.source}.{attempt.resource}"])
        with self._warehouse.cursor() as cursor:
            if batch.rejected:
                cursor.executemany(_QUARANTINE, [_quarantine_row(attempt, rejected) for rejected in batch.rejected])
            for file_name, file_sha256 in batch.files:
                cursor.execute(
                    _LANDED_FILE, [attempt.source, attempt.resource, file_sha256, file_name, attempt.load_id]
                )
        counts = [batch.read, appended, unchanged, len(batch.rejected), batch.cursor, attempt.load_id]
        self._warehouse.execute(_PROGRESS, counts)

    def _suppress(self, batch: Batch) -> None:
        """Remove erased people from the rows just written, before anybody can read them, and count these rows."""
        # Sent as JSON: sending ten thousand texts as a list takes the driver longer than the rest of a batch without
        # erasures.
        load_id, keys = self._attempt.load_id, orjson.dumps([row.key for row in batch.rows]).decode()
        scope = [self._attempt.source, self._attempt.resource, self._rules, load_id, keys]
        try:
            [(count,)] = self._warehouse.execute(_SUPPRESS, scope)
        except psycopg.errors.InvalidParameterValue:
            raise ErasureUnenforceable(undeclared(self._attempt.source, self._attempt.resource)) from None
        except psycopg.errors.ObjectNotInPrerequisiteState:
            raise PseudonymKeyChanged(
                "WAREHOUSE_PSEUDONYM_KEY is not the warehouse's key, so nobody who was erased would be"
                " recognised: nothing of the batch landed; give this worker the warehouse's key"
            ) from None
        if count:
            self._warehouse.execute(_SUPPRESSED, [count, load_id])


def _content_at(moment: int, versions: dict[int, bytes]) -> bytes | None:
    """Return the content that was valid at a moment."""
    if moment in versions:
        return versions[moment]
    earlier = max((known for known in versions if known < moment), default=None)
    return None if earlier is None else versions[earlier]


def _quarantine_row(attempt: Attempt, rejected: Rejected) -> list[object]:
    content = escape_text(rejected.content)
    return [
        attempt.load_id,
        attempt.source,
        attempt.resource,
        rejected.reason,
        escape_text(rejected.detail),
        escape_text(rejected.position),
        content,
        sha256(content.encode()).digest(),
    ]


# The last visible row of each key and moment. A record is compared with the newest of these rows that is not younger
# than the record. So a record that changes back is appended again, under the same version or a later one, but an old
# version that is read again is not. A key that is read with two contents and without a version is appended each time it
# is read: a repetition cannot be told from two changes, and the newest row is right in both cases.
_LAST_OF_MOMENT = sql.SQL("""
select distinct on (_record_key, moment) _record_key, timestamptz_send(moment), uuid_send(_record_hash)
from (select *, coalesce(_version_at, _extracted_at) as moment from {}) as versions
where _record_key = any(array(select json_array_elements_text(%s::json))) and _load_id = any(%s)
order by _record_key, moment, _extracted_at desc, _load_id desc
""")
_QUARANTINE = (
    "insert into raw.quarantine (load_id, source, resource, reason, detail, position, content, content_sha256)"
    " values (%s, %s, %s, %s, %s, %s, %s, %s) on conflict do nothing"
)
# The newest load that contains a file counts: the front door may still refuse an older one.
_LANDED_FILE = (
    "insert into raw.landed_files (source, resource, file_sha256, file_name, load_id) values (%s, %s, %s, %s, %s)"
    " on conflict (source, resource, file_sha256, file_name)"
    " do update set load_id = excluded.load_id, landed_at = excluded.landed_at"
)
_SUPPRESS = "select count(*) from raw.erase_people(%s, %s, %s, %s, %s::json)"
_SUPPRESSED = "update raw.load_ledger set erased_count = erased_count + %s where load_id = %s"
_PROGRESS = (
    "update raw.load_ledger set read_count = read_count + %s, appended_count = appended_count + %s,"
    " unchanged_count = unchanged_count + %s, quarantined_count = quarantined_count + %s,"
    " resume_cursor = coalesce(%s, resume_cursor) where load_id = %s"
)
