"""Reviews on review sites and in app stores, with the company's replies: one row per review, from any tool's export.

Quirks: the reply is in the review's row but was written by somebody else at another time, so a row with a reply becomes
two records; a review edited after its reply is later than the reply. Every row has its scale, because 5 of 5 is not 5
of 10, and in two columns, because spreadsheets read `1-5` as a day in May. Apple's exports have no ids: such a review
is identified by its account, author and time, and gets another key when it is edited.
"""

import hashlib
from datetime import timedelta

from social_crm.sources.dropped import extraction
from social_crm.sources.dropped.contract import FileContract, text_of, value_of
from social_crm.sources.model import Record, Rejected, Source
from social_crm.sources.people import People

CONTRACT = FileContract(
    required={
        "review_id": "the review's id; empty where the site has none",
        "channel": "`app` or `site`",
        "account": "the app or place, an account of seed `source_accounts`; never empty",
        "score": "a number from `scale_min` to `scale_max`",
        "scale_min": "the lowest score there is, `0` or `1`",
        "scale_max": "the highest score there is, `5` or `10`",
        "title": "the review's title, if any",
        "text": "what the customer wrote",
        "author_name": "the name shown beside it",
        "reviewed_at": "when, with its offset, as 2026-10-05T09:00:00+02:00",
        "reply": "our reply; empty without one",
        "replied_at": "when we replied, likewise; empty without a reply",
    },
    ids=("review_id",),
    moments=("reviewed_at", "replied_at"),
    optional={
        "author_id": "the author's id on the site",
        "url": "the review's address",
        "market": "a code of seed `markets`; empty: the account's",
        "brand": "a code of seed `brands`; empty: the account's",
    },
)
OF_REPLY = ("channel", "account", "reply", "replied_at", "url", "market", "brand")

# The layout of Google Play's columns.
GOOGLE_PLAY = {
    "columns": {
        "review_id": "reviewId", "score": "score", "title": None, "text": "content", "author_name": "userName",
        "reviewed_at": "at", "reply": "replyContent", "replied_at": "repliedAt",
    },
    "constants": {"channel": "app", "account": "com.acmebank.app", "scale_min": "1", "scale_max": "5"},
    "time_zone": "UTC",
}  # fmt: skip


def with_replies(rows: extraction.Rows) -> extraction.Rows:
    """Yield each row as a review, and its reply as a record of its own, without the customer's text."""
    for row in rows:
        if isinstance(row, Rejected):
            yield row
            continue
        review_key = _review_key(row)
        yield row | {"_part": "review", "_review_key": review_key}
        if text_of(row, "reply"):
            reply = {name: value_of(row, name) for name in OF_REPLY}
            origin = {name: row[name] for name in ("_file", "_line")}
            yield reply | origin | {"_part": "reply", "_review_key": review_key}


def _review_key(row: Record) -> str | None:
    account, review_id = text_of(row, "account"), text_of(row, "review_id")
    if not account:
        return None
    if not review_id:
        told = "\x1f".join([text_of(row, "author_name"), text_of(row, "reviewed_at")])
        review_id = f"row:{hashlib.sha256(told.encode('utf-8', 'surrogatepass')).hexdigest()[:32]}"
    return f"{account}/{review_id}"


def _key(record: Record) -> str | None:
    """`<account>/<review_id>` or, without an id, a hash of author and time; for a reply, the same and `/reply`."""
    review_key = record.get("_review_key")
    return f"{review_key}/reply" if review_key and record["_part"] == "reply" else review_key


def _event_at(record: Record) -> str | None:
    """Return `reviewed_at`, or `replied_at` for a reply."""
    return text_of(record, "replied_at" if record["_part"] == "reply" else "reviewed_at") or None


REVIEWS = Source(
    name="reviews",
    title="Reviews",
    description=(
        "Reviews on sites and in app stores, dropped as CSV files with the day in their names into the folder of"
        " connection `reviews_api` (any fsspec URL). Option `layouts` describes files with other column names; the"
        " connection below has one for Google Play."
    ),
    resources=(
        extraction.resource(
            "reviews",
            CONTRACT,
            key=_key,
            event_at=_event_at,
            description="One review, or the company's reply to one.",
            deletions="never: a removed review is missing from later files but stays here",
            complete=with_replies,
            people=People(
                persons=({"author_id": "reviews", "_review_key": "reviews"},),
                keeps=(
                    "review_id _review_key _part channel account score scale_min scale_max market brand"
                    " reviewed_at replied_at"
                ),
            ),
        ),
    ),
    check=extraction.check_of(CONTRACT),
    connection={
        "conn_type": "generic",
        "host": "s3://acme-drops/reviews",
        "extra": {"layouts": {"google_play_*.csv": GOOGLE_PLAY}},
    },
    options=extraction.OPTIONS,
    access=extraction.ACCESS,
    limits=extraction.LIMITS,
    retention="As each site's terms say; what authors delete should be deleted here too.",
    tested_against={"recordings": "2,923 reviews of banks in two app stores, 743 of them with a reply"},
    settle=timedelta(hours=6),  # tools export a day's reviews in the night after it
)
