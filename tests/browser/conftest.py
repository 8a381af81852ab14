"""A published week, one Superset on it, and Chromium: each once a session."""

from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import pytest
from playwright.sync_api import BrowserContext, sync_playwright

from social_crm.local import dashboards, postgres, processes
from social_crm.local.processes import free_port
from social_crm.settings import Settings
from worlds.warehouses import copy_warehouse, in_place_of

CHROMIUM = Path("/usr/bin/chromium")
PASSWORD = "browser-test"
USERS = {
    "global_lead": ["BI reader", "Customer 360", "bi_global"],
    "india_lead": ["BI reader", "bi_india"],
    # The seed has a role of both markets, and none of these two.
    "asia_lead": ["BI reader", "bi_india", "bi_singapore"],
    "far_lead": ["BI reader", "bi_india", "bi_united_states"],
    "newcomer": ["BI reader"],
    "former_lead": ["BI reader", "bi_india"],
    "returned_lead": ["BI reader", "bi_india"],
}
# The days of star_world; the end is not part of it.
PERIODS = dict.fromkeys(("Last week", "Last month"), "2000-01-01 : 2100-01-01")


@pytest.fixture(scope="session")
def published(
    postgres_server: postgres.EmbeddedServer,
    tmp_path_factory: pytest.TempPathFactory,
    request: pytest.FixtureRequest,
) -> Settings:
    """Give the dashboards a copy of the published week, for as long as there is a browser."""
    if not CHROMIUM.exists():
        pytest.skip(f"{CHROMIUM} is absent: .ci/run installs Debian's chromium")
    if not (dashboards.BIN_DIR / "gunicorn").exists():
        pytest.skip(".venv-bi is absent: make .venv-bi/installed")
    week = request.getfixturevalue("published_week")
    return copy_warehouse(postgres_server, tmp_path_factory.mktemp("published"), week)


@pytest.fixture(scope="session")
def superset_variables(
    postgres_server: postgres.EmbeddedServer, published: Settings, tmp_path_factory: pytest.TempPathFactory
) -> dict[str, str]:
    """Return the environment of Superset, which has a database of its own."""
    home = tmp_path_factory.mktemp("superset")
    dashboards.ensure_database(postgres_server, PASSWORD)
    database_url = postgres_server.url("superset", "superset", quote(PASSWORD))
    users = {name: (PASSWORD, roles) for name, roles in USERS.items()}
    return dashboards.environment_of(home, database_url, published.warehouse_reader_url, users, PERIODS) | {
        "SUPERSET_SECRET_KEY": "a key for tests, forty-two characters long",
        "SUPERSET_ADMIN_PASSWORD": PASSWORD,
        "WAREHOUSE_BI_SECRET": published.bi_secret,
    }


@pytest.fixture(scope="session")
def superset_url(superset_variables: dict[str, str]) -> Iterator[str]:
    """Install the dashboards, serve them, and stop at the end."""
    home = Path(superset_variables["HOME"])
    dashboards.install(home, superset_variables)
    yield dashboards.serve(home, free_port(), home, superset_variables)
    processes.stop_all(home)


@pytest.fixture
def nothing_said(
    postgres_server: postgres.EmbeddedServer, published: Settings, published_void: Settings
) -> Iterator[None]:
    """Point the dashboards at an empty warehouse: a second Superset would cost a minute and 300 MB."""
    with in_place_of(postgres_server, published, published_void):
        yield


# No longer than its module: while it runs, no other test of the worker could run an event loop.
@pytest.fixture(scope="module")
def chromium(tmp_path_factory: pytest.TempPathFactory) -> Iterator[BrowserContext]:
    """Start Debian's Chromium, without its own calls home; one profile keeps Superset's compiled scripts."""
    if not CHROMIUM.exists():
        pytest.skip(f"{CHROMIUM} is absent: .ci/run installs Debian's chromium")
    # Pages are left before scripts that were compiled once more have paid: a sixth of Chromium's CPU.
    quiet = [
        "--js-flags=--no-opt",
        # What shows that a chart loads stands still: a fifth of the CPU.
        "--blink-settings=imageAnimationPolicy=2",
        "--no-sandbox",
        "--disable-gpu",
        "--disable-quic",
        "--disable-background-networking",
        "--disable-sync",
    ]
    with sync_playwright() as driver:
        browser = driver.chromium.launch_persistent_context(
            tmp_path_factory.mktemp("chromium"),
            executable_path=str(CHROMIUM),
            args=quiet,
            viewport={"width": 1600, "height": 1400},
        )
        yield browser
        browser.close()
