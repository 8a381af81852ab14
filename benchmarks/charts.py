"""How long every chart of every dashboard takes to answer, over a history of a given size.

`python benchmarks/charts.py --interactions 1000000` builds the history of benchmarks/transform.py, serves the
dashboards on it, opens each of their tabs in Chromium with the whole history as period, and records the queries of
charts and filters; Customer 360 shows the customer with the most contacts. It then repeats each query twice on its own.
The second answer counts: as the browser waits for it, including Superset, and its SQL alone, with the role of the
dashboards. `--directory` keeps the history for the next run.
"""

import argparse
import json
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg
from playwright.sync_api import Page, Request, sync_playwright
from transform import HISTORIES, configured, transform, write_days

from social_crm.dashboards.__main__ import DASHBOARDS
from social_crm.database.preparation import prepare
from social_crm.local import dashboards, postgres, processes
from social_crm.local.processes import free_port
from social_crm.publishing.entitlements import role_password
from social_crm.settings import chromium, load_settings
from social_crm.sources import SOURCES

HISTORY = HISTORIES[0]
PERIOD = "2026-01-01 : 2026-03-03"
USER, PASSWORD, ROLE = "benchmark_lead", "benchmark", "bi_global"
LIMIT_SECONDS = 1.0
TABS = ".dashboard-component-tabs .ant-tabs-tab-btn"
# Charts below the fold are drawn only when they are scrolled into view.
VIEW = {"width": 1600, "height": 7000}
ASKED_AT = "/api/v1/chart/data"
IS_QUIET = """() => ![...document.querySelectorAll('[data-test="loading-indicator"], .loading')]
    .some(found => found.offsetParent)"""


@dataclass(frozen=True)
class Answer:
    """The cost of one chart: time to answer, time of its SQL alone, and number of rows."""

    chart: str
    seconds: float
    sql_seconds: float
    rows: int


def main() -> None:
    """Build the history unless it exists, measure, and print a Markdown table, slowest first."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--interactions", type=int, default=100_000)
    parser.add_argument("--directory", type=Path, help="where the history is kept, and looked for")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="charts-", ignore_cleanup_errors=True) as throwaway:
        directory = arguments.directory or Path(throwaway)
        directory.mkdir(parents=True, exist_ok=True)
        # The server's own user must reach its data directory.
        directory.chmod(0o755)
        server = postgres.start(directory / "data", options={"fsync": "off"})
        try:
            with configured(server, directory):
                build_history(server, arguments.interactions)
                with served(server, Path(throwaway)) as url:
                    answers = measure(url)
        finally:
            postgres.stop(directory / "data")
    print("| chart | s | SQL alone, s | rows |\n|---|---:|---:|---:|")
    for answer in sorted(answers, key=lambda answer: -answer.seconds):
        print(f"| {answer.chart} | {answer.seconds:.2f} | {answer.sql_seconds:.2f} | {answer.rows:,} |")
    slow = [answer.chart for answer in answers if answer.seconds > LIMIT_SECONDS]
    print(f"\n{len(answers)} charts and filters, {len(slow)} over {LIMIT_SECONDS:.0f} s", file=sys.stderr)


def build_history(server: postgres.EmbeddedServer, size: int) -> None:
    """Land and publish the history, unless the directory holds one."""
    prepare(load_settings(), SOURCES)
    with psycopg.connect(server.url(), autocommit=True, cursor_factory=psycopg.ClientCursor) as admin:
        if admin.execute("select 1 from bi.publications limit 1").fetchone():
            return
        write_days(admin, HISTORY, size, 1, HISTORY.days)
        transform("full refresh", full_refresh=True)
        admin.execute("vacuum analyze")


@contextmanager
def served(server: postgres.EmbeddedServer, home: Path) -> Iterator[str]:
    """Install and serve the dashboards, and stop them at the end."""
    settings, users = load_settings(), {USER: (PASSWORD, ["BI reader", "Customer 360", ROLE])}
    dashboards.ensure_database(server, PASSWORD)
    database_url = server.url("superset", "superset", PASSWORD)
    variables = dashboards.environment_of(home, database_url, settings.warehouse_reader_url, users, PERIOD) | {
        "SUPERSET_SECRET_KEY": "a key for a benchmark, forty-two characters",
        "SUPERSET_ADMIN_PASSWORD": PASSWORD,
        "WAREHOUSE_BI_SECRET": settings.bi_secret,
    }
    dashboards.install(home, variables)
    try:
        yield dashboards.serve(home, free_port(), home, variables)
    finally:
        processes.stop_all(home)


def measure(url: str) -> list[Answer]:
    """Open everything in a browser, and repeat each recorded query."""
    with sync_playwright() as driver:
        flags = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--disable-background-networking"]
        browser = driver.chromium.launch(executable_path=str(chromium()), args=flags)
        page = browser.new_page(viewport=VIEW)
        page.set_default_timeout(300_000)
        page.goto(f"{url}/login/")
        page.fill("#username", USER)
        page.fill("#password", PASSWORD)
        page.click("button[type=submit]")
        page.wait_for_url(lambda there: "login" not in there)
        answers = []
        for dashboard in DASHBOARDS:
            chosen = busiest_customer() if "customer_id" in dashboard.filters else ""
            questions = questions_of(page, url, dashboard.slug, chosen)
            asked = {name for name, _ in questions.values()}
            if missing := {chart.title for chart in dashboard.charts()} - asked:
                raise AssertionError(f"{dashboard.slug} did not ask for {missing}")
            answers += [ask_again(page, url, f"{dashboard.slug}: {name}", asked) for name, asked in questions.values()]
        browser.close()
    return answers


def busiest_customer() -> str:
    """Return the part of a dashboard's address that chooses the customer with the most contacts."""
    with psycopg.connect(load_settings().warehouse_admin_url) as warehouse:
        found = warehouse.execute(_BUSIEST).fetchone()
    if found is None:
        raise AssertionError("no customer made contact")
    rule = f"extraFormData:(filters:!((col:customer_id,op:IN,val:!('{found[0]}')))),filterState:(value:!('{found[0]}'))"
    return f"?native_filters=(NATIVE_FILTER-customer_id:({rule},id:NATIVE_FILTER-customer_id,ownState:()))"


