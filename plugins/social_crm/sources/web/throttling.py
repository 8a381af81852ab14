"""How long a source asks us to wait, in all forms that real APIs use."""

import json
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from social_crm.sources.moments import moment_of

LONGEST_WAIT = 86_400.0  # daily quotas exist; more than a day is a broken header
SHORTEST_WAIT = 1.0  # a reset in the past means "now", but immediate retries make throttling worse

_NUMBER = re.compile(r"-?\d{1,18}(\.\d+)?")
# X: epoch seconds; Bluesky: epoch; Mastodon: ISO 8601; the IETF draft and Zendesk: seconds from now.
_RESET_HEADERS = ("x-rate-limit-reset", "ratelimit-reset", "x-ratelimit-reset")
_EPOCH_FROM, _EPOCH_MILLISECONDS_FROM = 1e9, 1e12


def server_time(headers: Mapping[str, str]) -> datetime:
    """Return the source's own clock, so that clock skew cannot distort a wait; ours if it sends none."""
    return _http_date(headers.get("Date", "")) or datetime.now(UTC)


def requested_wait(headers: Mapping[str, str]) -> float | None:
    """Return the seconds to wait, clamped to a sane span; None if no header can be understood."""
    regained = _regained_after(headers.get("X-Business-Use-Case-Usage", ""))
    if regained > 0:  # false for NaN
        return min(regained, LONGEST_WAIT)
    now = server_time(headers).timestamp()
    for name in ("retry-after", *_RESET_HEADERS):
        seconds = _seconds(headers.get(name, "").strip(), now)
        if seconds is not None:
            return min(max(seconds, SHORTEST_WAIT), LONGEST_WAIT)
    return None


def _regained_after(usage: str) -> float:
    """Return the seconds until Meta gives access again, by its longest limit, which is in minutes; 0 if unknown."""
    try:
        uses = [use for listed in json.loads(usage).values() for use in listed]
        return 60.0 * max((float(use.get("estimated_time_to_regain_access", 0)) for use in uses), default=0.0)
    except (ValueError, TypeError, AttributeError):
        return 0.0


def _seconds(value: str, now: float) -> float | None:
    if _NUMBER.fullmatch(value):
        number = float(value)
        if number >= _EPOCH_MILLISECONDS_FROM:
            return number / 1000 - now
        return number - now if number >= _EPOCH_FROM else number
    moment = _http_date(value) or moment_of(value)
    return moment.timestamp() - now if moment else None


def _http_date(value: str) -> datetime | None:
    try:
        moment = parsedate_to_datetime(value)
    except (ValueError, OverflowError):
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
