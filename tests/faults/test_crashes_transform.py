"""A transform killed by SIGKILL after any of its commits, then run again, gives what one never killed gives.

Every commit is a side effect. Each run is killed 150 commits later than the one before, until one ends first; with
`WAREHOUSE_KILL_EVERY=1`, one commit later.
"""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import pytest

from social_crm.local import postgres
from social_crm.settings import PROJECT_ROOT, Settings
from social_crm.sources.model import Window
from worlds.real_flow import land_source, transform
from worlds.sample_company import Connections, bi_contents, differences, move_clock
from worlds.warehouses import copy_in_use, copy_warehouse, drop_warehouse, in_use, keep_as

KILL_EVERY = int(os.environ.get("WAREHOUSE_KILL_EVERY", "150"))
FIRST = Window(datetime.fromisoformat("2026-10-26T00:00:00Z"), datetime.fromisoformat("2026-10-28T00:00:00Z"))
SECOND = Window(FIRST.end, datetime.fromisoformat("2026-10-29T00:00:00Z"))


def kill_program(after_commits: int) -> str:
    """Return a program that runs one transform and dies right after its n-th commit."""
    return f"""
import os, signal
from dbt.adapters.postgres.connections import PostgresConnectionManager as Dbt
from psycopg import Transaction
from worlds import real_flow

left = {after_commits}

def committed():
    global left
    left -= 1
    if left == 0:
        os.kill(os.getpid(), signal.SIGKILL)

def then_count(method):
    def wrapped(*args, **named):
        answer = method(*args, **named)
        committed()
        return answer
    return wrapped

Dbt.commit = then_count(Dbt.commit)
Transaction.__exit__ = then_count(Transaction.__exit__)
real_flow.transform()
"""


def run_program(program: str) -> subprocess.CompletedProcess[str]:
    environment = {
        **os.environ,
        "PYTHONPATH": os.pathsep.join([str(PROJECT_ROOT / "plugins"), str(PROJECT_ROOT / "tests")]),
    }
    return subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, env=environment, check=False)


def land_days(company: Connections, window: Window) -> None:
    """Land the company's sources for a window, read an hour after its end."""
    move_clock(company, f"{window.end:%Y-%m-%d}T01:00:00Z")
    for source, connection in company.items():
        land_source(source, connection, window)


@pytest.fixture(scope="module")
def loaded(
    postgres_server: postgres.EmbeddedServer,
    published_void: Settings,
    company: Connections,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Settings]:
    """Give a warehouse with two days published and a third landed, to be copied."""
    directory = tmp_path_factory.mktemp("loaded")
    settings = copy_warehouse(postgres_server, directory, published_void)
    with in_use(settings):
        land_days(company, FIRST)
        transform()
        land_days(company, SECOND)
    # Its copies take its name one after the other, and with it what dbt parsed.
    kept = keep_as(postgres_server, settings, "loaded")
    yield kept
    drop_warehouse(postgres_server, kept)


def test_a_killed_transform_run_again_equals_one_never_killed(
    postgres_server: postgres.EmbeddedServer, loaded: Settings, tmp_path: Path
) -> None:
    with copy_in_use(postgres_server, loaded, tmp_path / "whole") as whole:
        before = bi_contents(whole)
        transform()
        expected = bi_contents(whole)
        assert expected["fct_interactions"].total() > 500

    kills = 0
    with copy_in_use(postgres_server, loaded, tmp_path / "killed") as killed:
        # Until one is over before it would be killed.
        while (done := run_program(kill_program(1 + kills * KILL_EVERY))).returncode:
            assert done.returncode == -signal.SIGKILL, done.stderr[-2000:]
            kills += 1
            # Readers see all of the old version until all of the new one is there.
            shown = bi_contents(killed)
            assert {} in (differences(shown, before), differences(shown, expected))
            if not differences(shown, expected):
                break
        assert differences(bi_contents(killed), expected) == {}
    assert kills > 1
