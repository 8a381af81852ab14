"""Visits of our pages, from dropped files to the mart: a corrected export takes the place of the day it is about."""

import time
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from test_file_sources import MONDAY
from test_staging import Warehouse

from social_crm.errors import FrontDoorRefused
from social_crm.landing.loading import load_resource
from social_crm.quality import doors
from social_crm.quality.doors import check_raw
from social_crm.settings import Settings
from social_crm.sources.analytics import ANALYTICS
from social_crm.sources.model import Connection, Window
from social_crm.transform.dbt_runner import load_seeds, run_models, run_tests

HEADER = "site,day,page,visits,topic,market\n"
MODELS = ["staging.analytics", "intermediate.listening", "fct_page_days"]
SEEDS = ["source_accounts", "markets", "brands", "issues", "page_topics"]
PLACES = ["dim_market", "dim_brand", "dim_issue"]


class Company(Warehouse):
    """A warehouse and the inbox of its sites' exports."""

    def __init__(self, settings: Settings, inbox: Path) -> None:
        """Connect; nothing is built yet."""
        super().__init__(settings)
        self.inbox, self._days = inbox, 0

    def furnish(self) -> None:
        """Build what facts refer to."""
        load_seeds(SEEDS)
        self._is_first = False
        run_models(PLACES)

    def drop(self, name: str, *rows: str) -> None:
        """Write a file."""
        (self.inbox / name).write_text(HEADER + "\n".join(rows) + "\n")

    def load(self) -> int:
        """Land what is new, through the front door."""
        load_id = self.land()
        check_raw("analytics", [load_id])
        return load_id

    def land(self) -> int:
        """Land what is new, up to the front door."""
        window = Window(MONDAY.start, MONDAY.end + timedelta(days=self._days))
        self._days += 1
        connection = Connection(str(self.inbox), options={"settle_seconds": 0})
        return load_resource(ANALYTICS, ANALYTICS.resource("site_days"), connection, window, "test").load_id

    def publish(self, *, full_refresh: bool = False) -> list[tuple]:
        """Bring what is new into the mart, and return what it says."""
        self.transform(self.load(), select=MODELS, full_refresh=full_refresh)
        columns = "local_date_key::text, page, issue_code, visit_count"
        return self.rows(f"select {columns} from marts.fct_page_days order by 1, 2")


@pytest.fixture
def company(warehouse: Settings, tmp_path: Path) -> Company:
    inbox = tmp_path / "inbox"
    inbox.mkdir()
    return Company(warehouse, inbox)


def test_a_corrected_export_replaces_its_day_and_leaves_the_others(company: Company) -> None:
    company.furnish()
    company.drop("visits_2026-10-04.csv", "acme,2026-10-04,/fees,7,fees,us")
    company.drop("visits_2026-10-05.csv", "acme,2026-10-05,/fees,5,fees,us", "acme,2026-10-05,/old,1,,us")
    sunday = ("2026-10-04", "/fees", "charges_fees", 7)
    monday = ("2026-10-05", "/fees", "charges_fees", 5)
    assert company.publish() == [sunday, monday, ("2026-10-05", "/old", "unknown", 1)]
    # The same file, and a copy of it under the name of a later day.
    text = (company.inbox / "visits_2026-10-05.csv").read_text()
    (company.inbox / "visits_2026-10-06.csv").write_text(text)
    assert company.publish() == [sunday, monday, ("2026-10-05", "/old", "unknown", 1)]
    # One page has other numbers, one is gone, one is new.
    company.drop("visits_2026-10-05.csv", "acme,2026-10-05,/fees,6,fees,us", "acme,2026-10-05,/new,2,,us")
    company.drop("visits_2026-10-06.csv", "acme,2026-10-06,/,3,,us")
    corrected = [sunday, ("2026-10-05", "/fees", "charges_fees", 6), ("2026-10-05", "/new", "unknown", 2)]
    found = company.publish()
    assert found == [*corrected, ("2026-10-06", "/", "unknown", 3)]
    company.drop("visits_2026-10-03.csv", "acme,2026-10-03,/,1,,us")
    assert company.publish(full_refresh=True) == [("2026-10-03", "/", "unknown", 1), *found]
    run_tests(MODELS)


@pytest.mark.parametrize(
    ("rows", "rule"),
    [
        (["acme,05/10/2026,/,3,,us"], "_event_at"),
        (['acme,2026-10-05,/,"1,200",,us'], "pages_without_visits"),
        (["acme,2126-10-05,/,3,,us"], "seconds_in_future"),
    ],
)
def test_an_export_that_cannot_be_meant_stops_at_the_front_door(company: Company, rows: list[str], rule: str) -> None:
    company.drop("visits_2026-10-05.csv", *rows)
    with pytest.raises(FrontDoorRefused, match=rule):
        company.load()


def test_two_files_of_one_day_about_one_site_are_refused_together_and_one_after_the_other(company: Company) -> None:
    company.drop("india_2026-10-05.csv", "acme,2026-10-05,/,3,,in")
    company.drop("usa_2026-10-05.csv", "acme,2026-10-05,/,4,,us")
    with pytest.raises(FrontDoorRefused, match="files_of_the_day"):
        company.load()
    # What was refused together replaced nothing: one file with all pages takes the place of both.
    (company.inbox / "usa_2026-10-05.csv").unlink()
    company.drop("india_2026-10-05.csv", "acme,2026-10-05,/,3,,in", "acme,2026-10-05,/,4,,us")
    company.load()
    company.drop("usa_2026-10-05.csv", "acme,2026-10-05,/,4,,us")
    with pytest.raises(FrontDoorRefused, match="files_of_the_day"):
        company.load()
    (company.inbox / "usa_2026-10-05.csv").unlink()
    company.drop("india_2026-10-05.csv", "acme,2026-10-05,/,3,,in", "acme,2026-10-05,/,5,,us")
    company.load()


def test_of_two_loads_of_one_day_that_are_examined_again_at_once_one_is_let_in(
    company: Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    company.drop("india_2026-10-05.csv", "acme,2026-10-05,/,3,,in")
    loads = [company.land()]
    (company.inbox / "india_2026-10-05.csv").unlink()
    company.drop("usa_2026-10-05.csv", "acme,2026-10-05,/,4,,us")
    loads.append(company.land())
    # Refused together; each alone would be let in, for what was refused replaced nothing.
    with pytest.raises(FrontDoorRefused, match="files_of_the_day"):
        check_raw("analytics", loads)

    mark, waiting = doors._mark, "select count(*) from pg_locks where locktype = 'advisory' and not granted"
    with ThreadPoolExecutor(1) as thread:
        others: list[Future[object]] = []

        def mark_late(*args: Any) -> None:
            if not others:
                others.append(thread.submit(check_raw, "analytics", loads[1:]))
                while not others[0].done() and company.rows(waiting) == [0]:
                    time.sleep(0.01)
            mark(*args)

        monkeypatch.setattr(doors, "_mark", mark_late)
        check_raw("analytics", loads[:1])
        with pytest.raises(FrontDoorRefused, match="files_of_the_day"):
            others[0].result()
