"""Landing on a real Postgres: what is appended, what is kept apart, how attempts end and go on."""

import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import psycopg
import pytest

from social_crm.database import cause_of, connect
from social_crm.database.preparation import prepare
from social_crm.errors import (
    ContractBroken,
    CredentialRefused,
    CursorRejected,
    LoadInProgress,
    RateLimited,
    WarehouseFailed,
    WarehouseUnreachable,
    WindowRefused,
    WindowUnavailable,
)
from social_crm.landing import batches, loading
from social_crm.landing.loading import LoadCounts, load_resource
from social_crm.landing.records import microseconds
from social_crm.settings import Settings
from social_crm.sources import SOURCES
from social_crm.sources.model import Connection, Page, Record, Rejected, Request, Resource, Source, Window
from social_crm.sources.rechecks import Known, Recheck
from social_crm.sources.strict_json import parse
from social_crm.sources.wording import context_of

DAY = Window(datetime(2026, 10, 5, tzinfo=UTC), datetime(2026, 10, 6, tzinfo=UTC))
NEXT_DAY = Window(DAY.end, DAY.end + timedelta(days=1))


class Feed:
    """A source whose pages the test sets; a page that is an error is raised instead."""

    def __init__(self, settings: Settings) -> None:
        """Prepare the source's raw table."""
        self.settings = settings
        self.pages: list[Page | BaseException] = []
        self.requests: list[Request] = []
        self.recheck: Recheck | None = None
        resource = Resource(
            name="notes",
            extract=self._extract,
            key=lambda record: record.get("id"),
            event_at=lambda record: record.get("at"),
            version_at=lambda record: record.get("changed"),
            description="Notes.",
            deletions="none",
        )
        self.source = Source("feed", "Feed", "A feed.", (resource,), check=lambda _: None)
        prepare(settings, (self.source,))

    def _extract(self, request: Request) -> Iterator[Page]:
        self.requests.append(request)
        for page in self.pages:
            if isinstance(page, BaseException):
                raise page
            yield page

    def load(self, *pages: Page | BaseException, window: Window = DAY, checked: bool = True) -> LoadCounts:
        """Land the pages, and let the load pass the front door unless told otherwise."""
        self.pages = list(pages)
        resource = replace(self.source.resources[0], recheck=self.recheck)
        counts = load_resource(self.source, resource, Connection("memory://"), window, "run")
        if checked:
            self.execute("update raw.load_ledger set status = 'checked' where status = 'loaded'")
        return counts

    def execute(self, query: str) -> list[tuple[Any, ...]]:
        """Run a statement as the administrator."""
        with connect(self.settings.warehouse_admin_url) as admin:
            cursor = admin.execute(query)  # type: ignore[arg-type]
            return cursor.fetchall() if cursor.description else []

    def bodies(self) -> list[str]:
        """Return the bodies in raw in extraction order."""
        return [body for (body,) in self.execute("select payload->>'body' from raw_feed.notes order by _extracted_at")]

    def last_attempt(self, columns: str) -> tuple[Any, ...]:
        """Return columns of the newest ledger row."""
        return self.execute(f"select {columns} from raw.load_ledger order by load_id desc limit 1")[0]


@pytest.fixture
def feed(warehouse: Settings) -> Feed:
    return Feed(warehouse)


def note(key: Any, body: Any = "text", **fields: Any) -> Record:
    return {"id": key, "body": body, **fields}


def page(*records: Record, **fields: Any) -> Page:
    return Page(list(records), **fields)


