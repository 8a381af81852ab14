"""Sources that arrive as files in a folder, on this machine or on any store that fsspec knows (`s3://` for one).

A file is taken once it is finished, by the first run whose window ends after the day in the file's name, so a file that
comes late is not lost. A file with no day in its name is taken by the first run that sees it. A content that already
landed is passed over under whatever name; the same name with other content lands as newer versions. A file that cannot
be trusted is refused as a whole: one quarantine entry says why, and the good files beside it land.
"""

import logging
import re
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from itertools import islice
from typing import Any, TypeVar

import fsspec

from social_crm.errors import CredentialRefused, FileRefused, SourceUnavailable
from social_crm.sources.delimited import FileContract, Table
from social_crm.sources.file_content import Content, copied
from social_crm.sources.json_hits import Hits
from social_crm.sources.model import Connection, Page, Record, Rejected, Request

PAGE_ROWS = 5_000
DEFAULT_SETTLE_SECONDS = 60
DEFAULT_MAX_BYTES = 2 << 30
T = TypeVar("T")
Rows = Iterator[Record | Rejected]
_DAY = re.compile(r"(?<!\d)(\d{4}-\d{2}-\d{2})(?!\d)")
_UNFINISHED = (".done", ".part", ".partial", ".tmp", ".filepart", ".crdownload")
_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class _Dropped:
    name: str
    path: str
    size: int
    modified_at: datetime | None


class Inbox:
    """One folder of dropped files."""

    def __init__(self, connection: Connection) -> None:
        """Resolve the folder's URL; nothing is read yet."""
        self._url, self._options = connection.url, connection.options
        storage = {
            "key": connection.login,
            "secret": connection.secret,
            "endpoint_url": connection.options.get("endpoint_url"),
            # Two runs in one process must each see the folder as it is now.
            "skip_instance_cache": True,
            "use_listings_cache": False,
        }
        is_local = connection.url.startswith(("file:", "/"))
        given = {} if is_local else {name: value for name, value in storage.items() if value not in ("", None)}
        self._fs, self._root = self._reach(lambda: fsspec.url_to_fs(connection.url, **given))
        self._has_folders = is_local

    def _reach(self, act: Callable[[], T]) -> T:
        try:
            return act()
        except FileRefused:
            raise
        except PermissionError as error:
            raise CredentialRefused(f"{self._url}: access refused: check the connection's login and secret") from error
        except Exception as error:  # every store behind fsspec raises errors of its own
            raise SourceUnavailable(f"{self._url}: cannot be read now ({type(error).__name__})") from error

    def check(self) -> None:
        """Raise SourceUnavailable or CredentialRefused unless the folder is there."""
        # An object store has no empty folders: there it is the bucket that must exist.
        root = self._root if self._has_folders else self._root.split("/")[0]
        if not self._reach(lambda: self._fs.exists(root)):
            raise SourceUnavailable(f"{self._url}: there is no such folder: create it, or correct the connection")

    def due(self, before: datetime) -> list[_Dropped]:
        """Return the finished files whose day starts before a moment, in order of name."""
        self.check()
        found = self._reach(lambda: self._fs.find(self._root, maxdepth=1, detail=True))
        files = [_described(path, info) for path, info in sorted(found.items())]
        names = {file.name for file in files}
        candidates = [file for file in files if not file.name.startswith(".") and not file.name.endswith(_UNFINISHED)]
        in_time = [file for file in candidates if (day := day_of(file.name)) is None or _midnight(day) < before]
        return [file for file in in_time if f"{file.name}.done" in names or self._is_settled(file)]

    def _is_settled(self, file: _Dropped) -> bool:
        settle = timedelta(seconds=float(self._options.get("settle_seconds", DEFAULT_SETTLE_SECONDS)))
        is_settled = not settle or file.modified_at is None or datetime.now(UTC) - file.modified_at >= settle
        if not is_settled:
            _log.warning("%r changed less than %s s ago: left for the next run", file.name, settle.total_seconds())
        return is_settled

    def copy(self, file: _Dropped) -> Content:
        """Copy a file aside, unpacked; raises FileRefused where it can be no table."""

        def act() -> Content:
            with self._fs.open(file.path, "rb") as stream:
                return copied(stream, file.name, int(self._options.get("max_bytes", DEFAULT_MAX_BYTES)))

        return self._reach(act)

    def is_unchanged(self, file: _Dropped) -> bool:
        """Tell whether a file still has the size and time it was listed with."""
        now = _described(file.path, self._reach(lambda: self._fs.info(file.path)))
        return (now.size, now.modified_at) == (file.size, file.modified_at)


def _described(path: str, info: dict[str, Any]) -> _Dropped:
    modified = info.get("mtime") or info.get("LastModified") or info.get("created")
    if isinstance(modified, int | float):
        modified = datetime.fromtimestamp(modified, UTC)
    return _Dropped(path.rsplit("/", 1)[-1], path, info["size"], modified)


def _midnight(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=UTC)


@lru_cache(maxsize=4096)
def day_of(name: str) -> date | None:
    """Return the day in a file's name, or None if it has none."""
    match = _DAY.search(name)
    try:
        return date.fromisoformat(match[1]) if match else None
    except ValueError:
        return None


def version_at(record: Record) -> str | None:
    """Order versions of a record by the day of the file they came in, for a backfill may read an older file later."""
    day = day_of(record["_file"])
    return f"{day}T00:00:00Z" if day else None


def check(connection: Connection) -> None:
    """Raise SourceUnavailable or CredentialRefused unless the connection's folder is there."""
    Inbox(connection).check()


def read_files(request: Request, contract: FileContract, complete: Callable[[Rows], Rows] = iter) -> Iterator[Page]:
    """Yield the rows of every due file not landed yet; `complete` may add to the rows of one file as they pass."""
    if request.window.start == request.window.end:
        return
    inbox, landed = Inbox(request.connection), set(request.landed_files)
    for file in inbox.due(request.window.end):
        try:
            content = inbox.copy(file)
        except FileRefused as refusal:
            yield _refused(file, refusal)
            continue
        with closing(content):
            if content.sha256 in landed:
                continue
            if not inbox.is_unchanged(file):
                _log.warning("%r changed while it was read: left for the next run", file.name)
                continue
            try:
                rows = _trusted_rows(content, contract)
            except FileRefused as refusal:
                yield _refused(file, refusal)
                continue
            landed.add(content.sha256)
            yield from _pages(complete(rows), content)


def _trusted_rows(content: Content, contract: FileContract) -> Rows:
    with content.text() as stream:
        is_json = stream.read(64).lstrip()[:1] in ("[", "{")
    table = Hits(content, contract) if is_json else Table(content, contract)
    table.inspect()
    return table.rows()


def _refused(file: _Dropped, refusal: FileRefused) -> Page:
    # Size and time tell one refused upload from the next of the same name, and hold nobody's data.
    content = f"{file.size} bytes" + (f" of {file.modified_at:%FT%TZ}" if file.modified_at else "")
    return Page(records=[], rejected=[Rejected("file_refused", str(refusal), content, file.name)])


def _pages(rows: Rows, content: Content) -> Iterator[Page]:
    """Yield rows in pages; only the last one names the file, which is thereby complete."""
    while True:
        batch = list(islice(rows, PAGE_ROWS))
        records = [row for row in batch if not isinstance(row, Rejected)]
        rejected = [row for row in batch if isinstance(row, Rejected)]
        if len(batch) < PAGE_ROWS:
            yield Page(records, rejected, file_name=content.name, file_sha256=content.sha256)
            return
        yield Page(records, rejected)
