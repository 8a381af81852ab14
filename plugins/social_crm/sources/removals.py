"""Posts that their source no longer shows: each recent one in raw is requested again by its id.

Lists and searches of most networks leave out what was deleted, withheld or made private, and say nothing about it.
"""

from collections.abc import Callable, Collection, Iterator
from datetime import timedelta
from hashlib import sha256
from typing import Any

from social_crm.errors import SourceUnavailable
from social_crm.sources.fields import field
from social_crm.sources.model import Page, Request, Resource
from social_crm.sources.numeric_options import number_of
from social_crm.sources.options import recheck_option
from social_crm.sources.people import NOBODY
from social_crm.sources.rechecks import Recheck
from social_crm.sources.wording import context_of

# So many at once are not deleted; a token that sees less than before, or a server that lost its posts, looks like it.
DOUBTED = 20


def removals(extract: Callable[[Request], Iterator[Page]], recheck: Recheck) -> Resource:
    """Return the resource that tells which records of another one can no longer be read."""
    return Resource(
        name="removals",
        extract=extract,
        key=field("key"),
        event_at=field(),
        version_at=field(),
        description=f"One of {recheck.of} that could not be read again by its id, or that came back.",
        order="in no order",
        window=f"{recheck.of} written in it or `recheck_days` ({recheck.days}) before",
        deletions=f"Each record says that one of {recheck.of} was deleted, withheld or made private, or is back.",
        deletion_delay=timedelta(days=1),
        recheck=recheck,
        people=NOBODY,
    )


def removal_options(recheck: Recheck) -> dict[str, str]:
    """Return the options of a source with removals."""
    doubted = f"the load fails if none of so many posts can be read any more; usually {DOUBTED}. Fewer are believed"
    return {**recheck_option(recheck.days), "doubted_removals": doubted}


def read_removals(
    request: Request, source: str, at_once: int, shown_of: Callable[[list[str]], Collection[str]]
) -> Iterator[Page]:
    """Request what raw holds, so many at once, and yield what is gone and what came back.

    `shown_of` gets ids and returns those that the source shows. Raises SourceUnavailable if it shows none of many.
    """
    doubted = number_of(request.connection.options, "doubted_removals", DOUBTED, least=1)
    ids, removed = request.known.ids, request.known.removed
    # Those that were gone before come last: among the others, they would hide that none of these is there. Shuffled, or
    # one author's posts, which vanish together, would stand together.
    places = sorted((f"{key in removed:d} {sha256(key.encode()).hexdigest()}", key) for key in ids)
    left = [(place, key) for place, key in places if place > (request.cursor or "")]
    fresh = [one for one in left if one[1] not in removed]
    for batch in (*_batches(fresh, max(at_once, doubted)), *_batches(left[len(fresh) :], at_once)):
        keys = [key for _, key in batch]
        shown = {one for part in _batches(keys, at_once) for one in shown_of([ids[key] for key in part])}
        gone = {key for key in keys if ids[key] not in shown}
        if len(gone - removed) == len(keys) >= doubted:
            raise SourceUnavailable(
                f"{context_of(source, 'removals', request.window)}: none of {len(keys)} posts can be read any more,"
                " which looks like a fault; none of them was taken for deleted. If they are gone indeed, set"
                f" option `doubted_removals` of connection {source}_api to more than {len(fresh)} for this load"
            )
        changed = [key for key in keys if (key in gone) is not (key in removed)]
        yield Page([{"key": key, "is_removed": key in gone} for key in changed], cursor=batch[-1][0])


def _batches(items: list[Any], size: int) -> list[list[Any]]:
    return [items[start : start + size] for start in range(0, len(items), size)]
