"""Numeric options of a connection."""

from collections.abc import Mapping
from typing import Any

from social_crm.errors import ConnectionUnusable

MOST = 1_000_000  # so many minutes before a window is still a valid date


def number_of(options: Mapping[str, Any], name: str, usual: int, least: int = 0) -> int:
    """Return an option or its default; raises ConnectionUnusable if it is no whole number in a sensible range."""
    given = options.get(name, usual)
    try:
        number = int(given)
        is_whole = isinstance(given, str) or number == given
    except (TypeError, ValueError, OverflowError):
        number, is_whole = least, False
    if not is_whole or not least <= number <= MOST:
        raise ConnectionUnusable(f"option `{name}` of the connection must be a whole number from {least} to {MOST:,}")
    return number
