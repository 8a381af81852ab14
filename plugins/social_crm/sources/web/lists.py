"""Several lists read one after another, with cursors that name the list and the position in it."""

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TypeVar

from social_crm.errors import CursorRejected

Found = TypeVar("Found")


@dataclass(frozen=True)
class Lists:
    """The lists that a connection names, in the order in which they are read."""

    names: tuple[str, ...]
    origin: str  # the options of the connection that define them, for messages

    def cursor(self, number: int, position: str = "") -> str:
        """Return the cursor of a position in one list; no position is its start."""
        fingerprint = hashlib.sha256("\n".join(self.names).encode()).hexdigest()[:12]
        return f"{number}:{fingerprint}:{position}"

    def resume(self, cursor: str | None, context: str) -> tuple[int, str]:
        """Return list and position to continue with; a cursor of other lists is invalid."""
        number, _, position = (cursor or self.cursor(0)).split(":", 2)
        if cursor and cursor != self.cursor(int(number), position):
            raise CursorRejected(f"{context}: the {self.origin} changed since the cursor was saved")
        return int(number), position

    def walk(
        self, cursor: str | None, context: str, read: Callable[[int, str], Iterator[tuple[Found, str]]]
    ) -> Iterator[tuple[Found, str]]:
        """Yield the content of all lists from a cursor on, each page with the cursor to continue from.

        `read` gets the number of a list and the position in it, and yields with the next position, "" after the last.
        """
        first, position = self.resume(cursor, context)
        for number in range(first, len(self.names)):
            for found, reached in read(number, position):
                yield found, self.cursor(number, reached) if reached else self.cursor(number + 1)
            position = ""
