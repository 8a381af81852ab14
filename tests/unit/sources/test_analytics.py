"""Web analytics: what is kept of a page's address, and that a file's day is one record."""

from pathlib import Path

import pytest

from social_crm.sources.analytics import ANALYTICS, by_site_and_day, path_of
from social_crm.sources.model import Record, Rejected
from worlds.dropped_files import rows_of

SITE_DAYS = ANALYTICS.resource("site_days")
FIXTURES = Path(__file__).resolve().parents[2] / "fixtures/analytics"


def row(**cells: str) -> Record:
    return {"site": "acme", "day": "2026-10-05", "page": "/", "visits": "1", "_file": "a.csv", "_line": 2, **cells}


def test_a_sites_day_is_one_record_with_its_pages_in_order() -> None:
    bank, pay = rows_of(SITE_DAYS, FIXTURES)
    assert [SITE_DAYS.key(one) for one in (bank, pay)] == ["acmebank.example/2026-06-30", "acmepay.example/2026-06-30"]
    assert [page["visits"] for page in bank["pages"]] == ["120", "2", "45", "900"]
    assert (bank["_line"], bank["pages"][2]["visitors"]) == (2, "")
    assert SITE_DAYS.event_at(pay) == "2026-06-30"


def test_nothing_of_a_person_is_kept_of_a_file() -> None:
    kept = str(rows_of(SITE_DAYS, FIXTURES))
    assert "erika" not in kept
    assert "eferrer" not in kept


@pytest.mark.parametrize(
    ("address", "kept"),
    [
        ("/help?email=erika@example.com", "/help"),
        ("https://acme.example/help/fees?utm_source=x#top", "/help/fees"),
        ("/reset/erika@example.com/new", "/reset/[email]/new"),
        ("/reset/erika%40example.com", "/reset/[email]"),
        ("/reset/erika%2540example.com", "/reset/[email]"),
        ("/help%3Femail=erika%40example.com", "/help"),
        ("/account/4111111111111111/x", "/account/[id]/x"),
        ("/account/4111%201111%201111%201111", "/account/[id]"),
        ("/track/+491701234567", "/track/[id]"),
        ("/reset/4f9a-token", "/reset/[id]"),
        ("/reset/kJ7GiuyGHJKl/new", "/reset/[id]/new"),
        ("/login;jsessionid=ABC123", "/login"),
        ("/login%3Bjsessionid=ABC123/x", "/login"),
        ("/help/top-10-questions/step-2/2fa", "/help/top-10-questions/step-2/2fa"),
        ("//[acme/help?mail=erika@example.com", "//[acme/help"),
        ("/caf%C3%A9", "/café"),
        ("", ""),
    ],
)
def test_a_page_is_its_path_without_addresses_numbers_and_tokens(address: str, kept: str) -> None:
    assert path_of(address) == kept


def test_a_topic_that_is_what_somebody_searched_for_names_nobody() -> None:
    [day] = by_site_and_day(iter([row(topic="where is erika@example.com")]))
    assert isinstance(day, dict)
    assert day["pages"][0]["topic"] == "where is [email]"


def test_pages_that_differ_in_what_is_cut_are_all_kept() -> None:
    [day] = by_site_and_day(iter([row(page="/search?q=a", visits="3"), row(page="/search?q=b", visits="4")]))
    assert isinstance(day, dict)
    assert [(page["page"], page["visits"]) for page in day["pages"]] == [("/search", "3"), ("/search", "4")]


def test_a_rejected_row_passes_by_and_a_day_written_otherwise_is_the_same_day() -> None:
    rejected = Rejected("ragged_row", "a cell less", "x", "a.csv line 3")
    passed, day = by_site_and_day(iter([row(), rejected, row(site=" ACME ", day="20261005")]))
    assert passed is rejected
    assert isinstance(day, dict)
    assert len(day["pages"]) == 2


@pytest.mark.parametrize("missing", ["site", "day"])
def test_a_row_of_no_site_or_day_has_no_key(missing: str) -> None:
    [record] = by_site_and_day(iter([row(**{missing: " "})]))
    assert isinstance(record, dict)
    assert SITE_DAYS.key(record) is None
