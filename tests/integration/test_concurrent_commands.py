"""Commands that run at the same time: neither ends the other, waits for ever, or takes what the other needs."""

import os
import socket
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager, suppress
from threading import Event
from typing import Any

import psycopg
import pytest

from social_crm.database import connect, preparation
from social_crm.database.preparation import prepare
from social_crm.errors import TransformInProgress
from social_crm.landing.batches import BatchWriter
from social_crm.privacy import erasure_sweep
from social_crm.privacy.erasure import reapply
from social_crm.settings import Settings, load_settings
from social_crm.sources import SOURCES
from social_crm.sources.model import Source
from social_crm.transform import runs
from social_crm.transform.dbt_runner import run_models
from social_crm.transform.runs import begin_transform, held
from worlds.erased_person import post, request
from worlds.star_warehouse import StarWarehouse

PATIENCE_SECONDS = 120.0
# Two tables set aside by a run that was killed, with two views over both, which their drops meet in opposite orders.
SET_ASIDE = """
create table marts.dim_sla_policy__dbt_backup (first int, second int);
create table marts.dim_business_window__dbt_backup (first int, second int);
create view marts.one as
select policies.first, windows.second from marts.dim_sla_policy__dbt_backup as policies
cross join marts.dim_business_window__dbt_backup as windows;
create view marts.other as
select policies.second, windows.first from marts.dim_sla_policy__dbt_backup as policies
cross join marts.dim_business_window__dbt_backup as windows;
"""


def wait_until(is_true: Callable[[], bool]) -> None:
    end = time.monotonic() + PATIENCE_SECONDS
    while not is_true():
        assert time.monotonic() < end, "what the test waits for does not come"
        time.sleep(0.05)


def waiting(settings: Settings) -> list[str]:
    """Return what sessions of the warehouse wait for: names of tables and views, or kinds of locks."""
    query = (
        "select coalesce(relation::regclass::text, locktype) from pg_locks where not granted and pid in"
        " (select pid from pg_stat_activity where datname = current_database()) order by 1"
    )
    with connect(settings.warehouse_admin_url) as admin:
        return [name for (name,) in admin.execute(query)]


@contextmanager
def holding(url: str, statement: str) -> Iterator[psycopg.Connection]:
    """Keep what a statement locks until the end, or until the session rolls back."""
    with psycopg.connect(url) as session:
        session.execute(statement.encode())
        yield session
        session.rollback()


def test_two_models_that_drop_what_the_same_views_read_do_not_wait_for_each_other(
    star: StarWarehouse,
) -> None:
    settings = load_settings()
    models = ["dim_sla_policy", "dim_business_window"]
    left = "select count(*) from pg_class where relname like 'dim%dbt_backup' or relname in ('one', 'other')"
    locks = "select count(*) from pg_locks where locktype = 'advisory' and database = (select oid from pg_database where datname = current_database())"  # noqa: E501 -- a query of ours, as long as it is
    read = "lock table seeds.business_calendars, seeds.sla_clock_statuses in access exclusive mode"
    with connect(settings.warehouse_transformer_url) as transformer:
        transformer.execute(SET_ASIDE)
    with ThreadPoolExecutor(1) as thread, holding(settings.warehouse_admin_url, read):
        # Which locks the views and not, as a query would, what they read.
        views = "comment on view marts.one is 'held'; comment on view marts.other is 'held'"
        with holding(settings.warehouse_admin_url, views):
            # Only one has begun to drop; the other waits for its turn.
            building = thread.submit(run_models, models)
            wait_until(lambda: building.done() or len(waiting(settings)) == 2)
            assert waiting(settings) in (["advisory", "marts.one"], ["advisory", "marts.other"])
            assert star.one(left) == 4
        # Both models are being made: what they dropped is gone for all, and nobody is kept from dropping.
        wait_until(lambda: building.done() or (len(waiting(settings)) == 2 and star.one(left) == 0))
        assert waiting(settings) == ["seeds.business_calendars", "seeds.sla_clock_statuses"]
        assert star.one(locks) == 0
    assert [result.status for result in building.result()] == ["success"] * 2


