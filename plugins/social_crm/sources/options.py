"""The options in a connection's `extra`: the code that reads one declares it, with its meaning."""

from collections.abc import Mapping
from dataclasses import fields

from social_crm.errors import ConnectionUnusable
from social_crm.sources.model import Connection
from social_crm.sources.web.guarded_session import Limits
from social_crm.sources.wording import meant_by

_PATIENCE = {
    "attempts": "how often a request is tried",
    "longest_backoff_seconds": "the longest pause between two of these tries",
    "connect_timeout_seconds": "how long to wait until the host is reached",
    "read_timeout_seconds": "how long to wait for its answer, and for more of it",
    "body_seconds": "how long a whole answer may take",
    "body_bytes": "how large an answer may be, unpacked",
    "wait_in_place_seconds": "the longest pause that an API may ask for; for a longer one the task comes back later",
    "total_wait_seconds": "the longest that all such pauses may be together",
    "pages": "how many pages a list may have",
}
# The options of every API source, read as `Limits`.
PATIENCE = {limit.name: f"{_PATIENCE[limit.name]}, usually {limit.default:.0f}" for limit in fields(Limits)}


def look_back(usual: int, unit: str = "days") -> dict[str, str]:
    """Return the option that `Request.looked_back` reads."""
    return {f"lookback_{unit}": f"how many {unit} before its window a load reads again, usually {usual}"}


def recheck_option(usual: int) -> dict[str, str]:
    """Return the option that `Recheck.span` reads."""
    told = f"for how many days after it was written a record is requested again by its id, usually {usual}; 0: never"
    return {"recheck_days": told}


def refuse_unknown(connection_id: str, connection: Connection, known: Mapping[str, str]) -> None:
    """Raise ConnectionUnusable for an option that nothing reads, because it would silently have no effect."""
    unknown = sorted(connection.options.keys() - known.keys())
    if "port" in unknown:
        raise ConnectionUnusable(f"connection {connection_id} has a port, which belongs in its host: https://host:8443")
    if unknown:
        remedy = meant_by(unknown, list(known), f"there are {', '.join(known)}" if known else "it has none")
        raise ConnectionUnusable(f"connection {connection_id} has no option {', '.join(map(repr, unknown))}: {remedy}")
