"""Sources that arrive as files in a folder, on this machine or on any store that fsspec knows (`s3://` for one).

A finished file is read by the first run whose window ends after the day in the file's name, so a late file is
not lost. A file without a day in its name is read by the first run that sees it. A file that has already landed
is skipped, and so is its copy under another name. The same name with other content, and the same content
under another day, land as newer versions. A file that cannot be trusted is refused as a whole: one quarantine entry
says why, and the good files beside it land.
"""

import logging
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import closing
from dataclasses import replace
from datetime import date
from itertools import islice

from social_crm.errors import FileRefused
from social_crm.sources.dropped.content import Content
from social_crm.sources.dropped.contract import FileContract
from social_crm.sources.dropped.delimited import Table
from social_crm.sources.dropped.inbox import DEFAULT_SETTLE_SECONDS, Dropped, Inbox, day_of
from social_crm.sources.dropped.json_hits import Hits
from social_crm.sources.dropped.layouts import Layouts, refuse_unread_folders
from social_crm.sources.dropped.xml_rows import XmlRows
from social_crm.sources.model import Connection, Page, Record, Rejected, Request, Resource
from social_crm.sources.people import People

PAGE_ROWS = 5_000
# What all sources of dropped files declare.
ACCESS = (
    "In a local folder: tasks may read it. On S3: an access key and its secret, as login and password, that may list"
    " and read; leave both out if the machine has a role that may. On FTP, which is not encrypted: a user and a"
    " password."
)
LIMITS = (
    "Files of up to 2 GiB unpacked (option `max_bytes`), in a folder, on S3 or on FTP; elsewhere (SFTP, Azure, Google)"
    " once fsspec's package for it is installed."
)
OPTIONS = {
    "settle_seconds": (
        f"how long a file must stay unchanged before it is read, usually {DEFAULT_SETTLE_SECONDS}; with a marker"
        " `<file>.done` beside it, it is read at once"
    ),
    "layouts": (
        "how files of other vendors differ, by file name pattern: `columns` (ours: theirs, or null if they have none),"
        " `constants`, `values` (theirs: ours), and the `time_zone` of times without an offset"
    ),
    "max_bytes": "how large a file may be, unpacked",
    "endpoint_url": "the address of a store that speaks S3 and is not Amazon's",
}
# The position of a row, which landing adds.
ORIGIN = "_file _line"
Rows = Iterator[Record | Rejected]
log = logging.getLogger(__name__)


def version_at(record: Record) -> str | None:
    """Order versions of a record by the day of their file, because a backfill may read an older file later."""
    day = day_of(record["_file"])
    return f"{day}T00:00:00Z" if day else None


def resource(
    name: str,
    contract: FileContract,
    *,
    key: Callable[[Record], str | None],
    event_at: Callable[[Record], str | None],
    description: str,
    deletions: str,
    complete: Callable[[Rows], Rows] = iter,
    is_utterance: bool = True,
    beside: Sequence[FileContract] = (),
    people: People | None = None,
) -> Resource:
    """Return the resource of one inbox, a record for each row of its files; `complete` as in `read_files`.

    `beside` are the contracts of other folders of the inbox.
    """

    def extract(request: Request) -> Iterator[Page]:
        """Yield the rows of due files; raises ConnectionUnusable for a layout that no folder asks for."""
        refuse_unread_folders(request.connection, (contract, *beside))
        return read_files(request, contract, complete)

    return Resource(
        name=name,
        extract=extract,
        key=key,
        event_at=event_at,
        version_at=version_at,
        description=description,
        order="files by name, rows as they stand",
        window="finished files dated before its end, or without a date, that have not landed; late ones too",
        deletions=deletions,
        is_utterance=is_utterance,
        columns=contract.columns,
        told_as=lambda connection, file: Layouts(connection, contract).told_as(file),
        people=replace(people, keeps=f"{people.keeps} {ORIGIN}", names_vary=True) if people else None,
    )


