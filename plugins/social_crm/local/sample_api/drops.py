"""What reaches the company by file and database: drop folders, CRM and site, in their state at the clock."""

import os
from datetime import datetime
from pathlib import Path

import sqlalchemy as sa

from social_crm.local.sample_api.company import Company, Record, epoch, newest_versions

DROPS = ("phone", "complaints", "surveys", "analytics", "stores", "reviews", "stackexchange")
_CRM = sa.MetaData()
_CUSTOMERS = sa.Table(
    "customers",
    _CRM,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("account_id", sa.Integer, sa.ForeignKey("accounts.id")),
    *(sa.Column(name, sa.Text) for name in ("first_name", "last_name", "email", "phone", "x_handle", "external_ref")),
    *(sa.Column(name, sa.Text) for name in ("market", "segment", "tier")),
    sa.Column("lifetime_value_usd", sa.Numeric(14, 2)),
    sa.Column("status", sa.Text),
    sa.Column("created_at", sa.DateTime),
    sa.Column("updated_at", sa.DateTime),
)
_ACCOUNTS = sa.Table(
    "accounts",
    _CRM,
    sa.Column("id", sa.Integer, primary_key=True),
    *(sa.Column(name, sa.Text) for name in ("name", "industry", "market")),
    sa.Column("created_at", sa.DateTime),
    sa.Column("updated_at", sa.DateTime),
)
_MESSAGES = sa.Table(
    "messages",
    sa.MetaData(),
    sa.Column("id", sa.Text, primary_key=True),
    *(sa.Column(name, sa.Text) for name in ("conversation_id", "channel", "account", "market", "brand")),
    *(sa.Column(name, sa.Text) for name in ("sender", "text", "agent_id", "author_name", "author_email")),
    sa.Column("created_at", sa.DateTime),
)


def write_state(company: Company, now: str, state: Path) -> None:
    """Put the drop folders and databases below `state` into their state at a moment, forward or back in time."""
    state.mkdir(parents=True, exist_ok=True)
    for name in DROPS:
        (state / name).mkdir(exist_ok=True)
        if company.drops:
            _write_drop(company.drops / name, now, state / name)
    crm = {_ACCOUNTS: newest_versions(company.accounts, now), _CUSTOMERS: newest_versions(company.customers, now)}
    _write_database(crm, state / "crm.sqlite")
    messages = [message for message in company.messages if message["created_at"] <= now]
    _write_database({_MESSAGES: messages}, state / "site.sqlite")


def _delivered(source: Path, now: str) -> dict[str, tuple[Path, int]]:
    """Return, for each file name delivered so far, its newest content and the time of that delivery."""
    found: dict[str, tuple[Path, int]] = {}
    for folder in sorted(source.iterdir()) if source.is_dir() else []:
        delivered_at = f"{folder.name[:13]}:{folder.name[13:15]}:00Z"
        if delivered_at <= now:
            moment = epoch(delivered_at)
            found |= {file.name: (file, moment) for file in sorted(folder.iterdir())}
    return found


def _write_drop(source: Path, now: str, target: Path) -> None:
    wanted = _delivered(source, now)
    for present in target.iterdir():
        if present.name not in wanted:
            present.unlink()
    for name, (file, moment) in wanted.items():
        present = target / name
        if present.exists() and present.stat().st_mtime == moment:
            continue
        # A reader must never see half a file, and a file's age is part of the story.
        unfinished = target / f".{name}.tmp"
        unfinished.write_bytes(file.read_bytes())
        os.utime(unfinished, (moment, moment))
        unfinished.replace(present)


def _as_row(version: Record) -> Record:
    row = {name: value for name, value in version.items() if name != "from"}
    for name in {"created_at", "updated_at"} & row.keys():
        row[name] = datetime.fromisoformat(row[name]).replace(tzinfo=None) if row[name] else None
    if "lifetime_value_usd" in row:
        row["lifetime_value_usd"] = float(row["lifetime_value_usd"])
    return row


def _write_database(contents: dict[sa.Table, list[Record]], target: Path) -> None:
    """Replace a database file; its times are UTC without an offset, as databases often store them."""
    unfinished = target.with_name(f".{target.name}.tmp")
    unfinished.unlink(missing_ok=True)
    engine = sa.create_engine(f"sqlite:///{unfinished}")
    with engine.begin() as connection:
        for table, versions in contents.items():
            table.create(connection)
            if rows := [_as_row(version) for version in versions]:
                connection.execute(sa.insert(table), rows)
    engine.dispose()
    unfinished.replace(target)
