"""Killed by SIGKILL between every two side effects, then run again: what raw and `bi` hold is as if never killed."""

import os
import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import psycopg
import pytest

from social_crm.database import connect
from social_crm.database.preparation import prepare
from social_crm.landing import batches, loading
from social_crm.publishing import publication
from social_crm.settings import Settings
from social_crm.sources.model import Connection, Page, Record, Rejected, Request, Resource, Source, Window
from social_crm.transform import runs

DAY = Window(datetime(2026, 10, 5, tzinfo=UTC), datetime(2026, 10, 6, tzinfo=UTC))
DAY_BEFORE = Window(DAY.start - timedelta(days=1), DAY.start)
NEVER = 10**9


class KillSwitch:
    """Counts side effects and kills this process at the chosen one."""

    def __init__(self) -> None:
        """Start unarmed."""
        self.count, self.kill_at, self._lock = 0, NEVER, threading.Lock()

    def step(self) -> None:
        """Pass one point between two side effects, or die there."""
        with self._lock:
            self.count += 1
            if self.count == self.kill_at:
                os.kill(os.getpid(), signal.SIGKILL)


SWITCH = KillSwitch()


class KillableCopy:
    """A COPY that may be cut between two writes."""

    def __init__(self, copy: psycopg.Copy) -> None:
        """Wrap a copy under way."""
        self._copy = copy

    def write(self, data: bytes) -> None:
        """Send data and make sure that it left this process."""
        self._copy.write(data)
        SWITCH.step()


class KillableCursor(psycopg.Cursor[Any]):
    """A cursor with a kill point before and after each statement."""

    def execute(self, *args: Any, **kwargs: Any) -> "KillableCursor":
        SWITCH.step()
        super().execute(*args, **kwargs)
        SWITCH.step()
        return self

    @contextmanager
    def copy(self, *args: Any, **kwargs: Any) -> Iterator[KillableCopy]:  # type: ignore[override]
        SWITCH.step()
        with super().copy(*args, **kwargs) as copy:
            yield KillableCopy(copy)
        SWITCH.step()


class KillableConnection(psycopg.Connection[Any]):
    """A connection with kill points around statements, before each commit and after it."""

    cursor_factory = KillableCursor

    @contextmanager
    def transaction(self, *args: Any, **kwargs: Any) -> Iterator[psycopg.Transaction]:
        with super().transaction(*args, **kwargs) as transaction:
            yield transaction
            SWITCH.step()
        SWITCH.step()


def killable_connect(url: str, **options: str) -> KillableConnection:
    flags = " ".join(f"-c {name}={value}" for name, value in options.items())
    connection = KillableConnection.connect(url, autocommit=True, options=flags)
    connection.cursor_factory = KillableCursor
    return connection  # type: ignore[return-value]


def run_and_kill(work: Callable[[], object], kill_at: int) -> bool:
    """Run work in a child process that dies at its `kill_at`-th point; return whether it died there."""
    return is_killed(begin(work, kill_at))


def begin(work: Callable[[], object], kill_at: int) -> int:
    """Begin work in a child process that dies at its `kill_at`-th point, and return its id."""
    child = os.fork()
    if child == 0:
        code = 3
        try:
            SWITCH.count, SWITCH.kill_at = 0, kill_at
            loading.connect = runs.connect = killable_connect  # type: ignore[assignment]
            work()
            code = 0
        finally:
            os._exit(code)
    return child


def is_killed(child: int) -> bool:
    """Wait for a child process and return whether it was killed; fails if the work did."""
    status = os.waitpid(child, 0)[1]
    assert os.WIFSIGNALED(status) or os.WEXITSTATUS(status) == 0, "the work failed before the kill"
    return os.WIFSIGNALED(status)


def note(key: str, body: str, **fields: Any) -> Record:
    return {"id": key, "body": body, **fields}


FIRST, SECOND = "2026-10-05T01:00:00Z", "2026-10-05T02:00:00Z"
PAGES = [
    Page([note("a", "one", changed=FIRST), note("b", "one", changed=FIRST)], cursor="1"),
    Page(
        [note("c", "one"), note("a", "two", changed=SECOND)],
        rejected=[Rejected("ragged_row", "2 cells", "x,y", "line 3")],
        cursor="2",
    ),
    Page(
        [note("b", "two", changed=SECOND), note("seen", "before"), note("", "no key"), note("a", "one", changed=FIRST)],
        cursor="3",
        file=("notes.csv", "cafe"),
    ),
]


def notes_of(name: str, pages: list[Page]) -> Source:
    """Return a source of these pages that goes on after a cursor, as APIs do."""

    def extract(request: Request) -> Iterator[Page]:
        for page in pages[int(request.cursor or 0) :]:
            SWITCH.step()
            yield page
        SWITCH.step()

    notes = Resource(
        name="notes",
        extract=extract,
        key=lambda record: record["id"],
        event_at=lambda _: None,
        version_at=lambda record: record.get("changed"),
        description="Notes.",
        deletions="none",
    )
    return Source(name, name, "Notes.", (notes,), check=lambda _: None)


