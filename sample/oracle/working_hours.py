"""Working hours: the calendar of a conversation, and the part of a wait within it, day by day."""

import csv
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

SEEDS = Path(__file__).resolve().parents[2] / "dbt_project/seeds"
# The seeds' names for the story's channels.
CHANNELS = {"x": "x_post", "phone": "phone", "voice": "phone", "web": "web_form", "conversation": "chat"}


def seed(name):
    """Return the rows of a lookup table."""
    with (SEEDS / f"{name}.csv").open(newline="", encoding="utf-8") as stream:
        return list(csv.DictReader(stream))


def calendar_of(market, family, channel):
    """Return the calendar assigned to the channel, else to the family, else to the market."""
    fitting = [
        row
        for row in seed("calendar_assignments")
        if row["market_code"] in ("", market)
        and row["channel_family"] in ("", family)
        and row["channel_code"] in ("", channel)
    ]
    return max(
        fitting,
        key=lambda row: (bool(row["channel_code"]), bool(row["channel_family"]), bool(row["market_code"])),
        default={"calendar_code": None},
    )["calendar_code"]


class WorkingHours:
    """The windows of all calendars."""

    def __init__(self):
        """Read them once."""
        self.zones = {row["calendar_code"]: ZoneInfo(row["timezone"]) for row in seed("business_calendars")}
        self.hours, self.exceptions = seed("business_hours"), seed("business_exceptions")

    def windows(self, calendar, day):
        """Return the (opens, closes) of a local day."""
        special = [
            row for row in self.exceptions if row["calendar_code"] == calendar and row["exception_date"] == str(day)
        ]
        usual = [
            row
            for row in self.hours
            if row["calendar_code"] == calendar
            and int(row["iso_weekday"]) == day.isoweekday()
            and (row["valid_from"] or "0") <= str(day) <= (row["valid_to"] or "9")
        ]
        return [(row["opens_at"], row["closes_at"]) for row in special or usual if row["opens_at"]]

    def seconds(self, calendar, start, end):
        """Return the seconds of a span in which the calendar is open; its windows do not overlap."""
        total, day = 0.0, start.date() - timedelta(days=2)
        while day <= end.date() + timedelta(days=1):
            for opens, closes in self.windows(calendar, day):
                later = closes <= opens
                window = [self.moment(calendar, day, opens), self.moment(calendar, day + timedelta(days=later), closes)]
                total += max(0.0, (min(end, window[1]) - max(start, window[0])).total_seconds())
            day += timedelta(days=1)
        return int(total)

    def moment(self, calendar, day: date, clock):
        """Return the moment of a local time; 24:00 is the next midnight."""
        hours, minutes = map(int, clock.split(":"))
        local = datetime.combine(day + timedelta(days=hours // 24), time(hours % 24, minutes), self.zones[calendar])
        return local.astimezone(UTC)


def business_waits(conversations):
    """Return {conversation: (calendar, seconds)} of each answered conversation that follows a calendar."""
    hours, found = WorkingHours(), {}
    for key, (source, family, market, kind, wait, asked) in conversations.items():
        channel = CHANNELS.get(source) or CHANNELS.get(kind, kind)
        calendar = calendar_of(market, family, channel)
        if wait is not None and calendar:
            start = datetime.fromisoformat(asked)
            found[key] = (calendar, hours.seconds(calendar, start, start + timedelta(seconds=wait)))
    return found
