"""When staff work: within their desk's hours, and on a case for some minutes before they answer it."""

from datetime import UTC, date, datetime, timedelta

from story.timeline import ZONES, dice

OPENS, CLOSES = 9, {5: 14, 6: 0}  # local hours; on Saturdays until 14, on Sundays not at all
CLOSES_ON_WEEKDAYS = 21
# Median minutes on a case before its first answer; in chat, that is reading what was said before.
WORK_MEDIAN_MINUTES = {"email": 14.0, "web": 18.0, "chat": 0.6, "voice": 9.0}
PACE = {"us": 1.0, "in": 1.4, "sg": 0.8}


def _opening(day: date, market: str) -> datetime:
    return datetime(day.year, day.month, day.day, OPENS, tzinfo=ZONES[market]).astimezone(UTC)


def at_desk(moment: datetime, market: str) -> datetime:
    """Return a moment at which a market's desk is open; what is due while it is closed is done in its first hours."""
    local = moment.astimezone(ZONES[market])
    day, closes = local.date(), CLOSES.get(local.weekday(), CLOSES_ON_WEEKDAYS)
    if OPENS <= local.hour < closes:
        return moment
    if local.hour >= closes:
        day += timedelta(days=1)
    while CLOSES.get(day.weekday()) == 0:
        day += timedelta(days=1)
    return _opening(day, market) + timedelta(minutes=15 + 2 * local.minute, seconds=local.second)


def taken_at(asked: datetime, answered: datetime, channel: str, market: str, case: str) -> datetime:
    """Return when the agent who answers a case took it; each case has dice of its own, so that nothing else moves."""
    minutes = WORK_MEDIAN_MINUTES[channel] * PACE[market] * dice(f"taken:{case}").lognormvariate(0, 0.7)
    taken = answered - min(timedelta(seconds=round(minutes * 60)), (answered - asked) * 4 // 5)
    opens = _opening(answered.astimezone(ZONES[market]).date(), market)
    # Whoever answers early in the day took the case as the desk opened; chats are answered before as well.
    return opens if taken < opens < answered else taken
