"""Which public questions continued in private: in their own thread, or in their customer's messages elsewhere."""

from collections import defaultdict
from datetime import datetime, timedelta

from oracle.social import NETWORKS, met, public_and_private
from oracle.threads import between_opener_and_us, threads_of

WITHIN = timedelta(days=7)


def private_moves(data):
    """Return {conversation: when it continued in private} of all networks."""
    return {
        f"{source}:{root}": moved_at
        for source in NETWORKS
        for root, moved_at in _moves_on(data, source)
        if moved_at is not None
    }


def _moves_on(data, source):
    account, written = NETWORKS[source][1], defaultdict(list)
    for line in met(data, source).values():
        if line["by"] not in (account, None) and _is_private(line):
            written[line["by"]].append(line["at"])
    posts, parents, _ = public_and_private(data, source)
    for root, members in threads_of(posts, parents, {account}).items():
        if posts[root]["by"] == account:
            continue  # an announcement of ours has no question
        said = [posts[identifier] for identifier in between_opener_and_us(root, members, posts, parents, {account})]
        seen = [line["at"] for line in map(posts.get, members) if not _is_private(line)]
        asked = [line["at"] for line in said if line["by"] != account and not _is_private(line)]
        moves = [line["at"] for line in said if _is_private(line) and seen and line["at"] > min(seen)]
        moves += [at for at in written[posts[root]["by"]] if any(_follows(at, question) for question in asked)]
        yield root, min(moves, default=None)


def _is_private(line):
    return line["kind"] == "message" or line.get("visibility") == "direct"


def _follows(at, question):
    """Tell whether a message was written after a question and within the days in which it counts as the next step."""
    return timedelta(0) < datetime.fromisoformat(at) - datetime.fromisoformat(question) <= WITHIN
