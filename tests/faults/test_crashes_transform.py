"""A transform killed by SIGKILL after any of its commits, then run again, gives what one never killed gives.

Every commit is a side effect. Each run is killed 150 commits later than the one before, until one ends first; with
`WAREHOUSE_KILL_EVERY=1`, one commit later.
"""

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
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


# Forks what was imported once, which takes longer than a transform.
PROGRAM = """
import os, signal, sys
from quick_dbt import quickly
from social_crm.transform import dbt_runner

dbt_runner.invoke_dbt = quickly(dbt_runner.invoke_dbt)
import dbt.cli.main
from dbt.adapters.postgres.connections import PostgresConnectionManager as Dbt
from psycopg import Transaction
from worlds import real_flow

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
for line in sys.stdin:
    left = int(line)
    child = os.fork()
    if child == 0:
        real_flow.transform()
        os._exit(0)
    print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), flush=True)
"""


@contextmanager
def killable_transforms() -> Iterator[Callable[[int], int]]:
    """Yield a function that runs one transform in a process that dies after its n-th commit, and returns its code."""
    paths = [str(PROJECT_ROOT / "plugins"), str(PROJECT_ROOT / "tests")]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(paths)}
    command = [sys.executable, "-c", PROGRAM]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environment) as parent:

        def run(dying_after: int) -> int:
            assert parent.stdin
            assert parent.stdout
            print(dying_after, file=parent.stdin, flush=True)
            return int(parent.stdout.readline())

        yield run


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
    with copy_in_use(postgres_server, loaded, tmp_path / "killed") as killed, killable_transforms() as run:
        # Until one is over before it would be killed.
        while code := run(1 + kills * KILL_EVERY):
            assert code == -signal.SIGKILL
            kills += 1
            # Readers see all of the old version until all of the new one is there.
            shown = bi_contents(killed)
            assert {} in (differences(shown, before), differences(shown, expected))
            if not differences(shown, expected):
                break
        assert differences(bi_contents(killed), expected) == {}
    assert kills > 1
