"""The sample server as a separate process, with a connection to each of its sources; cases worked out by hand."""

import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import psycopg
import yaml
from psycopg import sql

from social_crm.database import connect
from social_crm.local.connections import X_ACCOUNTS, networks
from social_crm.local.sample_api import imap
from social_crm.local.sample_api.drops import DROPS
from social_crm.settings import PROJECT_ROOT, Settings
from social_crm.sources.model import Connection

CRM_TABLES = {"customers": "customers", "accounts": "accounts"}
SAMPLE = PROJECT_ROOT / "sample"
ANSWERS = yaml.safe_load((SAMPLE / "answers.yml").read_text(encoding="utf-8"))
_NAMED = yaml.safe_load((SAMPLE / "named_cases.yml").read_text(encoding="utf-8"))
CASES = {name: case for name, case in _NAMED.items() if "conversation" in case}
FEED_ENTRIES = {name: case for name, case in _NAMED.items() if "feed_entry" in case}
PAGE_DAYS = {name: case for name, case in _NAMED.items() if "page_day" in case}
Connections = dict[str, Connection]
Contents = dict[str, Counter[str]]


@contextmanager
def running_company(state: Path) -> Iterator[Connections]:
    """Start the sample server on a free port and stop it at the end; its folders are below `state`."""
    command = [sys.executable, "-m", "social_crm.local.sample_api", "--state", str(state), "--token", "t"]
    command += ["--zendesk-email", "reader@example.com", "--zendesk-token", "z", "--networks-secret", "n"]
    server = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=PROJECT_ROOT / "plugins")
    try:
        assert server.stdout
        url = server.stdout.readline().strip()
        yield {
            "x": Connection(url, "", "t", {"accounts": list(X_ACCOUNTS)}),
            "zendesk": Connection(url, "reader@example.com", "z"),
            "crm": Connection(f"sqlite:///{state}/crm.sqlite", options=CRM_TABLES),
            "forms": Connection(f"sqlite:///{state}/site.sqlite", options={"messages": "messages"}),
            **{name: Connection(str(state / name)) for name in DROPS},
            "mail": Connection((state / "imap").read_text().strip(), imap.USER, "n"),
            **{name: _connection(fields) for name, fields in networks(url, "n").items()},
        }
    finally:
        server.terminate()
        server.wait(timeout=20)


def _connection(fields: dict[str, Any]) -> Connection:
    """Return a source's connection, as it gets it from Airflow."""
    return Connection(fields["host"], fields.get("login", ""), fields.get("password", ""), fields.get("extra", {}))


def move_clock(company: Connections, now: str) -> None:
    """Move the company's clock to `now` (ISO 8601)."""
    httpx.post(f"{company['x'].url}/_sample/clock", json={"now": now}).raise_for_status()


def bi_contents(settings: Settings) -> Contents:
    """Return the rows of every table of bi, without the moment of reading, which differs between warehouses."""
    with connect(settings.warehouse_admin_url) as admin:
        return contents(admin, "bi")


def contents(admin: psycopg.Connection, schema: str) -> Contents:
    """Return the rows of every fact, dimension, bridge and report of a schema."""
    found = {}
    tables = admin.execute(
        "select tablename from pg_tables where schemaname = %s and tablename ~ '^(fct|dim|bridge|rpt)_'", [schema]
    )
    for (table,) in tables.fetchall():
        query = sql.SQL("select (to_jsonb(t) - 'extracted_at')::text from {} as t")
        found[table] = Counter(row for (row,) in admin.execute(query.format(sql.Identifier(schema, table))))
    return found


def differences(left: Contents, right: Contents) -> dict[str, list[str]]:
    """Return a few rows of each table that only one side contains; pytest takes minutes to compare everything."""
    empty = Counter[str]()
    pairs = {table: (left.get(table, empty), right.get(table, empty)) for table in left | right}
    return {
        table: [f"only left: {row}" for row in sorted(a - b)[:3]] + [f"only right: {row}" for row in sorted(b - a)[:3]]
        for table, (a, b) in pairs.items()
        if a != b
    }