def test_a_record_lands_with_its_key_times_and_content(feed: Feed) -> None:
    counts = feed.load(page(note("1", "hello", at="2026-10-05T12:00:00+05:30", changed="2026-10-05T08:00:00Z")))
    assert counts == LoadCounts(counts.load_id, read=1, appended=1, unchanged=0, quarantined=0)
    rows = feed.execute(
        "select _record_key, _event_at, _version_at, _load_id, _is_escaped, payload from raw_feed.notes"
    )
    event_at, version_at = datetime(2026, 10, 5, 6, 30, tzinfo=UTC), datetime(2026, 10, 5, 8, tzinfo=UTC)
    payload = note("1", "hello", at="2026-10-05T12:00:00+05:30", changed="2026-10-05T08:00:00Z")
    assert rows == [("1", event_at, version_at, counts.load_id, False, payload)]
    assert feed.last_attempt("status, attempt, run_id, read_count, appended_count") == ("checked", 1, "run", 1, 1)


def test_reading_twice_changes_nothing(feed: Feed) -> None:
    records = [note(str(number), "x" * number) for number in range(50)]
    feed.load(page(*records))
    counts = feed.load(page(*reversed(records)))
    assert (counts.read, counts.appended, counts.unchanged) == (50, 0, 50)
    assert feed.execute("select count(*) from raw_feed.notes") == [(50,)]


def test_key_order_inside_a_record_is_no_change(feed: Feed) -> None:
    feed.load(page({"id": "1", "body": "a"}))
    assert feed.load(page({"body": "a", "id": "1"})).unchanged == 1


@pytest.mark.parametrize("versions", [(None, None, None), ("2026-10-05T01:00:00Z",) * 3])
def test_a_record_that_changes_back_is_appended_again(feed: Feed, versions: tuple[str | None, ...]) -> None:
    for body, version in zip("aba", versions, strict=True):
        feed.load(page(note("1", body, changed=version)))
    assert feed.bodies() == ["a", "b", "a"]


