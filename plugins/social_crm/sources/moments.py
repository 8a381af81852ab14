"""Timestamps as sources write them."""

import re
from datetime import UTC, datetime, timedelta
from typing import Any

_LEAP_SECOND = re.compile(r"(?<=[T ]\d\d:\d\d):60(?!\d)")


def read_iso(text: str) -> datetime:
    """Read ISO 8601 (a leap second counts as the second after it); raises ValueError for anything else."""
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        told = _LEAP_SECOND.sub(":59", text)
        if told == text or text.startswith("9999-12-31"):  # the last possible second
            raise
        return datetime.fromisoformat(told) + timedelta(seconds=1)


def moment_of(stamp: Any) -> datetime | None:
    """Read ISO 8601 or epoch seconds; the expectations report a value that is neither."""
    try:
        moment = datetime.fromtimestamp(stamp, UTC) if isinstance(stamp, int | float) else read_iso(stamp)
    except (TypeError, ValueError, OverflowError, OSError):
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