def load(source: Source, window: Window = DAY) -> loading.LoadCounts:
    return loading.load_resource(source, source.resources[0], Connection("memory://"), window, "run")


def query(settings: Settings, statement: str) -> list[tuple[Any, ...]]:
    with connect(settings.warehouse_admin_url) as admin:
        cursor = admin.execute(statement)  # type: ignore[arg-type]
        return cursor.fetchall() if cursor.description else []


def landed(settings: Settings, source: str) -> list[list[tuple[Any, ...]]]:
    """Return all that a source's loads left for others to see, without ids and clock times."""
    return [
        query(settings, statement.format(source=source))
        for statement in (
            "select _record_key, _version_at, _record_hash, payload from raw_{source}.notes order by _extracted_at",
            "select reason, position, content from raw.quarantine where source = '{source}' order by 1, 2, 3",
            "select file_sha256, file_name from raw.landed_files where source = '{source}'",
            "select distinct window_start, window_end from raw.completed_loads where source = '{source}'",
        )
    ]


def miscounted_loads(settings: Settings, source: str) -> list[tuple[Any, ...]]:
    """Return the loads whose ledger row does not count the rows they have in raw."""
    return query(
        settings,
        "select load_id, appended_count, count(notes._load_id) from raw.load_ledger"
        f" left join raw_{source}.notes as notes on load_id = _load_id where source = '{source}'"
        " group by load_id having appended_count <> count(notes._load_id)",
    )


