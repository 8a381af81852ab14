"""Rarer garbage collection, where very many objects are made and freed without it."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager

# At the default of 700, it takes half of the time of reading records, and a second of each transform for dbt's objects.
GARBAGE_THRESHOLD = 100_000


@contextmanager
def rare_garbage_collection() -> Iterator[None]:
    """Look for cyclic garbage a hundred times less often."""
    thresholds = gc.get_threshold()
    gc.set_threshold(GARBAGE_THRESHOLD, *thresholds[1:])
    try:
        yield
    finally:
        gc.set_threshold(*thresholds)
