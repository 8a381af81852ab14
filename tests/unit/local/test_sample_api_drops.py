"""The drop folders and the CRM follow the sample server's clock."""

import sqlite3
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from social_crm.local.sample_api.app import SampleApi

LATE = "calls_2026-11-06_pbx-sg.csv"
CORRECTED = "calls_2026-11-04_pbx-in.csv"


@pytest.fixture
def state(server: SampleApi, tmp_path: Path) -> Path:
    return tmp_path / "state"


def rows(state: Path, query: str) -> list[Any]:
    with sqlite3.connect(state / "crm.sqlite") as database:
        return database.execute(query).fetchall()


def test_a_file_appears_at_the_end_of_its_day_with_that_age(state: Path, post: Any) -> None:
    post("/_sample/clock", {"now": "2026-10-26T23:59:59Z"})
    assert list((state / "phone").iterdir()) == []
    post("/_sample/clock", {"now": "2026-10-27T00:00:00Z"})
    files = sorted((state / "phone").iterdir())
    assert [file.name for file in files] == [f"calls_2026-10-26_pbx-{pbx}.csv" for pbx in ("in", "sg", "us")]
    assert files[0].stat().st_mtime == datetime.fromisoformat("2026-10-27T00:00:00Z").timestamp()


def test_the_late_file_comes_on_the_last_day(state: Path, post: Any) -> None:
    post("/_sample/clock", {"now": "2026-11-08T00:00:00Z"})
    assert not (state / "phone" / LATE).exists()
    assert (state / "phone/calls_2026-11-07_pbx-sg.csv").exists()
    post("/_sample/clock", {"now": "2026-11-08T09:00:00Z"})
    assert "N-0004" in (state / "phone" / LATE).read_text()


def test_the_corrected_file_replaces_its_first_content_and_back(state: Path, post: Any) -> None:
    post("/_sample/clock", {"now": "2026-11-08T00:00:00Z"})
    first = (state / "phone" / CORRECTED).read_text()
    post("/_sample/clock", {"now": "2026-11-09T00:00:00Z"})
    second = (state / "phone" / CORRECTED).read_text()
    changed = [pair for pair in zip(first.splitlines(), second.splitlines(), strict=True) if pair[0] != pair[1]]
    assert len(changed) == 1
    assert "corrected after review" in changed[0][1]
    post("/_sample/clock", {"now": "2026-11-08T00:00:00Z"})
    assert (state / "phone" / CORRECTED).read_text() == first


def test_the_second_dump_says_which_answer_was_accepted_and_not_what_is_gone(state: Path) -> None:
    folder = state / "stackexchange"
    first, second = ((folder / f"posts_money.example.com_2026-11-0{day}.xml").read_text() for day in (1, 8))
    assert [dump.count('AcceptedAnswerId="48960005"') for dump in (first, second)] == [0, 1]
    assert [dump.count('Id="50040006"') for dump in (first, second)] == [1, 0]


def test_the_crm_holds_each_customer_once_as_of_the_clock(state: Path, post: Any) -> None:
    post("/_sample/clock", {"now": "2026-11-08T00:00:00Z"})
    before = dict(rows(state, "select id, updated_at from customers"))
    post("/_sample/clock", {"now": "2026-11-09T00:00:00Z"})
    after = dict(rows(state, "select id, updated_at from customers"))
    assert len(after) == 460
    assert len([key for key in before if before[key] != after[key]]) >= 12
    assert None in after.values()
    assert max(stamp for stamp in after.values() if stamp) < "2026-11-09"


def test_the_crm_holds_the_traps_of_real_ones(state: Path) -> None:
    shared_mailbox = rows(
        state, "select count(*) from customers where lower(email) = 'accounts@harbourcafe.example.com'"
    )
    assert shared_mailbox == [(2,)]
    shared_stamp = rows(state, "select count(*) from customers where created_at like '2026-10-26 00:15:00%'")
    assert shared_stamp[0][0] > 50
    assert rows(state, "select count(*) from customers where account_id is not null")[0][0] > 50


def test_the_site_holds_what_was_written_by_then(state: Path, post: Any) -> None:
    def newest() -> str:
        with sqlite3.connect(state / "site.sqlite") as database:
            return database.execute("select max(created_at) from messages").fetchone()[0]

    assert newest() > "2026-11-08"
    post("/_sample/clock", {"now": "2026-10-27T07:29:59Z"})
    assert "2026-10-27" < newest() < "2026-10-27 07:30"
    post("/_sample/clock", {"now": "2026-10-27T07:30:00Z"})
    assert newest() == "2026-10-27 07:30:00.000000"


@pytest.mark.parametrize("document", [{"now": "tomorrow"}, {"now": "2026-11-08T00:00:00"}, {}])
def test_a_clock_that_is_no_moment_is_refused(post: Any, document: dict[str, str]) -> None:
    assert post("/_sample/clock", document).status == 400
