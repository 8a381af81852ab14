"""Calendars with all kinds of clock changes, and an oracle that counts open time without the warehouse's SQL."""

from bisect import bisect_right
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from itertools import accumulate
from zoneinfo import ZoneInfo

# Every bound below and every clock change of these zones is a multiple of it, so no step is half open.
STEP = timedelta(minutes=5)
DAY = timedelta(days=1)


@dataclass(frozen=True)
class Hours:
    """Windows of some ISO weekdays, as `09:00-17:00`, from one local day to another."""

    weekdays: tuple[int, ...]
    windows: tuple[str, ...]
    valid_from: date = date.min
    valid_to: date = date.max


@dataclass(frozen=True)
class Calendar:
    """A time zone, weekly hours, and days with other windows or none."""

    code: str
    zone: str
    hours: tuple[Hours, ...]
    exceptions: dict[date, tuple[str, ...]] = field(default_factory=dict)

    def windows_on(self, day: date) -> tuple[str, ...]:
        """Return the windows that open on a local day."""
        if day in self.exceptions:
            return self.exceptions[day]
        usual = [h for h in self.hours if day.isoweekday() in h.weekdays and h.valid_from <= day <= h.valid_to]
        return tuple(window for hours in usual for window in hours.windows)


ALL_WEEK = (1, 2, 3, 4, 5, 6, 7)
WORKDAYS = (1, 2, 3, 4, 5)
CALENDARS = (
    Calendar("always", "America/New_York", (Hours(ALL_WEEK, ("00:00-24:00",)),)),
    Calendar("ny_night", "America/New_York", (Hours((7,), ("01:00-04:00",)),)),
    # Bounds inside the hour that is skipped in March and repeated in November.
    Calendar("ny_odd", "America/New_York", (Hours(ALL_WEEK, ("01:30-02:30", "02:45-03:15", "22:00-00:30")),)),
    Calendar("cairo", "Africa/Cairo", (Hours((4, 5), ("22:00-24:00", "00:00-02:00")),)),
    Calendar("kolkata", "Asia/Kolkata", (Hours(WORKDAYS, ("09:30-13:30", "14:30-18:30")),)),
    Calendar("tokyo", "Asia/Tokyo", (Hours((1,), ("08:00-12:00",)), Hours((7,), ("22:00-24:00",)))),
    Calendar("los_angeles", "America/Los_Angeles", (Hours((6, 7), ("15:00-23:00",)),)),
    Calendar("lord_howe", "Australia/Lord_Howe", (Hours(ALL_WEEK, ("01:45-05:00", "04:00-06:00")),)),
    Calendar("office", "UTC", (Hours(WORKDAYS, ("09:00-17:00",)),), {date(2026, 6, 15): ()}),
    Calendar(
        "changing",
        "Europe/London",
        (
            Hours(WORKDAYS, ("09:00-17:00",), valid_to=date(2026, 6, 30)),
            Hours(WORKDAYS, ("08:00-12:00", "13:00-18:00"), valid_from=date(2026, 7, 1)),
            Hours((6,), ("10:00-14:00",), valid_from=date(2026, 7, 1), valid_to=date(2026, 7, 31)),
        ),
        {
            date(2026, 5, 4): (),
            date(2026, 5, 5): ("09:00-13:00",),
            date(2026, 5, 10): ("10:00-12:00", "14:00-16:00"),
        },
    ),
    Calendar("chicago", "America/Chicago", (Hours(ALL_WEEK, ("07:00-21:00",)),)),
    Calendar("san_francisco", "America/Los_Angeles", (Hours(WORKDAYS, ("08:00-17:30",)),)),
)


class Oracle:
    """Open time of one calendar, by stepping from `start` to `end` and reading the local clock at each step.

    A clock that is set back repeats times; what counts is the latest time that it ever showed.
    """

    def __init__(self, calendar: Calendar, start: datetime, end: datetime) -> None:
        """Step through once, storing the open seconds before each step."""
        self.start = start
        zone = ZoneInfo(calendar.zone)
        # From a day before: a window may have opened then.
        shown = [(start + step * STEP).astimezone(zone).replace(tzinfo=None) for step in range((end - start) // STEP)]
        latest = accumulate(shown, max)
        windows = _local_windows(calendar, shown[0].date() - DAY, shown[-1].date() + DAY)
        starts = [opens for opens, _ in windows]
        self.is_open = [
            (place := bisect_right(starts, moment)) > 0
            and moment < max(end for _, end in windows[max(0, place - 5) : place])
            for moment in latest
        ]
        self.open_before = [0, *accumulate(STEP.seconds * is_open for is_open in self.is_open)]

    def open_seconds(self, moment: datetime) -> float:
        """Return the open seconds from the start to a moment, to the microsecond."""
        step, rest = divmod(moment - self.start, STEP)
        return self.open_before[step] + rest.total_seconds() * self.is_open[step]

    def business_seconds(self, start: datetime, end: datetime) -> float:
        """Return the open seconds between two moments."""
        return self.open_seconds(end) - self.open_seconds(start)


def _local_windows(calendar: Calendar, first: date, last: date) -> list[tuple[datetime, datetime]]:
    windows = []
    for number in range((last - first).days + 1):
        day = first + number * DAY
        windows += [_local_window(day, window) for window in calendar.windows_on(day)]
    return sorted(windows)


def _local_window(day: date, window: str) -> tuple[datetime, datetime]:
    opens, closes = ((int(text[:2]), int(text[3:])) for text in window.split("-"))
    midnight = datetime.combine(day, time.min)
    start, end = (midnight + timedelta(hours=hours, minutes=minutes) for hours, minutes in (opens, closes))
    return start, end if end > start else end + DAY


def utc(text: str) -> datetime:
    """Return an ISO time, in UTC unless it has an offset."""
    moment = datetime.fromisoformat(text)
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
