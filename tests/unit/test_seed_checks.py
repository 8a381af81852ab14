"""Seeds as people break them: each line is named with its file, what is wrong and what to write."""

import shutil
from pathlib import Path

import pytest

from social_crm.seed_checks import SHOWN, check_seeds
from social_crm.seeds import SEEDS, SeedRefused, read_seed


@pytest.fixture
def seeds(tmp_path: Path) -> Path:
    """Give the test a copy of all seeds to break."""
    return Path(shutil.copytree(SEEDS, tmp_path / "seeds"))


def test_the_seeds_as_they_stand_are_taken() -> None:
    check_seeds()


@pytest.mark.parametrize(
    ("seed", "line", "problem"),
    [
        ("calendar_assignments", "dee,,,always", "market_code 'dee' is no market_code of markets.csv: add it there,"),
        ("markets", "de,Germany,Europe,Berlin", "timezone 'Berlin' is no time zone of IANA, such as Europe/Berlin"),
        ("markets", "de,,Europe,Europe/Berlin", "market is blank"),
        ("markets", "de,  ,Europe,Europe/Berlin", "market is blank"),
        ("markets", "de,Null,Europe,Europe/Berlin", "market is blank"),
        ("markets", "us,Again,Americas,America/New_York", "market_code as in line 4; they must be unique"),
        ("business_hours", "in_service,6,8 Uhr,18:00,,", "opens_at '8 Uhr' is no time such as 08:30"),
        ("business_hours", "in_service,Sat,08:00,18:00,,", "iso_weekday 'Sat' is no whole number"),
        ("business_hours", "in_service,6,8:00,18:00,,", "opens_at '8:00' is no time such as 08:30"),
        ("business_hours", "in_service,6,08:00,18:00,2026-05-01,2026-01-01", "valid_from 2026-05-01 is after valid_to"),
        ("business_hours", "always,1,00:00,24:00,,", "calendar_code, iso_weekday, opens_at, valid_from as in line 2"),
        ("business_exceptions", "in_service,26.01.2024,Day,,", "exception_date '26.01.2024' is no date such"),
        ("business_calendars", "de_service,Germany,Europe/Berlin", "calendar_code 'de_service' is no calendar_code of"),
        ("sla_policies", "fast,Fast,answer,,,,,,60,true,,", "metric 'answer' is none of first_reply, next_"),
        ("sla_policies", "fast,Fast,first_reply,,,,,,6_0,true,,", "target_seconds '6_0' is no whole number"),
        ("business_exceptions", "in_service,2024-W05-5,Day,,", "exception_date '2024-W05-5' is no date such"),
        ("sla_policies", "fast,Fast,first_reply,,,,,,soon,true,,", "target_seconds 'soon' is no whole number"),
        ("sla_policies", "fast,Fast,first_reply,,,,,,60,yes,,", "in_business_hours 'yes' is no true or false"),
        ("sla_policies", "fast,Fast,first_reply,,,,,,60,true,today,", "valid_from 'today' is no moment such as"),
        ("markets", "de,Germany,Europe", "not as many cells as the 4 columns of line 1"),
    ],
)  # fmt: skip
def test_a_line_that_cannot_be_used_is_named(seeds: Path, seed: str, line: str, problem: str) -> None:
    path = seeds / f"{seed}.csv"
    number = len(path.read_text().splitlines()) + 1
    path.write_text(f"{path.read_text()}{line}\n")
    with pytest.raises(SeedRefused) as refused:
        check_seeds(seeds)
    assert f"\n{seed}.csv line {number}: {problem}" in str(refused.value)


def test_every_broken_line_is_told_and_of_very_many_the_first(seeds: Path) -> None:
    path = seeds / "markets.csv"
    path.write_text(path.read_text() + "".join(f"m{number},,Europe,UTC\n" for number in range(SHOWN + 5)))
    with pytest.raises(SeedRefused, match="and 5 more") as refused:
        check_seeds(seeds)
    assert str(refused.value).count("market is blank") == SHOWN


@pytest.mark.parametrize(
    ("replace", "problem"),
    [
        ((",", ";"), "business_calendars.csv: columns are not separated by commas: save it as CSV with commas"),
        (("timezone", "time zone"), "business_calendars.csv: columns missing: timezone; columns unknown: time zone"),
    ],
)
def test_a_file_that_is_no_table_of_its_columns_says_how_to_save_it(
    seeds: Path, replace: tuple[str, str], problem: str
) -> None:
    path = seeds / "business_calendars.csv"
    path.write_text(path.read_text().replace(*replace))
    with pytest.raises(SeedRefused) as refused:
        check_seeds(seeds)
    assert problem in str(refused.value)


def test_what_a_spreadsheet_puts_ahead_of_the_first_column_is_read_over(seeds: Path) -> None:
    path = seeds / "markets.csv"
    path.write_text(path.read_text(), encoding="utf-8-sig")
    assert read_seed(path) == read_seed(SEEDS / "markets.csv")
    check_seeds(seeds)


@pytest.mark.parametrize("encoding", ["cp1252", "utf-16"])
def test_a_file_in_another_encoding_is_named(seeds: Path, encoding: str) -> None:
    (seeds / "brands.csv").write_text("brand_code,brand\nmüller,Müller\n", encoding=encoding)
    with pytest.raises(SeedRefused, match=r"brands\.csv: cannot be read: save it as CSV with commas, in UTF-8"):
        check_seeds(seeds)


def test_a_file_without_a_description_is_named(seeds: Path) -> None:
    (seeds / "mine.csv").write_text("a,b\n1,2\n")
    with pytest.raises(SeedRefused, match=r"mine\.csv: mine\.yml, which must describe it, is missing"):
        check_seeds(seeds)
