"""Days loaded in any order, late, twice, after a killed run or built again give the star of one full refresh."""

from collections.abc import Iterator
from random import Random

import pytest

from worlds.star_warehouse import StarWarehouse
from worlds.star_world import DAY_COUNT, build_days

Load = tuple[int, str]
TRANSFORMS = 3
# Where a run is killed: after links to customers changed, and between two facts.
KILLED_AFTER = ("+int_author_customers", "+fct_interactions")


def chunks(loads: list[Load]) -> Iterator[list[Load]]:
    """Split loads into as many runs of about equal length as there are transforms."""
    size = -(-len(loads) // TRANSFORMS)
    for first in range(0, len(loads), size):
        yield loads[first : first + size]


def order_of(loads: list[Load], kind: str) -> list[Load]:
    """Return loads forwards, newest first, or in a seeded shuffle of which a fifth comes twice."""
    if kind == "newest first":
        return loads[::-1]
    if kind.startswith("shuffled"):
        random = Random(kind)
        return random.sample(loads, len(loads)) + random.sample(loads, len(loads) // 5)
    return loads


@pytest.mark.parametrize("kind", ["as they come", "newest first", "shuffled"])
def test_days_in_any_order_equal_one_full_refresh(star: StarWarehouse, kind: str) -> None:
    days = build_days(seed=7)
    in_time = [(day, table) for day, tables in enumerate(days) for table in sorted(tables)]
    for number, loads in enumerate(chunks(order_of(in_time, kind))):
        for day, table in loads:
            star.land(table, days[day][table], day)
        if number:
            star.transform_killed_after(KILLED_AFTER[number % 2])
        star.transform()

    star.assert_refresh_changes_nothing(is_thorough=kind == "as they come")
    assert_the_world_is_varied(star)


def test_a_build_that_is_done_again_is_published_whole(star: StarWarehouse) -> None:
    for day, tables in enumerate(build_days(seed=7)):
        for table, records in tables.items():
            star.land(table, records, day)
        # All who buy are known after the first four: of a new one, each build recounts the months.
        if day >= 3:
            star.transform(is_done_again=True)
    star.assert_refresh_changes_nothing()


def assert_the_world_is_varied(star: StarWarehouse) -> None:
    """Fail if the world no longer holds what could make the two ways differ."""
    for claim in (
        "fct_interactions where sender_kind = 'peer'",
        "fct_interactions where is_edited",
        "fct_interactions where customer_id is not null and source = 'x'",
        "fct_conversations where reopened_count > 0",
        "fct_conversations where is_merged",
        "fct_response_gaps where outcome = 'waiting'",
        "dim_agent where source = 'zendesk' and valid_from is not null",
        "dim_customer where valid_from is not null",
    ):
        assert star.one(f"select count(*) from marts.{claim}") > 0, claim
    assert star.one("select count(*) from marts.fct_interactions") > 100
    assert DAY_COUNT > TRANSFORMS
