"""A folder of dropped files on any store that fsspec knows: which files are finished and due, and a copy of each."""

import logging
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from errno import EDQUOT, ENOSPC
from functools import lru_cache
from pathlib import Path
from typing import Any, TypeVar

import fsspec
from fsspec.core import split_protocol

from social_crm.errors import ConnectionUnusable, CredentialRefused, FileRefused, SourceUnavailable
from social_crm.sources.dropped.content import Content, copied
from social_crm.sources.model import Connection
from social_crm.sources.web.network import refuse_forbidden_store
from social_crm.sources.wording import without_secrets

DEFAULT_SETTLE_SECONDS = 60
# Stores with folders and with users; others, such as S3, have names that begin alike, and keys.
_SERVERS = frozenset({"ftp", "sftp", "ssh", "smb"})
# What of these says that a login is not taken: FTP by a number, SFTP by a kind of error.
_REFUSED_LOGIN = re.compile(r"error_perm: 530|AuthenticationException: ")
_FTP_MOMENT = re.compile(r"\d{14}")
T = TypeVar("T")
_DAY = re.compile(r"(?<!\d)(\d{4}-\d{2}-\d{2})(?!\d)")
_UNFINISHED = (".done", ".part", ".partial", ".tmp", ".filepart", ".crdownload")
log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Dropped:
    """One file as the folder lists it."""

    name: str
    path: str
    size: int
    modified_at: datetime | None


class _FolderAbsent(SourceUnavailable):
    """The store answers, but has no such folder."""

    next_step = "create the folder or correct the connection's host, then clear this task"


class Inbox:
    """One folder of dropped files."""

    def __init__(self, connection: Connection, folder: str = "") -> None:
        """Resolve the URL of the inbox or of a folder in it; nothing is read yet."""
        self._address = without_secrets(connection.url)
        self._settle = timedelta(seconds=_number(connection, "settle_seconds", DEFAULT_SETTLE_SECONDS))
        self._max_bytes = _number(connection, "max_bytes", 0)
        endpoint = connection.options.get("endpoint_url")
        refuse_forbidden_store(connection.url, endpoint or "")
        protocol = _require_store(connection, self._address)
        is_server = protocol in _SERVERS
        login, secret = ("username", "password") if is_server else ("key", "secret")
        storage = {
            **{login: connection.login, secret: connection.secret, "endpoint_url": endpoint},
            # Each of two runs in one process must see the folder as it is now.
            "skip_instance_cache": True,
            "use_listings_cache": False,
        }
        is_local = connection.url.startswith(("file:", "/"))
        given = {} if is_local else {name: value for name, value in storage.items() if value not in ("", None)}
        # By protocol: in a chain such as simplecache::ftp://…, fsspec tells the first what names none.
        reach = {protocol: given, "skip_instance_cache": True} if given else {}
        self._fs, self._root = self._reach(lambda: fsspec.url_to_fs(connection.url, **reach))
        self._has_folders, self._folder = is_local or is_server, folder

    def _reach(self, act: Callable[[], T]) -> T:
        try:
            return act()
        except FileRefused:
            raise
        # Every store behind fsspec raises errors of its own, whose texts may hold the whole URL.
        except PermissionError:
            raise CredentialRefused(
                f"{self._address}: access refused: check the connection's login and secret, or who may read the folder"
            ) from None
        except FileNotFoundError:
            raise _FolderAbsent(f"{self._address}: there is no such folder: create it, or correct the URL") from None
        except Exception as error:
            named = type(error).__name__
            if _REFUSED_LOGIN.match(f"{named}: {error}"):
                raise CredentialRefused(f"{self._address}: refuses the connection's login and secret") from None
            if isinstance(error, OSError) and error.errno in (ENOSPC, EDQUOT):
                named = "this worker has no room left for a copy, often in /tmp"
            raise SourceUnavailable(f"{self._address}: cannot be read now ({named})") from None

    def check(self) -> None:
        """Raise SourceUnavailable or CredentialRefused unless the folder is there."""
        try:
            self._reach(lambda: self._fs.info(self._root))
        except _FolderAbsent:
            # An object store has no empty folders, so there the bucket must exist.
            if self._has_folders:
                raise
            self._reach(lambda: self._fs.info(self._root.split("/")[0]))

    def names(self) -> list[str]:
        """Return the names of all files in order, without those that are still being written."""
        return [file.name for file in self._files() if _is_data(file.name)]

    def due(self, before: datetime) -> list[Dropped]:
        """Return the finished files whose day starts before a moment, in order of name."""
        self.check()
        files = self._files()
        names = {file.name for file in files}
        candidates = [file for file in files if _is_data(file.name)]
        in_time = [file for file in candidates if (day := day_of(file.name)) is None or _midnight(day) < before]
        return [file for file in in_time if f"{file.name}.done" in names or self._is_settled(file)]

    def _files(self) -> list[Dropped]:
        """Return the files in order of name; a folder of the inbox that does not exist yet has none."""
        place = "/".join(filter(None, [self._root.rstrip("/"), self._folder]))

        def listing() -> list[dict[str, Any]]:
            try:
                # `find` treats a folder that it may not list as empty.
                found: list[dict[str, Any]] = self._fs.ls(place, detail=True)
            except FileNotFoundError:
                return []
            return found

        entries = sorted(self._reach(listing), key=lambda entry: str(entry["name"]))
        return [_described(entry["name"], entry) for entry in entries if _is_file(entry)]

    def _is_settled(self, file: Dropped) -> bool:
        settle, modified_at = self._settle, file.modified_at
        is_settled = not settle or modified_at is None or datetime.now(UTC) - modified_at >= settle
        if not is_settled:
            log.warning("%r changed less than %s s ago: left for the next run", file.name, settle.total_seconds())
        return is_settled

    def copy(self, file: Dropped, max_bytes: int) -> Content:
        """Copy a file, unpacked; raises FileRefused if it can be no table, or is too long."""

        def act() -> Content:
            with self._fs.open(file.path, "rb") as stream:
                return copied(stream, file.name, int(self._max_bytes) or max_bytes)

        return self._reach(act)

    def is_unchanged(self, file: Dropped) -> bool:
        """Tell whether a file still has the size and time it was listed with."""
        now = _described(file.path, self._reach(lambda: self._fs.info(file.path)))
        return (now.size, now.modified_at) == (file.size, file.modified_at)


