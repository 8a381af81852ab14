"""A backfill of two days, newest first, beside the daily run and its transforms, gives what days in order give."""

from collections.abc import Iterator
from concurrent.futures import Future, ProcessPoolExecutor, wait
from datetime import datetime, timedelta
from multiprocessing import get_context
from pathlib import Path

import pytest

from social_crm.database import connect
from social_crm.local import postgres
from social_crm.settings import Settings
from social_crm.sources.model import Window
from social_crm.transform.runs import begin_transform
from worlds.real_flow import land_source, transform
from worlds.sample_company import Connections, bi_contents, differences, move_clock, running_company
from worlds.warehouses import copy_warehouse, drop_warehouse, use_warehouse

FIRST_DAY = datetime.fromisoformat("2026-10-26T00:00:00Z")
DAYS = [Window(FIRST_DAY + timedelta(days=day), FIRST_DAY + timedelta(days=day + 1)) for day in range(3)]
# All of them would take twice as long, and go the same ways: threads, cases with changes, calls, files, the CRM.
AMONG = ("complaints", "crm", "facebook", "intercom", "phone", "x", "zendesk")


def land_day(company: Connections, window: Window) -> None:
    """Land one day, as the ingest DAGs of that day would."""
    for source in AMONG:
        land_source(source, company[source], window)


@pytest.fixture(scope="module")
def company(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Connections]:
    """Serve the company as it stands an hour after its third day."""
    with running_company(tmp_path_factory.mktemp("company")) as connections:
        move_clock(connections, "2026-10-29T01:00:00Z")
        yield connections


def is_pending(settings: Settings) -> bool:
    """Return whether a checked load waits for a transform."""
    with connect(settings.warehouse_admin_url) as admin:
        row = admin.execute(
            "select count(*) from raw.completed_loads where load_id not in (select load_id from ops.transform_loads)"
        ).fetchone()
        return row != (0,)


def test_a_backfill_beside_the_daily_run_equals_days_in_order(
    postgres_server: postgres.EmbeddedServer,
    published_void: Settings,
    company: Connections,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    in_order = copy_warehouse(postgres_server, tmp_path / "in_order", published_void)
    use_warehouse(in_order, monkeypatch)
    for window in DAYS:
        land_day(company, window)
    transform()
    expected = bi_contents(in_order)
    assert expected["fct_interactions"].total() > 1000
    drop_warehouse(postgres_server, in_order)

    beside = copy_warehouse(postgres_server, tmp_path / "beside", published_void)
    use_warehouse(beside, monkeypatch)
    with ProcessPoolExecutor(2, mp_context=get_context("spawn")) as backfill:
        landed: list[Future[None]] = [backfill.submit(land_day, company, window) for window in DAYS[1::-1]]
        land_day(company, DAYS[2])
        transforms = 0
        while wait(landed, timeout=0).not_done:
            if is_pending(beside):
                transform()
                transforms += 1
        for future in landed:
            future.result()
    assert transforms > 0
    if is_pending(beside):
        transform()
    assert begin_transform("nothing is left") is None
    assert differences(bi_contents(beside), expected) == {}
    drop_warehouse(postgres_server, beside)
