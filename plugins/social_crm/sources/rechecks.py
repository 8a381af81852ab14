"""What a load requests again by id, because the source's lists do not show what became of it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from social_crm.sources.numeric_options import number_of


@dataclass(frozen=True)
class Recheck:
    """Records whose event lies in the window or in the days before it."""

    days: int
    of: str = ""  # the resource of the same source that holds them; "": the one that requests them
    identifier: str = ""  # dotted: the field by which the source finds them; "": their key

    def span(self, options: Mapping[str, Any]) -> timedelta:
        """Return for how long after its event a record is requested again; none at all if it is zero."""
        return timedelta(days=number_of(options, "recheck_days", self.days))


@dataclass(frozen=True)
class Known:
    """What raw holds of these records."""

    ids: Mapping[str, str] = field(default_factory=dict)  # key → the id by which the source finds it
    removed: frozenset[str] = frozenset()  # keys that were removed when they were last requested