def _require_store(connection: Connection, address: str) -> str:
    """Return the protocol of a store; raises ConnectionUnusable where none is known by it, or its package is absent."""
    protocol = split_protocol(connection.url.rpartition("::")[2])[0] or "file"
    try:
        fsspec.get_filesystem_class(protocol)
    except ValueError:
        raise ConnectionUnusable(f"{address}: no kind of store is called so; correct the connection's host") from None
    except ImportError as missing:
        raise ConnectionUnusable(
            f"{address}: a package is not there ({missing}): install it where tasks run, or let something else bring"
            " the files into a folder of this machine"
        ) from None
    return protocol


def _number(connection: Connection, option: str, usual: float) -> float:
    try:
        return float(connection.options.get(option, usual))
    except (TypeError, ValueError):
        raise ConnectionUnusable(f"option {option} must be a number") from None


def _is_data(name: str) -> bool:
    return not name.startswith(".") and not name.endswith(_UNFINISHED)


def _is_file(entry: Mapping[str, Any]) -> bool:
    """Skip pipes and devices, which would be read for ever; a link counts as its target."""
    return entry["type"] == "file" or (bool(entry.get("islink")) and Path(entry["name"]).is_file())


def _described(path: str, info: dict[str, Any]) -> Dropped:
    modified = info.get("mtime") or info.get("LastModified") or info.get("created")
    if isinstance(modified, int | float):
        modified = datetime.fromtimestamp(modified, UTC)
    if told := _FTP_MOMENT.match(str(info.get("modify", ""))):
        modified = datetime.strptime(f"{told[0]}Z", "%Y%m%d%H%M%S%z")
    return Dropped(_shown(path.rsplit("/", 1)[-1]), path, info["size"], modified)


def _shown(name: str) -> str:
    """Return a name with non-UTF-8 bytes escaped, because it could not be stored otherwise."""
    return name.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")


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
