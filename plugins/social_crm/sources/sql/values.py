"""Values of SQL columns as JSON: nothing rounded, every moment with its zone."""

from datetime import UTC, date, datetime, time
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from social_crm.sources.moments import read_iso


def to_json(value: Any, is_stamp: bool, zone: ZoneInfo) -> Any:
    """Return the value for JSON; times without a zone are in `zone`, also if they are stored as text."""
    if is_stamp and isinstance(value, str):
        value = _stamp(value)
    if isinstance(value, datetime):
        try:
            return value.replace(tzinfo=value.tzinfo or zone).astimezone(UTC).isoformat()
        except OverflowError:  # the first or last possible day, which stands for "never"
            return value.isoformat()
    if isinstance(value, date | time):
        return value.isoformat()
    if isinstance(value, Decimal):
        return format(value, "f")
    if isinstance(value, bytes | memoryview):
        return bytes(value).hex()
    if isinstance(value, dict):
        return {str(name): to_json(item, False, zone) for name, item in value.items()}
    if isinstance(value, list | tuple):
        return [to_json(item, False, zone) for item in value]
    return value if value is None or isinstance(value, str | int | float) else str(value)


def _stamp(value: str) -> str | datetime:
    try:
        return read_iso(value)
    except ValueError:
        return value
