"""Posts that are requested again by their ids: what is told of those that are gone, and when it is not believed."""

from collections.abc import Iterator

import pytest

from servers.fake_sources import WINDOW
from social_crm.errors import SourceUnavailable
from social_crm.sources.model import Connection, Page, Request
from social_crm.sources.rechecks import Known, Recheck
from social_crm.sources.removals import DOUBTED, read_removals

HELD = {f"key-{number}": f"id-{number}" for number in range(50)}


def told(pages: list[Page]) -> dict[str, bool]:
    return {record["key"]: record["is_removed"] for page in pages for record in page.records}


class Shown:
    """A source that shows all but the ids in `gone`, and remembers what it was asked for."""

    def __init__(self, *gone: str) -> None:
        self.gone = {*gone}
        self.asked: list[list[str]] = []

    def __call__(self, ids: list[str]) -> set[str]:
        self.asked.append(ids)
        return {*ids} - self.gone

    def read(self, removed: frozenset[str] = frozenset(), cursor: str | None = None, **options: int) -> Iterator[Page]:
        known = Known(HELD, removed)
        return read_removals(Request(Connection("", options=options), WINDOW, cursor, known=known), "x", 20, self)


def test_each_post_is_asked_for_once_and_only_what_is_gone_or_back_is_told() -> None:
    shown = Shown("id-3", "id-7")
    assert told([*shown.read(removed=frozenset({"key-7", "key-9"}))]) == {"key-3": True, "key-9": False}
    assert [len(ids) for ids in shown.asked] == [20, 20, 8, 2]
    assert sorted(one for ids in shown.asked for one in ids) == sorted(HELD.values())


def test_an_attempt_goes_on_after_the_posts_that_another_asked_for() -> None:
    first, *_ = Shown().read()
    shown = Shown("id-3")
    rest = [*shown.read(cursor=first.cursor)]
    assert [len(ids) for ids in shown.asked] == [20, 10]
    assert first.cursor not in [page.cursor for page in rest]


def test_posts_written_one_after_the_other_are_not_asked_for_together() -> None:
    shown = Shown()
    [*shown.read()]
    assert {*shown.asked[0]} != {f"id-{number}" for number in range(20)}


def test_that_none_of_many_is_there_is_not_believed_until_somebody_says_so() -> None:
    gone = Shown(*HELD.values())
    with pytest.raises(SourceUnavailable, match=r"x\.removals .* none of 20 posts .* to more than 50 for this load"):
        next(gone.read())
    with pytest.raises(SourceUnavailable, match=r"none of 45 posts .* to more than 50 for this load"):
        next(gone.read(doubted_removals=45))
    assert set(told([*gone.read(doubted_removals=51)]).values()) == {True}
    assert {len(ids) for ids in gone.asked} == {20, 10, 5}


@pytest.mark.parametrize("removed", [1, 5, 30])
def test_posts_that_were_gone_before_do_not_hide_that_none_of_the_others_is_there(removed: int) -> None:
    with pytest.raises(SourceUnavailable, match="none of 20 posts"):
        next(Shown(*HELD.values()).read(removed=frozenset([*HELD][:removed])))


def test_few_posts_may_all_be_gone_beside_those_that_were_gone_before() -> None:
    gone = Shown(*HELD.values())
    fresh = [*HELD][: DOUBTED - 1]
    assert told([*gone.read(removed=frozenset(HELD) - {*fresh})]) == dict.fromkeys(fresh, True)


def test_a_span_of_zero_days_asks_for_nothing() -> None:
    assert not Recheck(28).span({"recheck_days": 0})
    assert Recheck(28).span({}).days == 28
