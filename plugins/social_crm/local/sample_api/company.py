"""The company's story as read from disk, and the clock up to which it has happened."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import orjson

Record = dict[str, Any]
END_OF_SAMPLE = "2026-11-09T00:00:00Z"
# All networks but X, whose posts are stored differently.
NETWORKS = (
    "facebook",
    "instagram",
    "youtube",
    "reddit",
    "mastodon",
    "discourse",
    "wordpress",
    "feeds",
    "bluesky",
    "linkedin",
)
CRMS = ("hubspot", "salesforce")  # all but the customer database, whose versions are stored differently
DESKS = ("intercom", "request_tracker")  # all but Zendesk, whose tickets are stored differently


def written(moment: datetime) -> str:
    """Return a moment in the format of every stamp of the story, so that stamps compare as text."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def with_milliseconds(at: str) -> str:
    """Return a stamp of the story with milliseconds, as some servers write it."""
    return at.replace("Z", ".000Z")


def epoch(at: str) -> int:
    """Return a stamp of the story as seconds since 1970."""
    return int(datetime.fromisoformat(at).timestamp())


def read_lines(path: Path) -> list[Record]:
    """Return the records of a JSON lines file; none if the file does not exist."""
    if not path.is_file():
        return []
    with path.open("rb") as stream:
        return [orjson.loads(line) for line in stream if line.strip()]


@dataclass
class Clock:
    """The moment after which nothing has happened yet."""

    now: str = END_OF_SAMPLE

    def set(self, text: str) -> None:
        """Move to an ISO 8601 moment; raises ValueError for anything else, or without an offset."""
        moment = datetime.fromisoformat(text)
        if moment.tzinfo is None:
            raise ValueError("the moment needs an offset, for example 2026-11-08T00:00:00Z")
        self.now = written(moment)

    @property
    def moment(self) -> datetime:
        """Return the clock as a datetime."""
        return datetime.fromisoformat(self.now)


@dataclass
class Company:
    """Everything that the server can tell; what is visible depends on the clock."""

    posts: list[Record] = field(default_factory=list)
    users: list[Record] = field(default_factory=list)
    tickets: list[Record] = field(default_factory=list)
    zendesk_users: list[Record] = field(default_factory=list)
    groups: list[Record] = field(default_factory=list)
    customers: list[Record] = field(default_factory=list)
    accounts: list[Record] = field(default_factory=list)
    messages: list[Record] = field(default_factory=list)  # of the site's forms and chat
    networks: dict[str, list[Record]] = field(default_factory=dict)  # what is said on each, oldest first
    desks: dict[str, list[Record]] = field(default_factory=dict)  # cases of each help desk, oldest first
    mails: list[Record] = field(default_factory=list)  # in the form in which the mailbox received them
    crms: dict[str, list[Record]] = field(default_factory=dict)  # versions of the records of each
    drops: Path | None = None  # contains a folder per drop, and in it one folder per moment of delivery


def split_x_lines(lines: Iterable[Record]) -> tuple[list[Record], list[Record]]:
    """Separate the posts from the users in one file of X lines: users have a `username`."""
    posts: list[Record] = []
    users: list[Record] = []
    for line in lines:
        (users if "username" in line else posts).append(line)
    return posts, users


def load_company(data: Path, x_posts: Path | None = None) -> Company:
    """Read a story; `x_posts` replaces the story's own posts and users by those of one file."""
    if not data.is_dir():
        raise FileNotFoundError(f"no sample data at {data}: run python sample/generate.py")
    x_files = [x_posts] if x_posts else [data / "x_posts.jsonl", data / "x_users.jsonl"]
    posts, users = split_x_lines(line for path in x_files for line in read_lines(path))
    return Company(
        posts=posts,
        users=users,
        tickets=read_lines(data / "zendesk_tickets.jsonl"),
        zendesk_users=read_lines(data / "zendesk_users.jsonl"),
        groups=read_lines(data / "zendesk_groups.jsonl"),
        customers=read_lines(data / "crm_customers.jsonl"),
        accounts=read_lines(data / "crm_accounts.jsonl"),
        messages=read_lines(data / "forms_messages.jsonl"),
        networks={name: read_lines(data / f"{name}.jsonl") for name in NETWORKS},
        desks={name: read_lines(data / f"{name}.jsonl") for name in DESKS},
        mails=read_lines(data / "mail.jsonl"),
        crms={name: read_lines(data / f"{name}.jsonl") for name in CRMS},
        drops=data,
    )


def newest_versions(versions: Iterable[Record], now: str) -> list[Record]:
    """Return each id's newest version that is valid at a moment, in order of first appearance."""
    newest: dict[Any, Record] = {}
    for version in versions:
        if version["from"] <= now and (version["id"] not in newest or version["from"] >= newest[version["id"]]["from"]):
            newest[version["id"]] = version
    return list(newest.values())


def said_by(lines: Iterable[Record], now: str) -> list[Record]:
    """Return the posts of a network that exist at a moment, newest first, with their words at that moment."""
    present = [line for line in lines if line["at"] <= now < line.get("gone_at", "9")]
    return [_as_edited(line, now) for line in reversed(present)]


def _as_edited(line: Record, now: str) -> Record:
    edits = [edit for edit in line.get("edits", []) if edit["at"] <= now]
    return {**line, **edits[-1], "at": line["at"], "edited_at": edits[-1]["at"]} if edits else line