@pytest.fixture
def small_batches(warehouse: Settings, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """Commit every two records, send COPY row by row, and end a batch with each page."""
    monkeypatch.setattr(batches, "BATCH_RECORDS", 2)
    monkeypatch.setattr(batches, "BATCH_SECONDS", 0.0)
    monkeypatch.setattr(batches, "COPY_CHUNK", 1)
    return warehouse


def prepared_source(settings: Settings, name: str) -> Source:
    """Register a source in which one record was landed and checked the day before."""
    source = notes_of(name, PAGES)
    prepare(settings, (source,))
    load(notes_of(name, [Page([note("seen", "before")])]), DAY_BEFORE)
    query(settings, f"update raw.load_ledger set status = 'checked' where source = '{name}'")
    return source


def let_in(settings: Settings, name: str) -> None:
    query(settings, f"update raw.load_ledger set status = 'checked' where source = '{name}' and status = 'loaded'")


def test_a_load_killed_anywhere_and_run_again_leaves_what_a_load_never_killed_leaves(small_batches: Settings) -> None:
    load(prepared_source(small_batches, "whole"))
    let_in(small_batches, "whole")
    expected = landed(small_batches, "whole")
    assert [len(rows) for rows in expected] == [6, 2, 1, 2]
    kill_at, was_killed = 0, True
    while was_killed:
        kill_at += 1
        name = f"killed{kill_at}"
        source = prepared_source(small_batches, name)
        was_killed = run_and_kill(lambda source=source: load(source), kill_at)
        _wait_until_gone(small_batches)
        assert miscounted_loads(small_batches, name) == []
        assert landed(small_batches, name)[3] == [(DAY_BEFORE.start, DAY_BEFORE.end)], "unfinished rows were let in"
        if was_killed and run_and_kill(lambda source=source: load(source), 1 + kill_at // 2):
            _wait_until_gone(small_batches)
            load(source)
        let_in(small_batches, name)
        assert landed(small_batches, name) == expected, f"killed at point {kill_at}"
    assert kill_at > 60, "the kill points do not cover the load"
    assert query(small_batches, "select count(*) from raw.load_ledger where status = 'running'") == [(0,)]


def test_two_windows_landed_at_once_leave_what_one_after_the_other_leaves(small_batches: Settings) -> None:
    rejected = [Rejected("ragged_row", "2 cells", f"x,{number}", f"line {number}") for number in range(20)]

    def pages(day: int) -> list[Page]:
        numbers = range(40) if day else range(39, -1, -1)
        version = f"2026-10-0{5 + day}T00:00:00Z"
        records = [note(str(number), f"as of {day if number % 2 else 0}", changed=version) for number in numbers]
        turned = rejected if day else rejected[::-1]
        return [
            Page(records[start : start + 4], rejected=turned[start // 2 : start // 2 + 2], file=("f", "f"))
            for start in range(0, 40, 4)
        ]

    windows = (DAY_BEFORE, DAY)
    states = []
    for name in ("serial", "parallel"):
        sources = [notes_of(name, pages(day)) for day in (0, 1)]
        prepare(small_batches, (sources[0],))
        runs = [lambda day=day, sources=sources: load(sources[day], windows[day]) for day in (0, 1)]
        if name == "serial":
            killed = [run_and_kill(run, NEVER) for run in runs]
        else:
            killed = [is_killed(child) for child in [begin(run, NEVER) for run in runs]]
        assert killed == [False, False]
        let_in(small_batches, name)
        newest = query(
            small_batches,
            f"select distinct on (_record_key) _record_key, payload from raw_{name}.notes"
            " order by _record_key, _version_at desc, _extracted_at desc",
        )
        states.append((newest, [sorted(rows, key=repr) for rows in landed(small_batches, name)[1:]]))
    assert states[0] == states[1]
    assert len(states[0][0]) == 40
    assert query(small_batches, "select distinct status from raw.load_ledger") == [("checked",)]


STAR = """
create schema marts; create schema intermediate;
create table marts.fct_interactions (interaction_id text, source_conversation_id text, body text);
create table marts.dim_markets (market_code text, label text);
create table marts.dim_gone (market_code text);
create table intermediate.int_conversations_touched (source_conversation_id text);
insert into marts.fct_interactions values ('1', 'x:1', 'old'), ('2', 'x:2', 'old');
insert into marts.dim_markets values ('us', 'old');
insert into intermediate.int_conversations_touched values ('x:1'), ('x:2');
"""
NEXT_STAR = """
update marts.fct_interactions set body = 'new' where interaction_id = '2';
insert into marts.fct_interactions values ('3', 'x:2', 'new');
alter table marts.dim_markets add is_home boolean;
update marts.dim_markets set label = 'new';
drop table marts.dim_gone;
create table marts.dim_new (id text); insert into marts.dim_new values ('n');
"""


def shown(settings: Settings) -> list[list[tuple[Any, ...]]]:
    """Return all that BI users see but the time of publication, as BI users see it."""
    with connect(settings.warehouse_reader_url) as reader:
        tables = reader.execute(
            "select tablename from pg_tables where schemaname = 'bi'"
            " and tablename not in ('activations', 'market_entitlements') order by 1"  # no publication writes these
        ).fetchall()
        rows = [
            reader.execute(f"select * from bi.{name} order by 1").fetchall()
            for (name,) in tables
            if name != "publications"
        ]  # type: ignore[arg-type]
        return [tables, *rows, reader.execute("select transform_id, table_counts from bi.publications").fetchall()]


def checked_day(settings: Settings, day: int) -> None:
    query(
        settings,
        "insert into raw.load_ledger (source, resource, window_start, window_end, attempt, run_id, status)"
        f" values ('x', 'posts', '2026-10-0{day}', '2026-10-0{day + 1}', 1, 'run', 'checked')",
    )


def test_a_publication_killed_anywhere_shows_the_old_or_the_new_version_and_converges(warehouse: Settings) -> None:
    with connect(warehouse.warehouse_transformer_url) as transformer:
        transformer.execute(STAR)
    checked_day(warehouse, 1)
    publication.publish(runs.begin_transform("first") or 0)
    with connect(warehouse.warehouse_transformer_url) as transformer:
        transformer.execute(NEXT_STAR)
    checked_day(warehouse, 2)
    transform_id = runs.begin_transform("second") or 0
    before = shown(warehouse)
    kill_at, states = 0, []
    while not states or states[-1] == before:
        kill_at += 1
        run_and_kill(lambda: publication.publish(transform_id), kill_at)
        _wait_until_gone(warehouse)
        states.append(shown(warehouse))
    assert kill_at > 30, "the kill points do not cover the publication"
    after = states[-1]
    publication.publish(transform_id)
    assert shown(warehouse) == after
    assert after[0] == [("dim_markets",), ("dim_new",), ("fct_interactions",), ("publications",)]
    assert after[1:4] == [
        [("us", "new", None)],
        [("n",)],
        [("1", "x:1", "old"), ("2", "x:2", "new"), ("3", "x:2", "new")],
    ]
    assert query(warehouse, "select status from ops.transform_runs order by 1") == [("published",)] * 2


def test_a_transform_killed_while_it_begins_leaves_its_loads_pending(warehouse: Settings) -> None:
    checked_day(warehouse, 1)
    kill_at, was_killed = 0, True
    while was_killed:
        kill_at += 1
        was_killed = run_and_kill(lambda: runs.begin_transform("killed"), kill_at)
        _wait_until_gone(warehouse)
    assert kill_at > 8
    assert runs.begin_transform("again") is not None
    assert query(warehouse, "select count(*) from ops.pending_loads") == [(1,)]
    assert query(warehouse, "select count(*) from ops.transform_runs where status = 'running'") == [(1,)]


def _wait_until_gone(settings: Settings) -> None:
    """Wait until the server has noticed that its client died and let go of its locks."""
    sessions = "select 1 from pg_stat_activity where datname = current_database() and usename in"
    while query(settings, f"{sessions} ('loader', 'transformer')"):
        time.sleep(0.01)
