"""What a source is: data first, code second. Nothing here knows where records land."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any, Literal

from social_crm.sources.numeric_options import number_of
from social_crm.sources.people import People
from social_crm.sources.rechecks import Known, Recheck

MAX_REJECTED_CHARACTERS = 100_000
Record = dict[str, Any]
Judge = Literal["real server", "official specification", "recordings", "none yet"]  # none yet: only our own simulation


@dataclass(frozen=True)
class Window:
    """A half-open span of time `[start, end)`, both aware and in UTC."""

    start: datetime
    end: datetime

    def __post_init__(self) -> None:
        """Refuse naive or reversed bounds; an empty window is allowed, and landing requests nothing for it."""
        if self.start.tzinfo is None or self.end.tzinfo is None:
            raise ValueError("a window needs aware datetimes")
        if self.start > self.end:
            raise ValueError(f"window starts after it ends: {self.start:%FT%TZ} > {self.end:%FT%TZ}")

    def may_hold(self, moment: datetime | None) -> bool:
        """Tell whether a moment lies in the window; a missing moment passes, and is left to the front door."""
        return moment is None or self.start <= moment < self.end

    def ends_after(self, moment: datetime | None) -> bool:
        """Tell whether a moment lies before the window's end; a missing moment passes."""
        return moment is None or moment < self.end

    def begins_after(self, moments: Iterable[datetime | None]) -> bool:
        """Tell whether all known moments lie before the window; false if there are none."""
        return max(filter(None, moments), default=self.start) < self.start

    def widened(self, before: timedelta, after: timedelta = timedelta()) -> "Window":
        """Return the window, extended before and after."""
        return Window(self.start - before, self.end + after)


@dataclass(frozen=True)
class Connection:
    """Where a source is and how to log in; `repr` shows only the login, because all else may hold a secret."""

    url: str = field(repr=False)
    login: str = ""
    secret: str = field(default="", repr=False)
    options: Mapping[str, Any] = field(default_factory=dict, repr=False)


@dataclass(frozen=True)
class Rejected:
    """Something a source sent that cannot become a raw row: kept in quarantine with the reason."""

    reason: str  # one snake_case word of a fixed list, for counting
    detail: str  # for the engineer: what is wrong; never a person's words
    content: str  # what was sent, cut at a limit
    position: str = ""  # "calls_2026-10-05.csv line 17", or "" where positions mean nothing

    def __post_init__(self) -> None:
        """Cut content that is too long immediately: a page of it would fill a worker's memory."""
        if len(self.content) > MAX_REJECTED_CHARACTERS:
            told = f"… cut; sha256 of the whole {sha256(self.content.encode(errors='surrogatepass')).hexdigest()}"
            object.__setattr__(self, "content", self.content[:MAX_REJECTED_CHARACTERS] + told)


@dataclass(frozen=True)
class Page:
    """A batch of what the source sent, and the cursor from which to continue."""

    records: list[Record]
    rejected: list[Rejected] = field(default_factory=list)
    cursor: str | None = None
    file: tuple[str, str] | None = None  # of a drop: name and sha256 of the file that is complete with this page


@dataclass(frozen=True)
class Request:
    """What one load asks of a resource."""

    connection: Connection
    window: Window
    cursor: str | None = None  # continue after this point; None starts the window
    landed_files: Sequence[tuple[str, str]] = ()  # name and sha256 of what is in raw, in order of landing
    known: Known = field(default_factory=Known)  # for a resource with `recheck`: what raw holds of those records

    def looked_back(self, usual: int, unit: str = "days") -> Window:
        """Return the window extended back by option `lookback_days` (or another unit), or by its default."""
        return self.window.widened(timedelta(**{unit: number_of(self.connection.options, f"lookback_{unit}", usual)}))


@dataclass(frozen=True)
class Resource:
    """One raw table of a source: how it is read and what identifies and orders its records."""

    name: str
    extract: Callable[[Request], Iterator[Page]]
    key: Callable[[Record], str | None]
    event_at: Callable[[Record], str | None]  # ISO 8601, as the source claims
    version_at: Callable[[Record], str | None]  # orders versions of one key; None falls back to extraction time
    description: str
    deletions: str  # how a deletion at the source reaches us
    deletion_delay: timedelta | None = None  # the longest that it may take; None: deletions do not reach us
    recheck: Recheck | None = None  # which records are requested again by their ids
    order: str = ""  # in which the source returns records
    window: str = ""  # what a window contains, and how late arrivals and edits are handled
    is_utterance: bool = False  # each record is one utterance, whose native id is its key
    words: tuple[str, ...] = ()  # of an utterance, dotted: the fields of its words and its author's name; () keeps them
    columns: tuple[tuple[str, str, str], ...] = ()  # of dropped files: name, required or optional, what it holds
    told_as: Callable[[Connection, str], Mapping[str, str]] | None = None  # our column → its meaning in a file
    people: People | None = None  # whom a record may be about; None: undeclared, so any erasure is refused


@dataclass(frozen=True)
class Source:
    """One system by which customers or staff communicate, and everything needed to read it."""

    name: str
    title: str
    description: str  # Markdown: the DAG's doc page
    resources: tuple[Resource, ...]
    check: Callable[[Connection], str | None]  # raises one of our errors; the doctor shows what it returns
    connection: Mapping[str, Any] = field(default_factory=dict)  # an example of Airflow's connection `<name>_api`
    options: Mapping[str, str] = field(default_factory=dict)  # options of its connection → what each means
    access: str = ""  # which credential it takes, where it is made, and what it must be allowed
    limits: str = ""  # how much the source returns, and how fast
    retention: str = ""  # how long its terms allow raw to be kept
    tested_against: Mapping[Judge, str] = field(default_factory=dict)  # tested against something that is not our own
    matching_forbidden: str = ""  # why its terms forbid matching its authors with customers; "" if they do not
    schedule: str = "0 0 * * *"  # a window lies between two of these: whole days in UTC
    settle: timedelta = timedelta(minutes=15)  # after a window's end, until the source shows all its records

    @property
    def resource_names(self) -> list[str]:
        """Return the names of the raw tables, in declared order."""
        return [resource.name for resource in self.resources]

    def resource(self, name: str) -> Resource:
        """Return one resource by name; KeyError names the source and what it has."""
        if name not in self.resource_names:
            raise KeyError(f"{self.name} has no resource {name!r}; it has {', '.join(self.resource_names)}")
        return self.resources[self.resource_names.index(name)]
