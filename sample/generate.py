"""Writes sample/data: the same seed gives the same bytes. Usage: python sample/generate.py [directory]."""

import json
import shutil
import sys
from collections.abc import Iterable
from pathlib import Path
from types import ModuleType
from typing import Any

from story import (
    analytics,
    bluesky,
    complaints,
    crm,
    discourse,
    facebook,
    feeds,
    forms,
    hubspot,
    instagram,
    intercom,
    linkedin,
    mail,
    mastodon,
    phone,
    reddit,
    request_tracker,
    reviews,
    salesforce,
    stackexchange,
    stores,
    surveys,
    wordpress,
    x,
    youtube,
    zendesk,
)
from story.timeline import END

DROPPED = (phone, complaints, surveys, analytics, stores, reviews, stackexchange)
NETWORKS = (facebook, instagram, youtube, reddit, mastodon, discourse, wordpress, feeds, bluesky, linkedin)
DESKS = (intercom, request_tracker)
CRMS = (hubspot, salesforce)  # except the customer database, which is a file of its own


def _write_lines(path: Path, records: Iterable[Any]) -> None:
    lines = (json.dumps(record, ensure_ascii=False, separators=(",", ":")) for record in records)
    path.write_text("".join(line + "\n" for line in lines), encoding="utf-8", newline="\n")


def _write_drops(folder: Path, files: Iterable[tuple[str, str, str]]) -> None:
    """Write each file below a folder named after the minute of its delivery."""
    for delivered_at, name, content in files:
        place = folder / delivered_at.replace(":", "")[:15]
        place.mkdir(parents=True, exist_ok=True)
        (place / name).write_text(content, encoding="utf-8", newline="\n")


def generate(directory: Path) -> None:
    """Write the whole story into an emptied directory."""
    shutil.rmtree(directory, ignore_errors=True)
    directory.mkdir(parents=True)
    posts, users = x.build()
    _write_lines(directory / "x_posts.jsonl", posts)
    _write_lines(directory / "x_users.jsonl", users)
    tickets = zendesk.build_tickets()
    _write_lines(directory / "zendesk_tickets.jsonl", (ticket.record(END) for ticket in tickets))
    _write_lines(directory / "zendesk_users.jsonl", zendesk.build_users(tickets))
    _write_lines(directory / "zendesk_groups.jsonl", zendesk.build_groups())
    _write_lines(directory / "crm_customers.jsonl", crm.build_customers())
    _write_lines(directory / "crm_accounts.jsonl", crm.build_accounts())
    _write_lines(directory / "forms_messages.jsonl", forms.build())
    for part in (*NETWORKS, *DESKS, *CRMS, mail):
        _write_lines(directory / f"{_name(part)}.jsonl", part.build())
    for part in DROPPED:
        _write_drops(directory / _name(part), part.build())


def _name(module: ModuleType) -> str:
    return module.__name__.rpartition(".")[2]


if __name__ == "__main__":
    generate(Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parent / "data")
