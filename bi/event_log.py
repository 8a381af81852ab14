"""What Superset logs of what people do: who did what where and when, never what they typed or chose.

Superset's own log keeps whole requests for ever: a new password, names in SQL and in filters, chosen customers.
"""

from collections.abc import Sequence
from typing import Any

from superset.utils.log import DBEventLogger

# `event_name` is what the page of recent activity looks for.
KEPT = {"dashboard_id", "duration", "event_name", "event_type", "object_ref", "slice_id", "url_rule"}


class Events(DBEventLogger):
    """Superset's log in its database, without what requests hold."""

    def log(  # type: ignore[override]
        self, *who: Any, records: Sequence[dict[str, Any]] = (), referrer: str | None = None, **given: Any
    ) -> None:
        """Write records down, of each what is kept."""
        given["curated_payload"] = None
        kept = [{name: value for name, value in record.items() if name in KEPT} for record in records]
        super().log(*who, records=kept, referrer=referrer and referrer.partition("?")[0], **given)
