"""Values of SQL columns as JSON: nothing rounded, every moment with its zone."""

from datetime import UTC, date, datetime, time
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo


def to_json(value: Any, is_stamp: bool, zone: ZoneInfo) -> Any:
    """Return the value as JSON holds it; moments without a zone are in `zone`, also where a stamp is a text."""
    if is_stamp and isinstance(value, str):
        value = _stamp(value)
    if isinstance(value, datetime):
        return value.replace(tzinfo=value.tzinfo or zone).astimezone(UTC).isoformat()
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
        return datetime.fromisoformat(value)
    except ValueError:
        return value
