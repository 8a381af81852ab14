"""What a resource reads from a record, as objects that describe themselves."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from social_crm.sources.model import Record


@dataclass(frozen=True)
class Field:
    """The first of several fields that a record fills, as text; `snippet.updatedAt` is a nested field."""

    names: tuple[str, ...]

    def __call__(self, record: Record) -> str | None:
        """Return the value; a list, an object or a boolean is no value."""
        for name in self.names:
            value: Any = record
            for step in name.split("."):
                value = value.get(step) if isinstance(value, dict) else None
            # A boolean would be one text here, and another in SQL.
            if value not in (None, "") and isinstance(value, str | int) and not isinstance(value, bool):
                return str(value)
        return None

    def __str__(self) -> str:
        """Name the fields, in the order in which they are tried."""
        return ", else ".join(f"`{name}`" for name in self.names) or "none: the moment of reading decides"


@dataclass(frozen=True)
class Epoch(Field):
    """The same for seconds since 1970, as ISO 8601."""

    def __call__(self, record: Record) -> str | None:
        """Return the moment, or None if it is not one."""
        try:
            return datetime.fromtimestamp(float(record[self.names[0]]), UTC).isoformat()
        except (LookupError, TypeError, ValueError, OverflowError, OSError):
            return None


@dataclass(frozen=True)
class Hashed(Field):
    """The same as a hash, for ids that identify a person; equal to `md5` in a model."""

    def __call__(self, record: Record) -> str | None:
        """Return the hash, or None if no field is filled."""
        value = super().__call__(record)
        return value and hashlib.md5(value.encode(), usedforsecurity=False).hexdigest()

    def __str__(self) -> str:
        """Name the fields that are hashed."""
        return f"a hash of {super().__str__()}"


def field(*names: str) -> Field:
    """Return the first of these fields that is filled; without names, always None."""
    return Field(names)


def hashed(name: str) -> Field:
    """Return a field as a hash."""
    return Hashed((name,))


def epoch(name: str) -> Field:
    """Return a field of seconds since 1970."""
    return Epoch((name,))


def described(read: Callable[[Record], str | None]) -> str:
    """Return in words what a resource reads: a field's description, or the first line of a function's docstring."""
    if isinstance(read, Field):
        return str(read)
    return (read.__doc__ or "").strip().partition("\n")[0].rstrip(".").removeprefix("Return ")
