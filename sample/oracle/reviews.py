"""Reviews and the replies to them, from the dropped files."""

from oracle.files import newest_rows
from oracle.reading import seconds

CHANNELS = {"app": "app_review", "site": "review"}


def newest_reviews(data):
    """Return {account/id: row} of every review from its last file, and counts of other rows."""
    return newest_rows(data / "reviews", "account", "review_id")


def review_answers(data):
    """Return interactions, conversations and counts; a review edited after its reply is unanswered."""
    reviews, counts = newest_reviews(data)
    interactions, conversations = [], {}
    for key, row in reviews.items():
        channel, market, at = f"reviews/{row['channel']}", row["market"], row["reviewed_at"]
        interactions.append(("reviews", channel, market, "inbound"))
        wait = None
        if row["reply"]:
            interactions.append(("reviews", channel, market, "outbound"))
            wait = seconds(at, row["replied_at"]) if row["replied_at"] > at else None
        conversations[f"reviews:{key}"] = ("reviews", "social", market, CHANNELS[row["channel"]], wait, at)
    return interactions, conversations, dict(counts)
