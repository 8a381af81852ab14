"""Distributes batches of work over the cores, without starting a process for a handful of texts."""

import multiprocessing
import os
import signal
import threading
from collections import deque
from collections.abc import Callable, Generator, Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from contextlib import contextmanager
from itertools import islice
from typing import Final, TypeVar

Batch = TypeVar("Batch")
Result = TypeVar("Result")

# Starting processes takes about half a second, in which one core processes this much itself.
_BATCHES_ALONE: Final = 12
_BATCHES_AHEAD_PER_CORE: Final = 2


def spread(function: Callable[[Batch], Result], batches: Iterable[Batch]) -> Generator[Result, None, None]:
    """Yield `function(batch)` for each batch, in order, reading only a few batches ahead."""
    remaining = iter(batches)
    yield from map(function, islice(remaining, _BATCHES_ALONE))
    cores = _count_cores()
    if cores == 1:
        yield from map(function, remaining)
        return
    # Spawned, because a forked child would share the caller's database connections and locks.
    pool = ProcessPoolExecutor(cores, multiprocessing.get_context("spawn"), initializer=_end_with_parent)
    try:
        waiting: deque[Future[Result]] = deque()
        for batch in remaining:
            with _interrupts_for_us_alone():
                waiting.append(pool.submit(function, batch))
            if len(waiting) > cores * _BATCHES_AHEAD_PER_CORE:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()
    finally:
        pool.shutdown(cancel_futures=True)


def _end_with_parent() -> None:
    """End this process when its parent is killed: otherwise it would wait for work for ever, and keep its memory."""

    def wait_and_end() -> None:
        if parent := multiprocessing.parent_process():
            parent.join()
            os._exit(1)

    threading.Thread(target=wait_and_end, daemon=True).start()


@contextmanager
def _interrupts_for_us_alone() -> Iterator[None]:
    """Keep Ctrl-C from processes that start meanwhile: we end them, without a traceback of each."""
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _count_cores() -> int:
    # A daemonic process, such as a worker of some task queues, may not start children.
    return 1 if multiprocessing.current_process().daemon else os.cpu_count() or 1
