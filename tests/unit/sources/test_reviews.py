"""Reviews: what a reply in a review's row becomes, keys without ids, and two stores' real exports by their layouts."""

import csv
import shutil
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from social_crm.sources.model import Connection, Page, Record, Rejected, Request, Window
from social_crm.sources.reviews import GOOGLE_PLAY, REVIEWS, with_replies
from worlds.dropped_files import rows_of

RESOURCE = REVIEWS.resource("reviews")
FIXTURES = Path(__file__).resolve().parents[2] / "fixtures/reviews"
EVER = Window(datetime(2026, 10, 5, tzinfo=UTC), datetime(2027, 1, 1, tzinfo=UTC))


def row(**cells: str) -> Record:
    return {"account": "acme", "review_id": "1", "reply": "", "_file": "a.csv", "_line": 2, **cells}


def keys(*rows: Record) -> list[str | None]:
    return [RESOURCE.key(record) for record in with_replies(iter(rows)) if not isinstance(record, Rejected)]


def test_a_reply_is_a_record_of_its_own_at_its_own_time() -> None:
    review, reply, *others = rows_of(RESOURCE, FIXTURES)
    assert [RESOURCE.key(one) for one in (review, reply)] == ["com.acmebank.app/g-1", "com.acmebank.app/g-1/reply"]
    assert (RESOURCE.event_at(review), RESOURCE.event_at(reply)) == (
        "2026-06-30T08:00:00Z",
        "2026-06-30T10:30:00+02:00",
    )
    assert len(others) == 3


def test_a_reply_holds_nothing_that_the_customer_said() -> None:
    _, reply, *_ = rows_of(RESOURCE, FIXTURES)
    assert not {"Cannot log in since the update", "ann", "1"} & set(map(str, reply.values()))
    # So an edit of the review leaves the reply as it was.
    assert "Text" not in reply
    assert "text" not in reply


def test_one_number_on_two_accounts_is_two_reviews() -> None:
    assert keys(row(), row(account="other")) == ["acme/1", "other/1"]


def test_a_review_without_an_id_is_known_by_author_and_time() -> None:
    first, edited, later, other = keys(
        row(review_id="", author_name="cy", reviewed_at="2026-06-30", text="a"),
        row(review_id="", author_name="cy", reviewed_at="2026-06-30", text="b"),
        row(review_id="", author_name="cy", reviewed_at="2026-07-01", text="a"),
        row(review_id="", author_name="di", reviewed_at="2026-06-30", text="a"),
    )
    assert first == edited
    assert len({first, later, other}) == 3


def test_a_review_of_nothing_has_no_key() -> None:
    assert keys(row(account=" ", reply="Sorry")) == [None, None]


def test_a_row_that_was_refused_stays_so() -> None:
    refused = Rejected("ragged_row", "3 cells", "…", "a.csv line 2")
    assert list(with_replies(iter([refused]))) == [refused]


def read(folder: Path, **layouts: Any) -> list[Page]:
    options = {"settle_seconds": 0, "layouts": {f"{name}*": layout for name, layout in layouts.items()}}
    return list(RESOURCE.extract(Request(Connection(str(folder), options=options), EVER)))


APPLE = {
    "columns": {
        "review_id": None, "score": "rating", "text": "review", "author_name": "userName", "reviewed_at": "date",
        "reply": "developerResponse", "replied_at": None,
    },
    "constants": {"channel": "app", "account": "id1", "scale_min": "1", "scale_max": "5"},
    "time_zone": "UTC",
}  # fmt: skip


def test_google_plays_real_export_is_read_by_its_layout(shared_data: Path, tmp_path: Path) -> None:
    sent = shared_data / "bank_app_reviews/google_play_reviews.csv"
    shutil.copyfile(sent, tmp_path / "google_play.csv")
    pages = read(tmp_path, google_play=GOOGLE_PLAY)
    with sent.open(newline="") as stream:
        expected = list(csv.DictReader(stream))
    records = [record for page in pages for record in page.records]
    replies = [record for record in records if record["_part"] == "reply"]
    assert [entry for page in pages for entry in page.rejected] == []
    assert len(records) - len(replies) == len(expected)
    assert len(replies) == sum(bool(one["replyContent"].strip()) for one in expected)
    assert len({RESOURCE.key(record) for record in records}) == len(records)
    first = next(record for record in records if record["review_id"] == expected[0]["reviewId"])
    assert (first["text"], first["score"]) == (expected[0]["content"], expected[0]["score"])
    assert RESOURCE.event_at(first) == expected[0]["at"].replace(" ", "T") + "+00:00"


def test_apples_real_export_is_read_without_ids(shared_data: Path, tmp_path: Path) -> None:
    sent = shared_data / "bank_app_reviews/app_store_reviews.csv"
    shutil.copyfile(sent, tmp_path / "app_store.csv")
    records = [record for page in read(tmp_path, app_store=APPLE) for record in page.records]
    with sent.open(newline="") as stream:
        expected = list(csv.DictReader(stream))
    reviews = [record for record in records if record["_part"] == "review"]
    assert len(reviews) == len(expected)
    assert {(one["userName"], one["date"]) for one in expected} == {(one["userName"], one["date"]) for one in reviews}
    assert len({RESOURCE.key(one) for one in reviews}) == len({(one["userName"], one["date"]) for one in expected})
