"""What a simulated source must offer so that the acceptance suite can check what every source promises."""

from abc import ABC, abstractmethod
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from importlib import import_module
from pathlib import Path

import pytest

from servers.fake_api import Answer, FakeApi
from servers.fake_sources import START
from social_crm.sources.model import Connection, Resource, Source

LATER = timedelta(seconds=1)


@dataclass
class Entry:
    """One thing said at the source, as a test tells it to be there."""

    number: int
    at: datetime
    text: str = "words"
    edited_at: datetime | None = None
    is_deleted: bool = False


class Harness(ABC):
    """One source over what `entries` say, in pages of a few; below `harnesses/`, a class of this name per source."""

    source: Source
    resource: Resource
    cuts_exactly = True  # False where a window takes more than lies in it, as its declaration says
    sees_edits = True
    reads_in_pages = True  # False where everything comes as one document

    def __init__(self, api: FakeApi, folder: Path, patch: pytest.MonkeyPatch) -> None:
        self.api, self.folder, self.patch = api, folder, patch
        self.entries: list[Entry] = []

    @property
    @abstractmethod
    def connection(self) -> Connection:
        """A connection that works."""

    @abstractmethod
    def key(self, entry: Entry) -> str:
        """The raw key of an entry."""

    @abstractmethod
    def refusals(self) -> Iterator[tuple[str, Connection]]:
        """Yield what each bad configuration must be called, and the connection that shows it."""

    def publish(self) -> None:  # noqa: B027
        """Show the source as `entries` say now; servers look at them when asked."""

    def ignore_filter(self) -> bool:
        """Serve old entries whatever is asked for; False where a read asks for no time, or cuts the window itself."""
        return False

    def throttle(self) -> bool:
        """Ask for a pause of five seconds once; False where a source cannot."""
        self.api.faults.append(Answer({"error": "Too many requests"}, 429, {"Retry-After": "5"}))
        return True


def entries(count: int, start: datetime = START) -> list[Entry]:
    """Return entries of one moment after another, each two of them tied."""
    return [Entry(number, start + timedelta(minutes=number // 2)) for number in range(1, count + 1)]


def harness_of(source: Source) -> type[Harness]:
    """Return the harness of a source; its absence says which file to write."""
    try:
        found = import_module(f"harnesses.{source.name}")
    except ModuleNotFoundError:
        pytest.fail(f"add tests/harnesses/{source.name}.py (CONTRIBUTING.md, 'Add a source')")
    harness: type[Harness] = found.Harness
    return harness
