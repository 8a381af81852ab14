"""A post that its source no longer shows is deleted in the star until it comes back; its words leave raw."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from test_corrected_records import alone

from social_crm.privacy.retention import clear_words
from worlds.star_warehouse import StarWarehouse


def removed(*keys: int, is_removed: bool = True) -> list[dict]:
    return [{"key": str(key), "is_removed": is_removed} for key in keys]


def column(star: StarWarehouse, query: str) -> list[Any]:
    return [value for (value,) in star.admin.execute(query.encode())]


def deleted(star: StarWarehouse) -> list[str]:
    return column(star, "select interaction_id from bi.fct_interactions where deleted_at is not null order by 1")


def waits(star: StarWarehouse) -> list[str]:
    return column(star, "select first_reply_null_reason from bi.fct_conversations order by conversation_id")


@pytest.fixture
def said(star: StarWarehouse) -> StarWarehouse:
    """Two people ask, and nobody answers."""
    star.land("x.posts", [alone(1, "jo"), alone(2, "kim")])
    star.transform()
    return star


def test_a_removed_post_is_deleted_until_it_comes_back(said: StarWarehouse) -> None:
    star = said
    assert deleted(star) == []
    star.land("x.removals", removed(1), day=1)
    star.transform()
    assert deleted(star) == ["x:1"]
    learned = column(star, "select _extracted_at from raw_x.removals")
    assert column(star, "select deleted_at from bi.fct_interactions where interaction_id = 'x:1'") == learned
    # Who takes a question back waits no longer, as somebody who hangs up.
    assert waits(star) == ["abandoned", "waiting"]
    star.keep("removed")
    star.transform(full_refresh=True)
    assert star.differences("removed", "marts") == {}
    star.land("x.removals", removed(1, is_removed=False), day=2)
    star.transform()
    assert deleted(star) == []
    assert waits(star) == ["waiting", "waiting"]
    star.keep("before")
    star.transform(full_refresh=True)
    assert star.differences("before", "marts") == {}


def test_words_of_a_removed_post_leave_raw_within_a_day_and_change_no_number(said: StarWarehouse) -> None:
    star = said
    star.land("x.posts", [{**alone(1, "jo"), "public_metrics": {"like_count": 3}}], day=1)
    earlier = "update raw_x.posts set _extracted_at = _extracted_at - interval '12 days' where _record_key = '1'"
    star.admin.execute(earlier.encode())
    star.land("x.removals", removed(1), day=1)
    star.transform()
    star.keep("before")
    # Who allows ten days, allows them from the removal on.
    star.admin.execute("update seeds.source_policies set deleted_words_kept_hours = 240 where source = 'x'")
    assert clear_words(datetime.now(UTC) + timedelta(days=5)) == []
    star.admin.execute("update seeds.source_policies set deleted_words_kept_hours = 24 where source = 'x'")
    cleared = clear_words(datetime.now(UTC))
    assert [one[:2] + one[3:] for one in cleared] == [("x", "posts", "deletion", 1)] * 2
    assert column(star, "select payload ->> 'text' from raw_x.posts where payload ? 'text'") == ["post 2"]
    assert clear_words(datetime.now(UTC)) == []
    star.transform()
    assert star.differences("before", "marts") == {}
    star.transform(full_refresh=True)
    assert star.differences("before", "marts") == {}


def test_the_removal_of_a_post_that_raw_does_not_hold_touches_nothing(said: StarWarehouse) -> None:
    said.keep("before")
    said.land("x.removals", removed(9))
    said.transform()
    assert deleted(said) == []
    assert said.differences("before", "marts") == {}
