"""The executive dashboard as pictures, by e-mail, for people who do not sign in."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from social_crm.activation.model import Item
from social_crm.database import connect
from social_crm.errors import ContractBroken, CredentialRefused, SourceUnavailable
from social_crm.settings import chromium, dashboards_url, load_settings
from social_crm.sources.model import Connection
from social_crm.sources.web.network import refuse_forbidden_url

if TYPE_CHECKING:
    from playwright.sync_api import Page, Response

SLUG = "executive"
WIDTH, HEIGHT = 1600, 1400
PATIENCE_MS = 180_000
# Longer pages are cut: nobody reads a larger picture.
MOST_HEIGHT = 6_000
# The pages are our own, and containers give Chromium no sandbox. No other server is contacted.
FLAGS = ("--no-sandbox", "--disable-gpu", "--disable-quic", "--disable-background-networking", "--disable-sync")
_TABS = ".dashboard-component-tabs .ant-tabs-tab-btn"
_IS_QUIET = """() => ![...document.querySelectorAll('[data-test="loading-indicator"], .loading')]
    .some(found => found.offsetParent)"""
_FULL_HEIGHT = """() => Math.max(...[...document.querySelectorAll('.dashboard, .grid-container, #app, body')]
    .map(part => part.scrollHeight))"""


def weekly_report(connection: Connection | None, now: datetime) -> Item:
    """Return last week's report, without pictures if the dashboards' address is not known."""
    year, week, _ = (now - timedelta(days=7)).isocalendar()
    with connect(load_settings().warehouse_transformer_url) as warehouse:
        [(as_of,)] = warehouse.execute("select max(as_of) from bi.publications")
    known_until = f"{as_of:%Y-%m-%d %H:%M} UTC" if as_of else "nothing: no publication yet"
    link = f"{dashboards_url() or 'the dashboards'}/superset/dashboard/{SLUG}/"
    return Item(
        kind="notification",
        item_id=f"report:{SLUG}:{year}-W{week:02}",
        title=f"Social customer service, week {week} of {year}",
        body=f"The executive dashboard, a picture of each tab. It knows of everything until {known_until}.\n\n{link}\n",
        action="weekly_report",
        is_ours=True,
        attachments=tuple(take_pictures(connection)) if connection else (),
    )


def take_pictures(connection: Connection) -> Iterator[tuple[str, bytes]]:
    """Yield name and PNG of each tab; raises an error rather than send a dashboard that shows one."""
    refuse_forbidden_url(connection.url, "report_executive")
    with _signed_in(connection) as page:
        page.goto(f"{connection.url}/superset/dashboard/{SLUG}/?standalone=1")
        page.wait_for_selector(".dashboard-component-chart-holder", timeout=PATIENCE_MS)
        _settle(page)
        tabs = page.locator(_TABS)
        for number in range(max(1, tabs.count())):
            page.set_viewport_size({"width": WIDTH, "height": HEIGHT})
            if tabs.count():
                tabs.nth(number).click()
                _settle(page)
            # Charts below the fold are drawn only when they are scrolled into view.
            page.set_viewport_size({"width": WIDTH, "height": min(page.evaluate(_FULL_HEIGHT), MOST_HEIGHT)})
            _settle(page)
            if page.locator('[role="alert"]:visible').count():
                raise ContractBroken(f"report: a chart of tab {number + 1} of {SLUG} shows an error; look at it")
            yield f"{SLUG}-{number + 1}.png", page.screenshot()


@contextmanager
def _signed_in(connection: Connection) -> Iterator["Page"]:
    from playwright.sync_api import Error, sync_playwright

    try:
        with sync_playwright() as driver:
            browser = driver.chromium.launch(executable_path=str(chromium()), args=list(FLAGS))
            page = browser.new_page(viewport={"width": WIDTH, "height": HEIGHT})
            page.goto(f"{connection.url}/login/")
            page.fill("#username", connection.login)
            page.fill("#password", connection.secret)
            # Other answers or redirects may come first; this one tells whether the sign-in worked.
            with page.expect_response(_is_sign_in, timeout=PATIENCE_MS) as answer:
                page.click("button[type=submit]")
            if "/login" in (answer.value.header_value("location") or "/login"):
                raise CredentialRefused("report: Superset refused login or password; correct superset_report")
            page.wait_for_url(lambda address: "/login" not in address, timeout=PATIENCE_MS)
            yield page
            browser.close()
    except Error as error:
        # The error's text quotes what was typed.
        raise SourceUnavailable(f"report: the browser met {type(error).__name__}; is Superset there?") from None


def _is_sign_in(answer: "Response") -> bool:
    return answer.request.method == "POST" and "/login" in answer.url


def _settle(page: "Page") -> None:
    page.wait_for_timeout(1500)
    page.wait_for_function(_IS_QUIET, timeout=PATIENCE_MS)
    page.wait_for_timeout(700)