def check_of(*contracts: FileContract) -> Callable[[Connection], str]:
    """Return a source's check: that its inbox exists, and that its layouts are valid."""

    def check(connection: Connection) -> str:
        """Raise SourceUnavailable, CredentialRefused or ConnectionUnusable; names idle patterns. Reads no file."""
        refuse_unread_folders(connection, contracts)
        layouts = {contract.folder: Layouts(connection, contract) for contract in contracts}
        Inbox(connection).check()
        told = [found.unmet_by(Inbox(connection, folder).names()) for folder, found in layouts.items()]
        return "; ".join(filter(None, told))

    return check


def read_files(request: Request, contract: FileContract, complete: Callable[[Rows], Rows]) -> Iterator[Page]:
    """Yield the rows of every due file that has not landed; `complete` may add to the rows of a file."""
    inbox, layouts = Inbox(request.connection, contract.folder), Layouts(request.connection, contract)
    landed = _Landed(request.landed_files, layouts)
    if request.connection.options.get("layouts") and (told := layouts.unmet_by(inbox.names())):
        log.warning("%s", told)
    for file in inbox.due(request.window.end):
        try:
            content = inbox.copy(file, contract.max_bytes)
        except FileRefused as refusal:
            yield _refused(file, refusal)
            continue
        with closing(content):
            if landed.holds(content):
                continue
            if not inbox.is_unchanged(file):
                log.warning("%r changed while it was read: left for the next run", file.name)
                continue
            try:
                layout = layouts.layout_of(file.name)
                rows = layout.rows(_trusted_rows(content, layout.contract(contract)), contract)
            except FileRefused as refusal:
                yield _refused(file, refusal)
                continue
            landed.add(file.name, content.sha256)
            yield from _pages(complete(rows), content)


class _Landed:
    """What is already in raw, by name and by content."""

    def __init__(self, files: Iterable[tuple[str, str]], layouts: Layouts) -> None:
        self._layouts = layouts
        self._last_of_name: dict[str, str] = {}
        self._days: dict[tuple[str, str | None], set[date | None]] = {}
        for name, sha256 in files:
            self.add(name, sha256)

    def add(self, name: str, sha256: str) -> None:
        self._last_of_name[name] = sha256
        self._days.setdefault(self._meaning(name, sha256), set()).add(day_of(name))

    def _meaning(self, name: str, sha256: str) -> tuple[str, str | None]:
        # The same content gives other calls under the layout of another exchange.
        return sha256, self._layouts.pattern_of(name)

    def holds(self, content: Content) -> bool:
        """Tell whether raw has this file: the last of its name, or a copy of that day. Older ones may revert rows."""
        if content.name in self._last_of_name:
            return self._last_of_name[content.name] == content.sha256
        days, day = self._days.get(self._meaning(content.name, content.sha256), set()), day_of(content.name)
        return day in days or (bool(days) and day is None)


def _trusted_rows(content: Content, contract: FileContract) -> Rows:
    with content.text() as stream:
        start = stream.read(64).lstrip()[:1]
    kinds: dict[str, type[Hits | XmlRows]] = {"[": Hits, "{": Hits, "<": XmlRows}
    table = kinds.get(start, Table)(content, contract)
    table.inspect()
    return table.rows()


def _refused(file: Dropped, refusal: FileRefused) -> Page:
    # Size and time distinguish one refused upload from the next of the same name, without personal data.
    content = f"{file.size} bytes" + (f" of {file.modified_at:%FT%TZ}" if file.modified_at else "")
    return Page(records=[], rejected=[Rejected("file_refused", str(refusal), content, file.name)])


def _pages(rows: Rows, content: Content) -> Iterator[Page]:
    """Yield rows in pages; only the last page names the file, which marks it as complete."""
    while True:
        batch = list(islice(rows, PAGE_ROWS))
        records = [row for row in batch if not isinstance(row, Rejected)]
        rejected = [row for row in batch if isinstance(row, Rejected)]
        if len(batch) < PAGE_ROWS:
            yield Page(records, rejected, file=(content.name, content.sha256))
            return
        yield Page(records, rejected)
