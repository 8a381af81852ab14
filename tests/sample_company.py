"""The sample server as a process of its own, with a connection to each of its sources; cases worked out by hand."""

import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import yaml
from psycopg import sql

from social_crm.database import connect
from social_crm.local.sample_api import (
    bluesky_wire,
    discourse,
    feeds,
    graph,
    hubspot,
    imap,
    linkedin,
    mastodon,
    reddit,
    request_tracker,
    salesforce,
    wordpress,
    youtube,
)
from social_crm.local.sample_api.drops import DROPS
from social_crm.settings import PROJECT_ROOT, Settings
from social_crm.sources.model import Connection

HANDLES = ["AcmeBank", "AcmeBankIN", "AcmeBankSG", "AcmePay", "AcmePayIN", "AcmePaySG"]
CRM_TABLES = {"customers": "customers", "accounts": "accounts"}
REDDIT = {"account": "acmebank", "searches": ['"Acme Bank"', '"Acme Pay"'], "subreddits": ["acmebank"]}
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
    """Start the sample server on a free port and stop it at the end; `state` takes its folders."""
    command = [sys.executable, "-m", "social_crm.local.sample_api", "--state", str(state), "--token", "t"]
    command += ["--zendesk-email", "reader@example.com", "--zendesk-token", "z", "--networks-secret", "n"]
    server = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=PROJECT_ROOT / "plugins")
    try:
        assert server.stdout
        url = server.stdout.readline().strip()
        yield {
            "x": Connection(url, "", "t", {"accounts": HANDLES}),
            "zendesk": Connection(url, "reader@example.com", "z"),
            "crm": Connection(f"sqlite:///{state}/crm.sqlite", options=CRM_TABLES),
            "forms": Connection(f"sqlite:///{state}/site.sqlite", options={"messages": "messages"}),
            **{name: Connection(str(state / name)) for name in DROPS},
            "facebook": Connection(f"{url}/graph", secret=graph.token_of("n", graph.PAGE)),
            "instagram": Connection(f"{url}/graph", secret=graph.token_of("n", graph.ACCOUNTS_PAGE)),
            "youtube": Connection(url, secret="n", options={"channels": [youtube.CHANNEL]}),
            "mastodon": Connection(f"{url}/mastodon", secret="n", options={"hashtags": [mastodon.HASHTAG]}),
            "discourse": Connection(f"{url}/discourse", discourse.USER, "n", {"site": discourse.SITE}),
            "wordpress": Connection(f"{url}/wordpress", wordpress.USER, "n"),
            "feeds": Connection(url, options={"feeds": list(feeds.FEEDS)}),
            "bluesky": Connection(f"{url}/bluesky", bluesky_wire.HANDLE, "n", {"searches": ["acme bank"]}),
            "linkedin": Connection(f"{url}/linkedin", secret="n", options={"organizations": [linkedin.ORGANIZATION]}),
            "mail": Connection((state / "imap").read_text().strip(), imap.USER, "n"),
            "hubspot": Connection(f"{url}/hubspot", secret="n", options={"contact_fields": hubspot.FIELDS}),
            "salesforce": Connection(
                f"{url}/salesforce", salesforce.CLIENT, "n", {"contact_fields": salesforce.FIELDS}
            ),
            "request_tracker": Connection(f"{url}/request_tracker", request_tracker.USER, "n"),
            "intercom": Connection(f"{url}/intercom", secret="n"),
            "reddit": Connection(f"{url}/reddit", reddit.APPLICATION, "n", {"door": f"{url}/reddit", **REDDIT}),
        }
    finally:
        server.terminate()
        server.wait(timeout=20)


def move_clock(company: Connections, now: str) -> None:
    """Let the company live until `now` (ISO 8601)."""
    httpx.post(f"{company['x'].url}/_sample/clock", json={"now": now}).raise_for_status()


def bi_contents(settings: Settings) -> Contents:
    """Return the rows of every table of bi, without the moment of reading: each warehouse has its own."""
    found = {}
    with connect(settings.warehouse_admin_url) as admin:
        tables = admin.execute(
            "select tablename from pg_tables where schemaname = 'bi' and tablename ~ '^(fct|dim|bridge|rpt)_'"
        )
        for (table,) in tables.fetchall():
            query = sql.SQL("select (to_jsonb(t) - 'extracted_at')::text from {} as t")
            found[table] = Counter(row for (row,) in admin.execute(query.format(sql.Identifier("bi", table))))
    return found


def differences(left: Contents, right: Contents) -> dict[str, list[str]]:
    """Return a few rows of each table that only one side holds; pytest takes minutes to compare the whole."""
    empty = Counter[str]()
    pairs = {table: (left.get(table, empty), right.get(table, empty)) for table in left | right}
    return {
        table: [f"only left: {row}" for row in sorted(a - b)[:3]] + [f"only right: {row}" for row in sorted(b - a)[:3]]
        for table, (a, b) in pairs.items()
        if a != b
    }
