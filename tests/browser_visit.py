"""A visit to Superset in a browser, that remembers everything that went wrong on the way."""

import re
import uuid
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

from playwright.sync_api import APIResponse, BrowserContext, Locator, Page, Request
from playwright.sync_api import TimeoutError as TookTooLong

TABS = ".dashboard-component-tabs .ant-tabs-tab-btn"
OPTIONS = ".ant-select-item-option:visible"
# Beside another test on two cores, a page that takes 5 s alone was seen to take more than 60.
PATIENCE_MILLISECONDS = 240_000
STEP_MILLISECONDS, QUIET_MILLISECONDS = 100, 700
IS_LOADING = """
    () => [...document.querySelectorAll('[data-test="loading-indicator"], .loading')].some(found => found.offsetParent)
"""
# A menu that still unfolds swallows the click on its item, and stays open: seen once in CI.
MENU_ATTEMPTS, MENU_MILLISECONDS = 5, 15_000
# Signing in loads two more pages of scripts.
_sessions: dict[tuple[str, str], Any] = {}


class Visit:
    """One signed-in person at one page."""

    def __init__(self, page: Page, url: str) -> None:
        """Note errors of the page and of the server from now on."""
        self.page, self.url = page, url
        self.errors: list[str] = []
        self.asking: set[Request] = set()
        page.on("request", lambda request: self.asking.add(request))
        for end in ("requestfinished", "requestfailed"):
            page.on(end, lambda request: self.asking.discard(request))
        page.on("response", lambda answer: answer.status >= 400 and self.errors.append(f"{answer.status} {answer.url}"))
        page.on("pageerror", lambda error: self.errors.append(str(error)))

    def open(self, slug: str, period: str = "") -> None:
        """Open a dashboard, of a period of its own if given, and wait until its first tab is drawn."""
        chosen = f"extraFormData:(time_range:'{period}'),filterState:(value:'{period}'),id:NATIVE_FILTER-period"
        query = f"?native_filters=(NATIVE_FILTER-period:({chosen},ownState:()))" if period else ""
        self.page.goto(f"{self.url}/superset/dashboard/{slug}/{query}")
        self.page.wait_for_selector(".dashboard-component-chart-holder")
        self.settle()

    def settle(self) -> None:
        """Wait until for a while nothing is asked for and nothing loads."""
        quiet, patience = 0, PATIENCE_MILLISECONDS
        while quiet < QUIET_MILLISECONDS:
            self.page.wait_for_timeout(STEP_MILLISECONDS)
            patience -= STEP_MILLISECONDS
            # The page answers between two tasks of its own, so one that still draws is not taken for a quiet one.
            is_loading = self.page.evaluate(IS_LOADING) or self.asking
            quiet = 0 if is_loading else quiet + STEP_MILLISECONDS
            if patience < 0:
                raise TookTooLong(f"{self.page.url} still loads: {self.asking}")

    def tabs(self) -> int:
        """Return how many tabs the dashboard has."""
        return self.page.locator(TABS).count()

    def choose_tab(self, number: int) -> None:
        """Open a tab and wait for it."""
        self.page.locator(TABS).nth(number).click()
        self.settle()

    def choices(self, name: str) -> list[str]:
        """Open a filter and return what it offers."""
        self.page.keyboard.press("Escape")
        self.page.locator(f"#NATIVE_FILTER-{name}").click()
        self.page.locator(OPTIONS).first.wait_for()
        self.page.wait_for_timeout(2000)
        return self.page.locator(OPTIONS).all_inner_texts()

    def choose(self, name: str, value: str) -> None:
        """Choose one value of a filter, and let the charts follow."""
        assert value in self.choices(name)
        self.page.locator(OPTIONS).get_by_text(value, exact=True).click()
        self.page.keyboard.press("Escape")
        self.page.locator('[data-test="filter-bar__apply-button"]').click()
        self.settle()

    def choose_first(self, name: str, among: list[str]) -> str:
        """Choose the first of these that a filter offers, and return it."""
        value = next(offered for offered in self.choices(name) if offered in among)
        self.choose(name, value)
        return value

    def drill(self, title: str) -> str:
        """Return the rows behind the first line of a table, as Superset shows them."""
        rows = self.page.locator(".ant-modal:visible")
        for _ in range(MENU_ATTEMPTS):
            self._chart(title).locator("td:visible").first.click(button="right")
            self.page.get_by_role("menuitem", name="Drill to detail", exact=True).click()
            with suppress(TookTooLong):
                rows.wait_for(timeout=MENU_MILLISECONDS)
                break
            self.page.keyboard.press("Escape")
        rows.get_by_text(re.compile(r"^\d+ rows?$")).wait_for()
        self.settle()
        return rows.inner_text()

    def number(self, title: str) -> str:
        """Return the text of the chart with exactly this title."""
        return self._chart(title).inner_text()

    def charts(self) -> list[tuple[str, str]]:
        """Return the title and the text of every chart that is to be seen."""
        found = self.page.locator(".dashboard-component-chart-holder:has(.chart-slice):visible").all_inner_texts()
        return [(text.splitlines()[0], text) for text in found]

    def _chart(self, title: str) -> Locator:
        named = self.page.get_by_text(title, exact=True)
        return self.page.locator(".dashboard-component-chart-holder").filter(has=named).first

    def asks(self, dataset_id: int, column: str, value: str) -> int:
        """Ask a dataset as a chart does, for rows with this value, and return the status of the answer."""
        chosen = [{"col": column, "op": "IN", "val": [value]}]
        question = {
            "datasource": {"id": dataset_id, "type": "table"},
            "queries": [{"columns": [column], "filters": chosen, "row_limit": 10}],
        }
        return self.posts("/api/v1/chart/data", data=question).status

    def streams(self, query: str) -> str:
        """Run a query in SQL Lab, ask for its answer as for a long file, and return what comes."""
        name = str(uuid.uuid4())[:11]
        self.runs(query, client_id=name)
        return self.posts("/api/v1/sqllab/export_streaming/", form={"client_id": name}).text()

    def runs(self, statements: str, **more: str) -> str:
        """Run statements in SQL Lab and return the answer as it is sent."""
        [database] = self.page.request.get(f"{self.url}/api/v1/database/").json()["ids"]
        return self.posts("/api/v1/sqllab/execute/", data={"database_id": database, "sql": statements, **more}).text()

    def posts(self, path: str, *, method: str = "POST", referer: str = "", **sent: Any) -> APIResponse:
        """Send data or a form to an address of the API, as if from a page of it, and return the answer."""
        request = self.page.request
        token = request.get(f"{self.url}/api/v1/security/csrf_token/").json()["result"]
        headers = {"X-CSRFToken": token, "Referer": f"{self.url}{referer}"}
        return request.fetch(f"{self.url}{path}", method=method, headers=headers, **sent)

    def alerts(self) -> list[str]:
        """Return the boxes that say something failed."""
        return self.page.locator('[role="alert"]:visible').all_inner_texts()


@contextmanager
def signed_in(browser: BrowserContext, url: str, user: str, password: str) -> Iterator[Visit]:
    """Open a page as this person, who has signed in once a session, and nobody else."""
    browser.clear_cookies()
    browser.set_default_timeout(PATIENCE_MILLISECONDS)
    page = browser.new_page()
    visit = Visit(page, url)
    try:
        if (url, user) in _sessions:
            browser.add_cookies(_sessions[url, user])
        else:
            _sign_in(page, url, user, password)
            _sessions[url, user] = browser.cookies()
        visit.errors.clear()
        yield visit
    except TookTooLong as error:
        said = page.locator("body").inner_text()
        raise AssertionError(f"{error}\n{page.url} went wrong with {visit.errors} and says: {said[:2000]}") from None
    finally:
        page.close()


def _sign_in(page: Page, url: str, user: str, password: str) -> None:
    page.goto(f"{url}/login/")
    page.fill("#username", user)
    page.fill("#password", password)
    page.click("button[type=submit]")
    page.wait_for_url(lambda there: "login" not in there)
