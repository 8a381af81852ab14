"""When the demo reads, and helpers for reading the story."""

import json
from datetime import datetime

# The demo's three steps: everything before the first time is read when the clock shows the second.
READS = [
    ("2026-11-02T00:00:00Z", "2026-11-02T01:00:00Z"),
    ("2026-11-08T00:00:00Z", "2026-11-08T01:00:00Z"),
    ("2026-11-09T00:00:00Z", "2026-11-09T01:00:00Z"),
]


def read_of(at):
    """Return the time of the step whose days include `at`."""
    return next(read_at for end, read_at in READS if at < end)


def seconds(start, end):
    """Return the seconds between two stamps."""
    return int((datetime.fromisoformat(end) - datetime.fromisoformat(start)).total_seconds())


def read(path):
    """Return the records of a JSON lines file."""
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
