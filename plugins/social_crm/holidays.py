"""Adds the public holidays of a country, or part of one, to the exceptions of a calendar of working hours.

`in_service IN 2027 2028` closes calendar `in_service` on the public holidays of India in both years and those between;
`us_service US-CA …` on those of California. A date of which the seed already says something stays as it is: a half day
or an extra opening was somebody's decision. Holidays by the moon are estimates some years ahead, and say so.
"""

import csv
import sys
from pathlib import Path

from holidays import country_holidays

from social_crm.command import parser_of, run_command
from social_crm.errors import WarehouseError
from social_crm.seeds import SEEDS, read_seed


class HolidaysUnknown(WarehouseError):
    """Nobody can say which days are holidays; the message says what is not known."""

    kind = "holidays_unknown"


def main() -> None:
    """Run one command."""
    parser = parser_of("holidays", __doc__)
    parser.add_argument("calendar", help="its code in business_calendars.csv")
    parser.add_argument("place", help="country, and part of it, by ISO 3166: IN, US-CA")
    parser.add_argument("first_year", type=int)
    parser.add_argument("last_year", type=int)
    arguments = parser.parse_args()
    if arguments.first_year > arguments.last_year:
        parser.error(f"{arguments.first_year} is after {arguments.last_year}: the first year goes first")
    try:
        added = add_holidays(SEEDS, arguments.calendar, arguments.place, arguments.first_year, arguments.last_year)
    except WarehouseError as error:
        parser.error(str(error))
    sys.stdout.write(f"{added} holidays added to business_exceptions.csv; the next transform closes on them\n")


def add_holidays(seeds: Path, calendar_code: str, place: str, first_year: int, last_year: int) -> int:
    """Add the holidays that a calendar does not know of, and return how many; raises HolidaysUnknown."""
    if calendar_code not in (row["calendar_code"] for row in read_seed(seeds / "business_calendars.csv")):
        raise HolidaysUnknown(f"{calendar_code} is no calendar of business_calendars.csv: add it there first")
    path = seeds / "business_exceptions.csv"
    rows = read_seed(path)
    known = {row["exception_date"] for row in rows if row["calendar_code"] == calendar_code}
    more = [
        {"calendar_code": calendar_code, "exception_date": day, "name": name, "opens_at": "", "closes_at": ""}
        for day, name in public_holidays(place, first_year, last_year).items()
        if day not in known
    ]
    rows = sorted(rows + more, key=lambda row: (row["calendar_code"], row["exception_date"], row["opens_at"]))
    if more:
        with path.open("w", newline="", encoding="utf-8") as stream:
            writer = csv.DictWriter(stream, list(rows[0]), lineterminator="\n")
            writer.writeheader()
            writer.writerows(rows)
    return len(more)


def public_holidays(place: str, first_year: int, last_year: int) -> dict[str, str]:
    """Return the name of each public holiday by its local day, as ISO 8601 writes it; raises HolidaysUnknown."""
    country, _, part = place.partition("-")
    try:
        found = country_holidays(country, subdiv=part or None, years=range(first_year, last_year + 1))
    except NotImplementedError as error:
        raise HolidaysUnknown(f"{place}: {error}; add its days to business_exceptions.csv by hand") from None
    if not found:
        raise HolidaysUnknown(f"{place}: no holidays are known from {first_year} to {last_year}: write years in full")
    return {day.isoformat(): name for day, name in sorted(found.items())}


if __name__ == "__main__":
    sys.exit(run_command(main))
