"""Public holidays close a calendar, unless somebody decided otherwise; expected days are from official calendars."""

import shutil
from pathlib import Path

import pytest

from social_crm.holidays import HolidaysUnknown, add_holidays, public_holidays
from social_crm.seeds import SEEDS


@pytest.fixture
def seeds(tmp_path: Path) -> Path:
    """Give a folder with two calendars and what one of them decided of two days."""
    (tmp_path / "business_calendars.csv").write_text("calendar_code,calendar,timezone\nus,,UTC\nsg,,UTC\n")
    (tmp_path / "business_exceptions.csv").write_text(
        "calendar_code,exception_date,name,opens_at,closes_at\n"
        "sg,2026-01-01,Open,09:00,12:00\n"
        "us,2026-11-26,Black Thursday,08:00,10:00\n"
        "us,2026-11-26,Black Thursday,12:00,13:00\n"
    )
    return tmp_path


@pytest.mark.parametrize(
    ("place", "days"),
    [
        # The last Monday of May; the fourth Thursday of November; Independence Day on a Saturday, kept on Friday.
        ("US", ["2026-05-25", "2026-11-26", "2026-07-03"]),
        # National Day on a Sunday, kept on Monday; Deepavali on a Sunday, too (Ministry of Manpower, 2026).
        ("SG", ["2026-08-09", "2026-08-10", "2026-11-08", "2026-11-09"]),
        ("IN", ["2026-01-26", "2026-08-15", "2026-10-02"]),
        ("US-CA", ["2026-03-31"]),
    ],
)
def test_the_days_of_a_place_are_those_of_its_official_calendar(place: str, days: list[str]) -> None:
    assert set(days) <= public_holidays(place, 2026, 2026).keys()


def test_a_holiday_of_a_part_of_a_country_is_none_of_the_country() -> None:
    assert "2026-03-31" not in public_holidays("US", 2026, 2026)


def test_what_was_decided_of_a_day_stays(seeds: Path) -> None:
    before = (seeds / "business_exceptions.csv").read_text().splitlines()
    # The eleven federal holidays and Friday the 3rd of July, without Thanksgiving Day.
    assert add_holidays(seeds, "us", "US", 2026, 2026) == 11
    after = (seeds / "business_exceptions.csv").read_text().splitlines()
    assert set(before) <= set(after)
    assert len(after) == len(before) + 11
    assert "us,2026-05-25,Memorial Day,," in after
    assert [line for line in after if line.startswith("sg")] == [before[1]]


def test_a_second_call_changes_nothing(seeds: Path) -> None:
    add_holidays(seeds, "us", "US", 2026, 2027)
    once = (seeds / "business_exceptions.csv").read_bytes()
    assert add_holidays(seeds, "us", "US", 2026, 2027) == 0
    assert (seeds / "business_exceptions.csv").read_bytes() == once


@pytest.mark.parametrize(
    ("calendar", "place", "message"),
    [
        ("fr", "FR", "fr is no calendar of business_calendars.csv: add it there first"),
        ("us", "XX", r"XX: .* add its days to business_exceptions.csv by hand"),
        ("us", "US-XX", r"US-XX: .* add its days to business_exceptions.csv by hand"),
    ],
)
def test_what_is_not_known_is_named_and_nothing_written(seeds: Path, calendar: str, place: str, message: str) -> None:
    before = (seeds / "business_exceptions.csv").read_bytes()
    with pytest.raises(HolidaysUnknown, match=message):
        add_holidays(seeds, calendar, place, 2026, 2026)
    assert (seeds / "business_exceptions.csv").read_bytes() == before


@pytest.mark.parametrize("place", ["IN", "SG", "US"])
def test_the_calendars_we_bring_know_five_years(place: str, tmp_path: Path) -> None:
    for name in ("business_calendars.csv", "business_exceptions.csv"):
        shutil.copy(SEEDS / name, tmp_path)
    assert add_holidays(tmp_path, f"{place.lower()}_service", place, 2024, 2028) == 0


@pytest.mark.parametrize("year", [29, 99_999])
def test_a_year_without_a_holiday_is_refused_not_passed_over(year: int) -> None:
    with pytest.raises(HolidaysUnknown, match="write years in full"):
        public_holidays("IN", year, year)
