"""When the demo reads, and how the story is read here."""

import json
from datetime import datetime

FIRST_READ, SECOND_READ = "2026-11-08T00:00:00Z", "2026-11-09T00:00:00Z"


def seconds(start, end):
    """Return the seconds between two stamps."""
    return int((datetime.fromisoformat(end) - datetime.fromisoformat(start)).total_seconds())


def read(path):
    """Return the records of a JSON lines file."""
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
