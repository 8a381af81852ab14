"""Visits to stores: numbers that every store uses, and clocks that change."""

from pathlib import Path

import pytest

from social_crm.sources.stores import STORES
from worlds.dropped_files import rows_of

VISITS = STORES.resource("visits")
FIXTURES = Path(__file__).resolve().parents[2] / "fixtures/stores"


def test_the_same_number_in_two_stores_is_two_visits() -> None:
    keys = [VISITS.key(visit) for visit in rows_of(VISITS, FIXTURES)]
    assert keys == ["us-boston-01/1", "us-boston-01/2", "sg-orchard-02/1"]


@pytest.mark.parametrize(
    ("visited_at", "time_zone", "moment"),
    [
        ("2026-10-05 09:40", "America/New_York", "2026-10-05T09:40:00-04:00"),
        ("2026-12-05 09:40", " America/New_York ", "2026-12-05T09:40:00-05:00"),
        ("2026-11-01 01:30", "America/New_York", "2026-11-01T01:30:00-04:00"),
        ("2026-10-05T09:40:00+08:00", "America/New_York", "2026-10-05T09:40:00+08:00"),
        ("2026-10-05 09:40", "Eastern", "2026-10-05 09:40"),
        ("2026-10-05 09:40", "../../etc/passwd", "2026-10-05 09:40"),
        ("2026-10-05 09:40", "", "2026-10-05 09:40"),
        ("in the morning", "America/New_York", "in the morning"),
        ("", "America/New_York", None),
    ],
)
def test_a_local_time_is_a_moment_in_its_zone(visited_at: str, time_zone: str, moment: str | None) -> None:
    assert VISITS.event_at({"visited_at": visited_at, "time_zone": time_zone}) == moment
