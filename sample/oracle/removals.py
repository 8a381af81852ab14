"""What a step of the demo read, and a later one could no longer read by its id."""

from datetime import datetime, timedelta
from itertools import pairwise

from oracle.reading import READS, read_of
from oracle.social import met
from oracle.x import seen_posts

# For how many days after it was written something is requested again.
RECHECKED_DAYS = {"x": 7, "bluesky": 28, "mastodon": 28, "youtube": 28}


def removed(data):
    """Return the ids of everything that was deleted or withheld, and found to be, by the end of the demo."""
    lines = {"x": seen_posts(data)[0]}
    lines |= {source: met(data, source) for source in RECHECKED_DAYS if source != "x"}
    return {
        f"{source}:{identifier}"
        for source, said in lines.items()
        for identifier, line in said.items()
        if "gone_at" in line and _is_noticed(line, timedelta(days=RECHECKED_DAYS[source]))
    }


def _is_noticed(line, span):
    """Tell whether a step after the one that read a line requests it again once it is gone."""
    at = datetime.fromisoformat(line["at"])
    return any(
        read_at > read_of(line["at"]) and read_at >= line["gone_at"] and at >= datetime.fromisoformat(begins) - span
        for (begins, _), (_, read_at) in pairwise(READS)
    )
