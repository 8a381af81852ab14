"""What may stand in `extra` of a connection: each source declares the options that it reads, by what they say."""

from dataclasses import fields

from social_crm.errors import ConnectionUnusable
from social_crm.sources.addresses import meant_by
from social_crm.sources.model import Connection, Source
from social_crm.sources.web.guarded_session import Limits

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
# Of every API, which reads them as `Limits`.
PATIENCE = {limit.name: f"{_PATIENCE[limit.name]}, usually {limit.default:.0f}" for limit in fields(Limits)}
_OF_AIRFLOW = {"port"}  # a field of its own, which comes beside the options


def look_back(usual: int, unit: str = "days") -> dict[str, str]:
    """Return the option that `Request.looked_back` reads."""
    return {f"lookback_{unit}": f"how many {unit} before its window a load reads again, usually {usual}"}


def refuse_unknown(source: Source, connection: Connection) -> None:
    """Raise ConnectionUnusable for an option that the source does not read: it would do nothing, and nobody knew."""
    unknown = sorted(connection.options.keys() - source.options.keys() - _OF_AIRFLOW)
    if unknown:
        remedy = meant_by(unknown, list(source.options), f"there are {', '.join(source.options)}")
        named = ", ".join(map(repr, unknown))
        raise ConnectionUnusable(f"connection {source.name}_api has no option {named}: {remedy}")
