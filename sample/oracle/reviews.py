"""Reviews and the replies to them, as the dropped files give them."""

from oracle.files import delivered, rows_of
from oracle.reading import seconds

CHANNELS = {"app": "app_review", "site": "review"}


def newest_reviews(data):
    """Return {account/id: row} of every review as the last file has it, and the rows that fit no header."""
    reviews, ragged_rows = {}, 0
    for _, text in delivered(data / "reviews"):
        rows, ragged = rows_of(text)
        ragged_rows += ragged
        reviews |= {f"{row['account']}/{row['review_id']}": row for row in rows}
    return reviews, ragged_rows


def review_answers(data):
    """Return interactions, conversations and counts; of a review edited after its reply, nothing is answered."""
    reviews, ragged_rows = newest_reviews(data)
    interactions, conversations = [], {}
    for key, row in reviews.items():
        channel, market, at = f"reviews/{row['channel']}", row["market"], row["reviewed_at"]
        interactions.append(("reviews", channel, market, "inbound"))
        wait = None
        if row["reply"]:
            interactions.append(("reviews", channel, market, "outbound"))
            wait = seconds(at, row["replied_at"]) if row["replied_at"] > at else None
        conversations[f"reviews:{key}"] = ("reviews", "social", market, CHANNELS[row["channel"]], wait, at)
    return interactions, conversations, {"ragged_rows": ragged_rows}