@pytest.mark.parametrize("size", [1, 100], ids=["a batch each", "one batch"])
def test_a_row_of_a_file_that_changes_back_is_appended_again_and_one_that_stays_is_not(
    feed: Feed, size: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(batches, "BATCH_RECORDS", size)
    resource = feed.source.resources[0]
    object.__setattr__(resource, "version_at", lambda record: record["_file"])
    rows = [note("1", body, _file=f"2026-10-0{day}", _line=day) for day, body in enumerate("aabbaa", 1)]
    counts = feed.load(page(*rows), window=NEXT_DAY)
    assert (counts.appended, counts.unchanged) == (3, 3)
    assert feed.bodies() == ["a", "b", "a"]
    assert feed.load(page(*reversed(rows)), window=NEXT_DAY).appended == 0
    assert feed.load(page(note("1", "a", _file="2026-09-30", _line=1)), window=NEXT_DAY).appended == 1


def test_a_change_back_is_seen_across_a_record_without_a_version(feed: Feed) -> None:
    dated = note("1", "a", changed="2026-10-05T01:00:00Z")
    feed.load(page(dated))
    feed.load(page(note("1", "b")))
    # What stands since the fifth is older than what was read without a date; what is dated after that is not.
    assert feed.load(page(dated)).appended == 0
    assert feed.load(page(note("1", "a", changed="2100-01-01T00:00:00Z"))).appended == 1


def test_an_old_version_read_again_is_not_appended(feed: Feed) -> None:
    old, new = note("1", "a", changed="2026-10-05T01:00:00Z"), note("1", "b", changed="2026-10-05T02:00:00Z")
    feed.load(page(old, new))
    assert feed.load(page(old, new), window=NEXT_DAY).appended == 0


def test_one_key_twice_in_a_page_is_kept_twice_if_it_differs_and_once_if_not(feed: Feed) -> None:
    counts = feed.load(page(note("1", "a"), note("1", "a"), note("1", "b"), note("1", "a"), note("2", "c")))
    assert (counts.read, counts.appended, counts.unchanged) == (5, 4, 1)
    assert feed.bodies() == ["a", "b", "a", "c"]


def test_records_are_compared_across_the_batches_of_one_load(feed: Feed, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(batches, "BATCH_RECORDS", 1)
    feed.load(page(note("1", "a"), note("1", "a"), note("1", "b"), note("1", "b"), note("1", "a")))
    assert feed.bodies() == ["a", "b", "a"]


def test_rows_of_an_unchecked_or_rejected_load_of_another_window_do_not_hide_a_record(feed: Feed) -> None:
    feed.load(page(note("1")), checked=False)
    assert feed.load(page(note("1")), window=NEXT_DAY, checked=False).appended == 1
    feed.execute("update raw.load_ledger set status = 'rejected'")
    assert feed.load(page(note("1"))).appended == 1


def test_an_unchecked_load_that_is_read_again_counts_once_the_second_is_checked(feed: Feed) -> None:
    first = feed.load(page(note("1")), checked=False)
    second = feed.load(page(note("1")))
    assert second.appended == 0
    completed = feed.execute("select load_id from raw.completed_loads order by load_id")
    assert completed == [(first.load_id,), (second.load_id,)]


def test_a_broken_attempt_is_rejected_with_the_one_that_completed_it(feed: Feed) -> None:
    with pytest.raises(ContractBroken):
        feed.load(page(note("1")), ContractBroken("cut off"))
    feed.load(page(note("2")), checked=False)
    feed.execute("update raw.load_ledger set status = 'rejected' where status = 'loaded'")
    third = feed.load(page(note("1", "corrected"), note("2")))
    assert third.appended == 2
    assert feed.execute("select load_id from raw.completed_loads") == [(third.load_id,)]


def test_keys_are_exact_text(feed: Feed) -> None:
    keys = ["7", "007", "9007199254740993", "a", "A", " 7", "\u00e9", "e\u0301"]
    assert feed.load(page(*[note(key) for key in keys])).appended == len(keys)
    assert {key for (key,) in feed.execute("select _record_key from raw_feed.notes")} == set(keys)


def test_numbers_beyond_64_bits_stay_exact(feed: Feed) -> None:
    feed.load(page(note("1", 123456789012345678901234567890)))
    assert feed.bodies() == ["123456789012345678901234567890"]


def test_nul_and_lone_surrogates_are_kept_escaped_and_flagged(feed: Feed) -> None:
    feed.load(page(note("1", "a\x00b\ud83dc"), note("2", "plain \U0010fffd"), note("3", "\\u0000")))
    rows = feed.execute("select _is_escaped, payload->>'body' from raw_feed.notes order by _record_key")
    assert rows == [(True, "a\U0010fffd0000b\U0010fffdd83dc"), (False, "plain \U0010fffd"), (False, "\\u0000")]
    assert feed.load(page(note("1", "a\x00b\ud83dc"))).appended == 0


def test_bad_records_go_to_quarantine_and_good_ones_to_raw(feed: Feed) -> None:
    deep: Any = "x"
    for _ in range(2_000):
        deep = [deep]
    bad = {
        "missing_key": note(None),
        "too_deep": note("deep", deep),
        "too_large": note("large", "x" * 5_000_000),
        "key_too_long": note("k" * 501),
        "not_json": note("nan", float("nan")),
        "not_an_object": ["no", "object"],
        "doubled_key": parse(b'{"id": "twice", "body": {"text": "first", "text": "second"}}'),
    }
    counts = feed.load(page(note("good"), *bad.values(), note("also good")))  # type: ignore[arg-type]
    assert (counts.read, counts.appended, counts.quarantined) == (9, 2, 7)
    assert {reason for (reason,) in feed.execute("select reason from raw.quarantine")} == set(bad)
    assert feed.execute("select max(length(content)) < 110000 from raw.quarantine") == [(True,)]


def test_an_infinite_number_inside_a_record_with_nulls_is_not_silently_null(feed: Feed) -> None:
    counts = feed.load(page(note("1", {"a": None, "b": [float("inf")]}), note("2", None)))
    assert (counts.appended, counts.quarantined) == (1, 1)


def test_what_a_source_rejects_is_quarantined_once_however_often_it_is_read(feed: Feed) -> None:
    rejected = Rejected("ragged_row", "4 cells, 3 headers", "a,b\x00,c,d", "notes.csv line 17")
    for _ in range(2):
        assert feed.load(page(rejected=[rejected])).quarantined == 1
    assert feed.execute("select reason, position, content from raw.quarantine") == [
        ("ragged_row", "notes.csv line 17", "a,b\U0010fffd0000,c,d")
    ]


# Moments of the first and the last year, which is another one in UTC.
NEVER = ["0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-12:00"]


@pytest.mark.parametrize("text", ["yesterday", "infinity", "2026-02-30", "2026-13-01T00:00:00Z", "", 7, "1e99", *NEVER])
def test_a_time_that_cannot_be_read_becomes_null(feed: Feed, text: Any) -> None:
    assert feed.load(page(note("1", at=text))).appended == 1
    assert feed.execute("select _event_at from raw_feed.notes") == [(None,)]


@pytest.mark.parametrize("text", ["0001-01-01T00:00:00Z", "9999-12-31T23:59:59Z", "1970-01-01T00:00:00Z"])
def test_an_implausible_time_does_not_fail_the_load(feed: Feed, text: str) -> None:
    assert feed.load(page(note("1", at=text))).appended == 1
    assert feed.execute("select _event_at::text is not null from raw_feed.notes") == [(True,)]


def test_an_empty_window_reads_nothing_and_is_recorded(feed: Feed) -> None:
    feed.load(page(note("1")), window=Window(DAY.start, DAY.start), checked=False)
    assert feed.requests == []
    assert feed.last_attempt("status, read_count") == ("loaded", 0)


def test_a_window_in_the_future_is_refused_and_not_attempted(feed: Feed) -> None:
    tomorrow = Window(DAY.start, datetime.now(UTC) + timedelta(hours=1))
    with pytest.raises(WindowRefused, match=r"feed\.notes .* ends after now"):
        feed.load(page(note("1")), window=tomorrow)
    assert feed.execute("select count(*) from raw.load_ledger") == [(0,)]


def test_a_rate_limit_keeps_the_pages_before_it_and_the_next_attempt_goes_on_after_them(feed: Feed) -> None:
    resume_at = datetime(2026, 10, 6, 12, tzinfo=UTC)
    with pytest.raises(RateLimited, match=r"^feed\.notes 2026-10-05T00:00:00Z/2026-10-06T00:00:00Z: slow down\. "):
        feed.load(page(note("1"), cursor="after 1"), RateLimited("slow down", resume_at))
    outcome = feed.last_attempt("status, error_kind, resume_cursor, resume_at, appended_count")
    assert outcome == ("interrupted", "rate_limited", "after 1", resume_at, 1)
    feed.load(page(note("2")))
    assert feed.requests[-1].cursor == "after 1"
    assert feed.last_attempt("status, attempt, resume_cursor") == ("checked", 2, None)
    assert len(feed.execute("select 1 from raw.completed_loads")) == 2


def test_the_cursor_never_runs_ahead_of_an_incomplete_page(feed: Feed, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(batches, "BATCH_RECORDS", 2)

    class Broken(list[Record]):
        def __iter__(self) -> Iterator[Record]:
            yield from [note("2"), note("3"), note("4")]
            raise KeyError("damaged")

    with pytest.raises(KeyError):
        feed.load(page(note("1"), cursor="after 1"), Page(Broken(), cursor="after 5"))
    assert feed.last_attempt("resume_cursor, appended_count") == ("after 1", 4)


def test_a_completed_window_is_read_from_its_start_again(feed: Feed) -> None:
    feed.load(page(note("1"), cursor="after 1"))
    feed.load(page(note("1")))
    assert feed.requests[-1].cursor is None


def test_a_rejected_cursor_restarts_the_window_once(feed: Feed) -> None:
    with pytest.raises(RateLimited):
        feed.load(page(note("1"), cursor="stale"), RateLimited("wait", datetime(2026, 10, 6, tzinfo=UTC)))

    def extract(request: Request) -> Iterator[Page]:
        feed.requests.append(request)
        if request.cursor:
            raise CursorRejected("cursor unknown")
        yield page(note("1"), note("2"))

    feed._extract = extract  # type: ignore[method-assign]
    object.__setattr__(feed.source.resources[0], "extract", extract)
    counts = feed.load()
    assert [request.cursor for request in feed.requests[-2:]] == ["stale", None]
    assert (counts.appended, counts.unchanged) == (1, 1)


def test_a_cursor_that_is_rejected_in_mid_window_is_left_by_the_next_try(feed: Feed) -> None:
    with pytest.raises(CursorRejected) as rejected:
        feed.load(page(note("1"), cursor="stale"), CursorRejected("cursor unknown"))
    assert not rejected.value.is_hopeless

    def extract(request: Request) -> Iterator[Page]:
        feed.requests.append(request)
        if request.cursor:
            raise CursorRejected("cursor unknown")
        yield page(note("1"), note("2"))

    object.__setattr__(feed.source.resources[0], "extract", extract)
    counts = feed.load()
    assert [request.cursor for request in feed.requests] == [None, "stale", None]
    assert (counts.appended, counts.unchanged) == (1, 1)


def test_a_read_that_fails_after_a_rejected_cursor_begins_anew_the_next_time(feed: Feed) -> None:
    with pytest.raises(ContractBroken):
        feed.load(page(note("1"), cursor="old"), ContractBroken("no"))
    turns = iter([CursorRejected("gone"), ContractBroken("down"), ContractBroken("still down")])

    def refuse(request: Request) -> Iterator[Page]:
        feed.requests.append(request)
        raise next(turns)
        yield

    feed.source = replace(feed.source, resources=(replace(feed.source.resources[0], extract=refuse),))
    for _ in range(2):
        with pytest.raises(ContractBroken, match="down"):
            feed.load()
    assert [request.cursor for request in feed.requests] == [None, "old", None, None]


def test_the_clock_of_a_load_is_the_servers_whatever_that_of_its_machine_says() -> None:
    opened_at = datetime(2001, 2, 3, 4, tzinfo=UTC)
    clock = loading._clock_from(opened_at)
    first, second = clock(), clock()
    assert microseconds(opened_at) <= first <= second < microseconds(opened_at + timedelta(minutes=5))


def test_a_cursor_rejected_without_having_been_given_fails(feed: Feed) -> None:
    with pytest.raises(CursorRejected):
        feed.load(CursorRejected("cursor unknown"))
    assert len(feed.requests) == 1
    assert feed.last_attempt("status, error_kind") == ("failed", "cursor_rejected")


def test_rights_that_somebody_revoked_are_named_and_come_back_with_the_next_preparation(warehouse: Settings) -> None:
    right = (
        "select has_table_privilege('loader', 'raw.load_ledger', 'insert'),"
        " has_table_privilege('bi_reader', 'bi.publications', 'select')"
    )
    with connect(warehouse.warehouse_admin_url) as admin:
        admin.execute("revoke insert on raw.load_ledger from loader; revoke select on bi.publications from bi_viewer")
        assert admin.execute(right).fetchone() == (False, False)
    with connect(warehouse.warehouse_loader_url) as loader, pytest.raises(psycopg.Error) as refused:
        loader.execute("insert into raw.load_ledger (source) values ('x')")
    told = "the warehouse failed with InsufficientPrivilege (SQLSTATE 42501): permission denied for table load_ledger"
    assert cause_of(refused.value) == told
    prepare(warehouse, SOURCES)
    with connect(warehouse.warehouse_admin_url) as admin:
        assert admin.execute(right).fetchone() == (True, True)


def test_a_window_the_source_cannot_give_is_a_gap_and_a_failed_load(feed: Feed) -> None:
    gap_end = DAY.start + timedelta(hours=6)
    with pytest.raises(WindowUnavailable, match=r"feed\.notes"):
        feed.load(WindowUnavailable("only seven days back", DAY.start, gap_end))
    assert feed.execute("select source, resource, gap_start, gap_end from raw.load_gaps") == [
        ("feed", "notes", DAY.start, gap_end)
    ]
    assert feed.last_attempt("status, error_kind") == ("failed", "window_unavailable")


def test_a_gap_is_accepted_by_asking_a_second_time_and_the_rest_of_the_window_counts(
    feed: Feed, caplog: pytest.LogCaptureFixture
) -> None:
    horizon = DAY.start + timedelta(hours=6)
    with pytest.raises(WindowUnavailable):
        feed.load(page(note("1"), note("2")), WindowUnavailable("only seven days back", DAY.start, horizon))
    # By then the horizon has moved on, over what was landed.
    moved = WindowUnavailable("only seven days back", DAY.start, horizon + timedelta(hours=1))
    second = feed.load(page(note("2")), moved)
    assert (second.appended, second.unchanged) == (0, 1)
    assert feed.last_attempt("status") == ("checked",)
    assert len(feed.execute("select 1 from raw.completed_loads")) == 2
    assert feed.execute("select gap_end from raw.load_gaps") == [(horizon,)]
    assert "is accepted" in caplog.text
    with pytest.raises(WindowUnavailable):
        feed.load(moved, window=NEXT_DAY)


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (CredentialRefused("re-authorise feed_api"), "credential_refused"),
        (ContractBroken("no field id"), "contract_broken"),
        (ContractBroken(f"{context_of('feed', 'notes', DAY)}: no field id"), "contract_broken"),
    ],
)
def test_a_known_failure_is_recorded_with_its_kind_and_where_it_happened(
    feed: Feed, error: Exception, kind: str
) -> None:
    text = str(error)
    with pytest.raises(type(error)):
        feed.load(page(note("1")), error)
    status, recorded, message = feed.last_attempt("status, error_kind, error_message")
    assert (status, recorded) == ("failed", kind)
    assert message.startswith("feed.notes 2026-10-05T00:00:00Z/2026-10-06T00:00:00Z: ")
    assert message.count("feed.notes") == 1
    assert text in message
    assert "re-run" in message


def test_an_unexpected_error_is_recorded_by_its_class_alone(feed: Feed) -> None:
    with pytest.raises(KeyError) as caught:
        feed.load(page(note("1")), KeyError("Bearer s3cret"))
    recorded = feed.last_attempt("status, error_kind, error_message")
    assert recorded == ("failed", "unexpected", "feed.notes 2026-10-05T00:00:00Z/2026-10-06T00:00:00Z: KeyError")
    assert "feed.notes" in caught.value.__notes__[0]


def test_an_error_of_postgres_names_its_code_and_no_row(feed: Feed) -> None:
    feed.execute("alter table raw_feed.notes add check (payload->>'body' <> 'Jane Doe')")
    with pytest.raises(
        WarehouseFailed, match=r"CheckViolation.*23514\): raw_feed, notes, notes_payload_check\. "
    ) as caught:
        feed.load(page(note("1", "Jane Doe")))
    assert "Jane" not in str(caught.value)
    assert caught.value.__cause__ is None
    assert feed.last_attempt("status, error_kind, appended_count") == ("failed", "warehouse_failed", 0)


def test_a_column_that_somebody_dropped_is_named(feed: Feed) -> None:
    feed.execute("alter table raw_feed.notes drop column _record_hash")
    with pytest.raises(
        WarehouseFailed, match=r'UndefinedColumn \(SQLSTATE 42703\): column "_record_hash" does not exist\.'
    ):
        feed.load(page(note("1", "Jane Doe")))


def test_nothing_is_committed_after_a_batch_that_failed(feed: Feed, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(batches, "BATCH_RECORDS", 1)
    feed.execute("alter table raw_feed.notes add check (payload->>'body' <> 'bad')")
    with pytest.raises(WarehouseFailed):
        feed.load(*[page(note(str(n), "bad" if n == 2 else "good"), cursor=f"after {n}") for n in range(6)])
    assert feed.last_attempt("resume_cursor, appended_count") == ("after 1", 2)


def test_a_lost_connection_fails_the_attempt_and_the_next_converges(
    feed: Feed, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(batches, "BATCH_RECORDS", 1)

    def cut() -> Page:
        feed.execute(
            "select pg_terminate_backend(pid) from pg_stat_activity"
            " where usename = 'loader' and datname = current_database()"
        )
        return page(note("3"))

    def extract(_: Request) -> Iterator[Page]:
        yield page(note("1"), note("2"))
        yield cut()

    resource = feed.source.resources[0]
    whole: Callable[[Request], Iterator[Page]] = resource.extract
    object.__setattr__(resource, "extract", extract)
    with pytest.raises(WarehouseFailed, match=r"connection lost|57P01"):
        feed.load()
    assert feed.last_attempt("status, error_kind") == ("failed", "warehouse_failed")
    object.__setattr__(resource, "extract", whole)
    feed.load(page(note("1"), note("2"), note("3")))
    assert feed.execute("select _record_key, count(*) from raw_feed.notes group by 1 order by 1") == [
        ("1", 1),
        ("2", 1),
        ("3", 1),
    ]


def test_a_source_slower_than_the_server_lets_sessions_idle_is_landed(feed: Feed) -> None:
    def extract(_: Request) -> Iterator[Page]:
        yield page(note("a"))
        time.sleep(0.5)
        yield page(note("b"))

    [(database,)] = feed.execute("select current_database()")
    feed.execute(f"alter database {database} set idle_session_timeout = '100ms'")
    object.__setattr__(feed.source.resources[0], "extract", extract)
    assert feed.load().appended == 2
    assert feed.last_attempt("status") == ("checked",)


def test_a_second_process_on_one_window_is_refused_at_once_and_another_window_is_not(feed: Feed) -> None:
    outcomes: list[object] = []

    def extract(_: Request) -> Iterator[Page]:
        object.__setattr__(feed.source.resources[0], "extract", feed._extract)
        with pytest.raises(LoadInProgress, match=r"feed\.notes .* another process"):
            feed.load()
        outcomes.append(feed.load(page(note("other")), window=NEXT_DAY).appended)
        yield page(note("mine"))

    object.__setattr__(feed.source.resources[0], "extract", extract)
    assert feed.load().appended == 1
    assert outcomes == [1]
    assert feed.execute("select count(*) from raw.load_ledger") == [(2,)]


def test_an_attempt_left_running_by_a_killed_process_is_closed_as_abandoned(feed: Feed) -> None:
    feed.execute(
        "insert into raw.load_ledger"
        " (source, resource, window_start, window_end, attempt, run_id, status, resume_cursor)"
        f" values ('feed', 'notes', '{DAY.start}', '{DAY.end}', 1, 'killed', 'running', 'after 1')"
    )
    feed.load(page(note("1")))
    assert feed.requests[-1].cursor == "after 1"
    assert feed.execute("select status, error_kind from raw.load_ledger order by attempt") == [
        ("failed", "abandoned"),
        ("checked", None),
    ]


def test_a_landed_file_is_named_to_later_loads_unless_its_load_was_rejected(feed: Feed) -> None:
    feed.load(page(note("1"), file=("a.csv", "aa")))
    feed.load(page(note("2"), file=("b.csv", "bb")), window=NEXT_DAY, checked=False)
    feed.execute("update raw.load_ledger set status = 'rejected' where status = 'loaded'")
    third = feed.load(page(note("2"), file=("b.csv", "bb")), window=NEXT_DAY)
    assert feed.requests[-1].landed_files == [("a.csv", "aa")]
    assert third.appended == 1
    feed.load(window=Window(NEXT_DAY.end, NEXT_DAY.end + timedelta(days=1)))
    assert feed.requests[-1].landed_files == [("a.csv", "aa"), ("b.csv", "bb")]


def test_a_file_that_comes_back_is_known_as_the_last_of_its_name(feed: Feed) -> None:
    for content in ("aa", "bb", "aa"):
        feed.load(page(note("1", content), file=("a.csv", content)))
    feed.load(page(note("1", "aa"), file=("b.csv", "aa")))
    feed.load()
    assert feed.requests[-1].landed_files == [("a.csv", "bb"), ("a.csv", "aa"), ("b.csv", "aa")]


def test_a_resource_that_rechecks_is_told_the_keys_of_its_span_once_and_none_that_was_rejected(feed: Feed) -> None:
    days = [f"2026-10-0{day}T12:00:00Z" for day in range(3, 8)]
    feed.load(page(*(note(str(number), at=day) for number, day in enumerate(days))))
    feed.load(page(note("1", "other words", at=days[1])))
    feed.load(page(note("7", at=days[2])), window=NEXT_DAY, checked=False)
    feed.execute("update raw.load_ledger set status = 'rejected' where status = 'loaded'")
    feed.load()
    assert feed.requests[-1].known == Known()
    feed.recheck = Recheck(days=1)
    feed.load()
    assert feed.requests[-1].known == Known({"1": "1", "2": "2"})
    feed.recheck = Recheck(days=1, identifier="body")
    feed.load()
    assert feed.requests[-1].known.ids == {"1": "text", "2": "text"}
    # One that claims to be of the future, as a network's client may, was written before it was read.
    feed.load(page(note("of 2030", at="2030-01-01T12:00:00Z"), note("of 2031", at="2031-01-01T12:00:00Z")))
    feed.execute("update raw_feed.notes set _extracted_at = '2026-10-05T13:00:00Z' where payload ->> 'id' = 'of 2030'")
    feed.load()
    assert [*feed.requests[-1].known.ids] == ["1", "2", "of 2030"]
    feed.recheck = Recheck(days=0)
    feed.load()
    assert feed.requests[-1].known == Known()


def test_only_the_roles_of_the_warehouse_may_connect(feed: Feed) -> None:
    feed.execute("drop role if exists stranger; create role stranger login password 'stranger'")
    url = feed.settings.warehouse_loader_url
    login = url.partition("//")[2].partition("@")[0]
    with pytest.raises(WarehouseUnreachable, match=r"permission denied for database .* which says who may"):
        connect(url.replace(login, "stranger:stranger"))
    feed.execute("drop role stranger")
    with pytest.raises(WarehouseUnreachable, match=r"password authentication failed .* sets passwords") as refused:
        connect(url.replace(login, "loader:canary"))
    assert "canary" not in str(refused.value)


def test_a_window_whose_warehouse_is_down_is_named(feed: Feed, monkeypatch: pytest.MonkeyPatch) -> None:
    down = replace(feed.settings, warehouse_loader_url="postgresql://loader:canary@127.0.0.1:1/none")
    monkeypatch.setattr("social_crm.landing.loading.load_settings", lambda: down)
    with pytest.raises(WarehouseUnreachable, match=r"^feed\.notes .*: the warehouse at 127\.0\.0\.1:1 .* re-run"):
        feed.load()


def test_the_loader_may_add_to_raw_but_not_change_or_delete(feed: Feed) -> None:
    feed.load(page(note("1")))
    with connect(feed.settings.warehouse_loader_url) as loader:
        for statement in (
            "delete from raw_feed.notes",
            "update raw_feed.notes set _record_key = ''",
            "update raw.quarantine set content = ''",
            "delete from raw.load_gaps",
            "select * from ops.transform_runs",
            "create temp table mine (id int)",
        ):
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                loader.execute(statement)
