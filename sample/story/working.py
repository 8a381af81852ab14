"""When staff work: within their desk's hours, and on a case for some minutes before they answer."""

from datetime import UTC, date, datetime, timedelta

from story.timeline import ZONES, dice

OPENS, CLOSES = 9, {5: 14, 6: 0}  # local hours; until 14 on Saturdays, closed on Sundays
CLOSES_ON_WEEKDAYS = 21
# Median minutes on a case before its first reply; in chat, for reading the conversation.
WORK_MEDIAN_MINUTES = {"email": 14.0, "web": 18.0, "chat": 0.6, "voice": 9.0}
PACE = {"us": 1.0, "in": 1.4, "sg": 0.8}


def _opening(day: date, market: str) -> datetime:
    return datetime(day.year, day.month, day.day, OPENS, tzinfo=ZONES[market]).astimezone(UTC)


def at_desk(moment: datetime, market: str) -> datetime:
    """Return a time at which a market's desk is open; work due while it is closed moves to its first hours."""
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
    """Return when the answering agent took a case; each case has its own random stream, so nothing else changes."""
    minutes = WORK_MEDIAN_MINUTES[channel] * PACE[market] * dice(f"taken:{case}").lognormvariate(0, 0.7)
    taken = answered - min(timedelta(seconds=round(minutes * 60)), (answered - asked) * 4 // 5)
    opens = _opening(answered.astimezone(ZONES[market]).date(), market)
    # For an early reply, the agent took the case when the desk opened; chats are also answered before.
    return opens if taken < opens < answered else taken