def questions_of(page: Page, url: str, slug: str, chosen: str) -> dict[Any, tuple[str, Request]]:
    """Return the queries of a dashboard's charts and filters, by chart or column."""
    found = page.request.get(f"{url}/api/v1/dashboard/{slug}/charts").json()["result"]
    titles = {chart["id"]: chart["slice_name"] for chart in found}
    questions: dict[Any, tuple[str, Request]] = {}

    def note(request: Request) -> None:
        if ASKED_AT in request.url and request.post_data:
            question = json.loads(request.post_data)
            chart = question["form_data"].get("slice_id")
            columns = question["queries"][0].get("columns")
            questions[chart or str(columns)] = (titles.get(chart) or f"filter {columns}", request)

    page.on("request", note)
    page.goto(f"{url}/superset/dashboard/{slug}/{chosen}")
    page.wait_for_selector(".dashboard-component-chart-holder")
    settle(page)
    for number in range(page.locator(TABS).count()):
        page.locator(TABS).nth(number).click()
        settle(page)
    page.remove_listener("request", note)
    return questions


def settle(page: Page) -> None:
    """Wait until nothing is loading any more."""
    page.wait_for_timeout(1500)
    page.wait_for_function(IS_QUIET)
    page.wait_for_timeout(700)


def ask_again(page: Page, url: str, name: str, asked: Request) -> Answer:
    """Repeat one query twice, and return the cost of the second answer."""
    token = page.request.get(f"{url}/api/v1/security/csrf_token/").json()["result"]
    headers = {"X-CSRFToken": token, "Referer": url, "Content-Type": "application/json"}
    for _ in range(2):
        started = time.monotonic()
        answer = page.request.post(asked.url, data=asked.post_data, headers=headers, timeout=300_000)
        seconds = time.monotonic() - started
    if not answer.ok:
        raise AssertionError(f"{name}: {answer.status} {answer.text()[:500]}")
    results = answer.json()["result"]
    print(f"{seconds:.2f} s {name}", file=sys.stderr, flush=True)
    return Answer(name, seconds, sum(sql_seconds(result["query"]) for result in results), results[0]["rowcount"] or 0)


def sql_seconds(query: str) -> float:
    """Return how long SQL takes with the role that the dashboards connect as."""
    settings = load_settings()
    place = settings.warehouse_reader_url.rpartition("@")[2]
    with psycopg.connect(f"postgresql://{ROLE}:{role_password(settings.bi_secret, ROLE)}@{place}") as reader:
        started = time.monotonic()
        for statement in filter(str.strip, query.split(";\n")):
            reader.execute(statement.encode()).fetchall()
        return time.monotonic() - started


_BUSIEST = """
select customer_id from bi.fct_contacts
where customer_id is not null
group by customer_id order by count(*) desc, customer_id asc limit 1
"""

if __name__ == "__main__":
    main()
