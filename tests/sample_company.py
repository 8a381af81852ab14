"""The sample server as a process of its own, with a connection to each of its sources."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
from psycopg import sql

from social_crm.database import connect
from social_crm.settings import PROJECT_ROOT, Settings
from social_crm.sources.model import Connection

HANDLES = ["AcmeBank", "AcmeBankIN", "AcmeBankSG", "AcmePay", "AcmePayIN", "AcmePaySG"]
CRM_TABLES = {"customers": "customers", "accounts": "accounts"}
Connections = dict[str, Connection]


@contextmanager
def running_company(state: Path) -> Iterator[Connections]:
    """Start the sample server on a free port and stop it at the end; `state` takes its folders."""
    command = [sys.executable, "-m", "social_crm.local.sample_api", "--state", str(state), "--token", "t"]
    command += ["--zendesk-email", "reader@example.com", "--zendesk-token", "z"]
    server = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=PROJECT_ROOT / "plugins")
    try:
        assert server.stdout
        url = server.stdout.readline().strip()
        yield {
            "x": Connection(url, "", "t", {"accounts": HANDLES}),
            "zendesk": Connection(url, "reader@example.com", "z"),
            "phone": Connection(str(state / "phone")),
            "complaints": Connection(str(state / "complaints")),
            "crm": Connection(
                f"sqlite:///{state}/crm.sqlite", options={"customers": "customers", "accounts": "accounts"}
            ),
        }
    finally:
        server.terminate()
        server.wait(timeout=20)


def move_clock(company: Connections, now: str) -> None:
    """Let the company live until `now` (ISO 8601)."""
    httpx.post(f"{company['x'].url}/_sample/clock", json={"now": now}).raise_for_status()


def bi_contents(settings: Settings) -> dict[str, list[tuple]]:
    """Return every table of bi, rows in order, without the moment of reading: each warehouse has its own."""
    found = {}
    with connect(settings.warehouse_admin_url) as admin:
        tables = admin.execute("select tablename from pg_tables where schemaname = 'bi' and tablename ~ '^(fct|dim)_'")
        for (table,) in tables.fetchall():
            query = sql.SQL("select (to_jsonb(t) - 'extracted_at')::text from {} as t order by 1")
            found[table] = admin.execute(query.format(sql.Identifier("bi", table))).fetchall()
    return found
