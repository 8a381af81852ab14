"""Landing: reads one window of one resource into its raw table, in batches, each committed with its position."""

import logging
import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import psycopg

from social_crm.database import cause_of, connect, pseudonym_key_option
from social_crm.errors import (
    CursorRejected,
    WarehouseError,
    WarehouseFailed,
    WarehouseUnreachable,
    WindowRefused,
    WindowUnavailable,
)
from social_crm.garbage_collection import rare_garbage_collection
from social_crm.landing import ledger
from social_crm.landing.batches import Batch, BatchWriter, LoadCounts
from social_crm.landing.ledger import Attempt
from social_crm.landing.records import Unstorable, encode, microseconds, quarantined
from social_crm.privacy.erasure_rules import erasure_rules
from social_crm.settings import load_settings
from social_crm.sources.model import Connection, Page, Request, Resource, Source, Window
from social_crm.sources.rechecks import Known
from social_crm.sources.wording import context_of

log = logging.getLogger(__name__)


def load_resource(
    source: Source,
    resource: Resource,
    connection: Connection,
    window: Window,
    run_id: str,
    *,
    now: datetime | None = None,
) -> LoadCounts:
    """Land what `resource` returns for `window` as a new attempt; it continues where a failed attempt stopped."""
    name, now = context_of(source.name, resource.name, window), now or datetime.now(UTC)
    if window.end > now:
        raise WindowRefused(f"{name}: the window ends after now ({now:%FT%TZ}); run it once it is over.")
    url = load_settings().warehouse_loader_url
    try:
        # A generic or sequential plan that was made while the table was empty would still be used later.
        warehouse = connect(url, **pseudonym_key_option(), enable_seqscan="off", plan_cache_mode="force_custom_plan")
    except WarehouseUnreachable as error:
        raise WarehouseUnreachable(f"{name}: {error} Nothing was attempted; re-run this window then.") from None
    with warehouse:
        attempt = ledger.open_attempt(warehouse, source.name, resource.name, window, run_id)
        lander = _Lander(warehouse, attempt, resource)
        try:
            lander.read(connection)
            ledger.close_loaded(warehouse, attempt)
        except BaseException as error:
            failure = _explained(error, attempt)
            ledger.close_failed(url, warehouse, attempt, failure)
            if failure is error:
                raise
            raise failure from None
        return lander.writer.counts


def _explained(error: BaseException, attempt: Attempt) -> BaseException:
    """Return the error with source, resource, window and next step, but without Postgres' detail, which quotes rows."""
    next_step = "What was landed is kept; a re-run of this window goes on from there."
    if isinstance(error, psycopg.Error):
        return WarehouseFailed(f"{attempt.name}: {cause_of(error)}. {next_step}")
    if isinstance(error, WarehouseError):
        error.args = (f"{_named(str(error).rstrip('.'), attempt)}. {next_step}", *error.args[1:])
    else:
        error.add_note(f"{attempt.name}: landing failed with {type(error).__name__}. {next_step}")
    return error


def _named(message: str, attempt: Attempt) -> str:
    """Return a message with source, resource and window, unless the source already named them."""
    return message if attempt.name in message else f"{attempt.name}: {message}"


class _Lander:
    """Reads pages into batches on the caller's thread, while another thread commits the previous batch."""

    def __init__(self, warehouse: psycopg.Connection, attempt: Attempt, resource: Resource) -> None:
        self.writer = BatchWriter(warehouse, attempt, erasure_rules(attempt.source, resource))
        self._warehouse, self._attempt, self._resource = warehouse, attempt, resource
        self._clock = _clock_from(attempt.opened_at)
        self._extracted_at = 0
        self._batch = Batch()
        self._committing: Future[None] | None = None

    def read(self, connection: Connection) -> None:
        """Land the window; a gap that an earlier attempt recorded is accepted by requesting it again."""
        if self._attempt.window.start == self._attempt.window.end:
            return
        try:
            self._read_on(connection)
        except WindowUnavailable as gap:
            if not ledger.has_gap(self._warehouse, self._attempt):
                raise
            told = _named(str(gap), self._attempt)
            log.warning("%s. The gap is in raw.load_gaps already and is accepted: all else is in raw", told)

    def _read_on(self, connection: Connection) -> None:
        """Land the window from the attempt's cursor, or from its start if the source rejects that cursor."""
        recheck = self._resource.recheck
        request = Request(
            connection,
            self._attempt.window,
            self._attempt.resume_cursor,
            ledger.landed_files(self._warehouse, self._attempt),
            ledger.known(self._warehouse, self._attempt, recheck, connection.options) if recheck else Known(),
        )
        try:
            self._read_from(request)
        except CursorRejected:
            if request.cursor is None:
                raise
            ledger.restart_window(self._warehouse, self._attempt)
            self._read_from(replace(request, cursor=None))

    def _read_from(self, request: Request) -> None:
        with rare_garbage_collection(), ThreadPoolExecutor(1, thread_name_prefix="landing") as thread:
            try:
                for page in self._resource.extract(request):
                    self._add_page(thread, page)
            finally:
                # Keep what a source gave before it failed.
                self._commit(thread)
                self._wait()

    def _add_page(self, thread: ThreadPoolExecutor, page: Page) -> None:
        self._extracted_at = max(self._clock(), self._extracted_at)
        for rejected in page.rejected:
            self._batch.reject(rejected)
        for record in page.records:
            if self._batch.is_full:
                self._commit(thread)
            # One microsecond per record makes the extraction order total; it decides between versions without an order
            # of their own.
            self._extracted_at += 1
            try:
                self._batch.add(encode(self._resource, record, self._attempt.load_id, self._extracted_at))
            except Unstorable as problem:
                self._batch.reject(quarantined(self._resource, record, problem))
        self._batch.cursor = page.cursor or self._batch.cursor
        if page.file:
            self._batch.files.append(page.file)
        if self._batch.is_due:
            self._commit(thread)

    def _commit(self, thread: ThreadPoolExecutor) -> None:
        """Hand the batch to the committing thread once that has committed the previous one."""
        self._wait()
        batch, self._batch = self._batch, Batch()
        if batch.read or batch.cursor or batch.files:
            self._committing = thread.submit(self.writer.write, batch)

    def _wait(self) -> None:
        """Wait for the batch in progress; a failed batch stays, so nothing is ever committed after it."""
        if self._committing:
            self._committing.result()
            self._committing = None


def _clock_from(opened_at: datetime) -> Callable[[], int]:
    """Return the server's clock in microseconds, continued by this machine's monotonic clock."""
    started = time.monotonic()
    return lambda: microseconds(opened_at + timedelta(seconds=time.monotonic() - started))
