"""Batches over several processes: all of them, in order, and only a few at a time."""

import itertools
import multiprocessing
import os
import subprocess
import sys

import pytest

from social_crm.enrichment import parallel
from social_crm.enrichment.parallel import spread
from social_crm.settings import PROJECT_ROOT


def name_process(number: int) -> tuple[int, int]:
    return number, os.getpid()


def name_processes() -> None:
    """Print without end which processes answer."""
    for number, pid in spread(name_process, itertools.count()):
        if number >= 12:
            print(pid, flush=True)


def refuse_thirty(number: int) -> int:
    if number == 30:
        raise ValueError("thirty")
    return number


@pytest.fixture(autouse=True)
def _two_cores(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parallel, "_count_cores", lambda: 2)


def test_a_few_batches_stay_in_this_process() -> None:
    assert list(spread(name_process, range(12))) == [(number, os.getpid()) for number in range(12)]


def test_many_batches_go_to_other_processes_and_keep_their_order() -> None:
    answers = list(spread(name_process, range(60)))
    assert [number for number, _ in answers] == list(range(60))
    assert {pid for _, pid in answers[12:]}.isdisjoint({os.getpid()})


def test_batches_are_read_only_a_little_ahead() -> None:
    numbers = itertools.count(100)
    answers = spread(refuse_thirty, numbers)
    for _ in range(20):
        next(answers)
    assert next(numbers) - 100 <= 20 + 2 * 2 + 1
    answers.close()
    assert not multiprocessing.active_children()


def test_an_error_in_another_process_reaches_the_caller() -> None:
    with pytest.raises(ValueError, match="thirty"):
        list(spread(refuse_thirty, range(60)))
    assert not multiprocessing.active_children()


def test_processes_end_with_the_one_that_was_killed() -> None:
    program = "from unit.enrichment.test_parallel import *; parallel._count_cores = lambda: 2; name_processes()"
    environment = {**os.environ, "PYTHONPATH": f"{PROJECT_ROOT / 'plugins'}:{PROJECT_ROOT / 'tests'}"}
    killed = subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, text=True, env=environment)
    assert killed.stdout
    others = {int(killed.stdout.readline()) for _ in range(40)}
    killed.kill()
    # Whoever is left holds the pipe open, too.
    killed.communicate(timeout=20)
    assert len(others) == 2
