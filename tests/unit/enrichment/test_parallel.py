"""Batches over several processes: all of them, in order, and only a few at a time."""

import itertools
import multiprocessing
import os

import pytest

from social_crm.enrichment import parallel
from social_crm.enrichment.parallel import spread


def name_process(number: int) -> tuple[int, int]:
    return number, os.getpid()


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