def test_who_ends_a_part_and_who_begins_a_transform_do_not_wait_for_each_other(
    landed: StarWarehouse, warehouse: Settings
) -> None:
    landed.land("phone.calls", [])
    transform_id = begin_transform("test")
    assert transform_id is not None
    with ThreadPoolExecutor(1) as thread:
        with held(transform_id, needs="begun", leaves="staged"):
            beginning = thread.submit(begin_transform, "other")
            wait_until(lambda: waiting(warehouse) == ["ops.transform_loads"])
            # By now the server has looked whether it waits for us: of two who do, we would be the one that is ended.
            time.sleep(1.2)
        with suppress(TransformInProgress):
            beginning.result()
    assert landed.one("select count(*) from ops.transform_runs where step = 'staged'") == 1


def test_a_part_is_not_lost_to_somebody_who_holds_its_last_table_for_a_while(
    landed: StarWarehouse, warehouse: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(runs, "LOCK_TIMEOUT", "100ms")
    landed.land("phone.calls", [])
    transform_id = begin_transform("test")
    assert transform_id is not None
    alter = "lock table ops.transform_runs in access exclusive mode"
    with ThreadPoolExecutor(1) as thread, held(transform_id, needs="begun", leaves="staged"):
        altering = connect(warehouse.warehouse_admin_url)
        altering.execute(f"begin; {alter}".encode())
        thread.submit(time.sleep, 1).add_done_callback(lambda _: altering.close())
    assert landed.one("select count(*) from ops.transform_runs where step = 'staged'") == 1


def test_preparing_waits_for_nobody_who_builds(
    landed: StarWarehouse, warehouse: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(preparation, "LOCK_TRIES", 1)
    landed.land("phone.calls", [])
    transform_id = begin_transform("test")
    assert transform_id is not None
    with held(transform_id, needs="begun", leaves="staged"):
        prepare(warehouse, SOURCES)


def test_preparing_gives_up_before_it_stops_what_runs_and_says_who_that_is(
    landed: StarWarehouse, warehouse: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(preparation, "LOCK_TRIES", 2)
    monkeypatch.setattr(preparation, "SECONDS_BETWEEN_TRIES", 0.1)
    record, told = BatchWriter._record, list[str]()

    def record_beside(writer: BatchWriter, *counted: Any) -> None:
        # Its rows are copied; what the ledger is told, preparing would have to wait for, and this for preparing.
        with ThreadPoolExecutor(1) as thread:
            preparing = thread.submit(prepare, warehouse, SOURCES)
            wait_until(lambda: preparing.done() or bool(waiting(warehouse)))
            record(writer, *counted)
            told.append(str(preparing.exception()))

    with monkeypatch.context() as patch:
        patch.setattr(BatchWriter, "_record", record_beside)
        landed.land("x.posts", [post(7001, 8800771, "AnnOak", "hello")])
    assert "the warehouse is in use by loader (pid " in told[0]
    assert landed.one("select appended_count from raw.load_ledger where source = 'x'") == 1
    monkeypatch.setattr(preparation, "SECONDS_BETWEEN_TRIES", 1.0)
    with (
        ThreadPoolExecutor(1) as thread,
        holding(warehouse.warehouse_transformer_url, "select from ops.transform_runs") as reader,
    ):
        preparing = thread.submit(prepare, warehouse, SOURCES)
        wait_until(lambda: bool(waiting(warehouse)))
        reader.rollback()
        preparing.result()


def test_preparing_ends_nobody_who_has_waited_for_it_for_long(
    landed: StarWarehouse, warehouse: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(preparation, "SECONDS_BETWEEN_TRIES", 0.1)
    record, ensure, has_ledger = BatchWriter._record, preparation._ensure_raw_tables, Event()

    def ensure_late(admin: psycopg.Connection, source: Source) -> None:
        if source.name == "x" and not has_ledger.is_set():
            has_ledger.set()
            # The server looks after a second whether two wait for each other.
            time.sleep(0.8)
        ensure(admin, source)

    monkeypatch.setattr(preparation, "_ensure_raw_tables", ensure_late)
    with ThreadPoolExecutor(1) as thread:

        def record_beside(writer: BatchWriter, *counted: Any) -> None:
            preparing.append(thread.submit(prepare, warehouse, SOURCES))
            has_ledger.wait(PATIENCE_SECONDS)
            record(writer, *counted)

        preparing = list[Future[None]]()
        with monkeypatch.context() as patch:
            patch.setattr(BatchWriter, "_record", record_beside)
            landed.land("x.posts", [post(7001, 8800771, "AnnOak", "hello")])
        preparing[0].result()
    assert landed.one("select appended_count from raw.load_ledger where source = 'x'") == 1


def test_forgetting_the_erased_waits_for_who_links_them(landed: StarWarehouse, warehouse: Settings) -> None:
    request("x:8800771")
    landed.admin.execute(
        "insert into enriched.author_profiles values ('x', '8800771', 'Ann Oakley', 'annoak');"
        "insert into enriched.identity_links values ('x', '8800771', 'C-1', 0.99, 'handle', 'test')"
    )
    with ThreadPoolExecutor(1) as thread:
        # In the order of link_identities, which compares in between.
        with connect(warehouse.warehouse_transformer_url) as linking, linking.transaction():
            linking.execute("delete from enriched.author_profiles")
            forgetting = thread.submit(reapply)
            wait_until(lambda: bool(waiting(warehouse)))
            time.sleep(1.2)
            linking.execute("delete from enriched.identity_links")
        forgetting.result()


def test_scores_that_a_transform_may_have_found_are_not_forgotten(
    star: StarWarehouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    star.land("x.posts", [post(7001, 8800771, "AnnOak", "secretword")])
    star.transform()
    request("x:8800771")
    star.transform()
    star.admin.execute(
        "insert into enriched.text_sentiment (text_key, scorer_version, language, unscored_reason)"
        " values ('said before', 'any', 'en', 'no_text')"
    )
    star.land("x.posts", [post(7002, 8800772, "bo", "said before")], day=1)
    forget = erasure_sweep._FORGET_SCORES
    begun = list[int | None]()

    class Meanwhile:
        """Begins a transform while scores are deleted."""

        def format(self, table: Any) -> Any:
            begun.extend([] if begun else [begin_transform("test")])
            return forget.format(table)

    with monkeypatch.context() as patch:
        patch.setattr(erasure_sweep, "_FORGET_SCORES", Meanwhile())
        reapply()
    scores = "select count(*) from enriched.text_sentiment where text_key = 'said before'"
    assert begun != []
    assert star.one(scores) == 1
    star.admin.execute("update ops.transform_runs set status = 'failed' where status = 'running'")
    reapply()
    assert star.one(scores) == 0


@pytest.mark.parametrize(("setting", "seconds"), [("", 60), ("?keepalives_idle=7", 7)])
def test_a_session_that_waits_for_others_keeps_its_way_to_the_server_open(
    setting: str, seconds: int, warehouse: Settings
) -> None:
    url = warehouse.warehouse_transformer_url + setting
    # As the system itself says of the session's socket.
    with connect(url) as session, socket.socket(fileno=os.dup(session.fileno())) as way:
        assert way.getsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE)
        assert way.getsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPIDLE) == seconds


def test_what_a_url_sets_stands_beside_what_we_set(warehouse: Settings) -> None:
    with connect(f"{warehouse.warehouse_transformer_url}?options=-c%20work_mem%3D2MB", lock_timeout="3s") as session:
        shown = [session.execute(f"show {name}".encode()).fetchone() for name in ("work_mem", "lock_timeout")]
    assert shown == [("2MB",), ("3s",)]
