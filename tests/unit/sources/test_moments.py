"""Moments as sources write them, the second among them that clocks hold now and then."""

from datetime import UTC, datetime

import pytest

from social_crm.sources.moments import moment_of


@pytest.mark.parametrize(
    ("stamp", "moment"),
    [
        ("2016-12-31T23:59:60Z", datetime(2017, 1, 1, tzinfo=UTC)),
        ("2016-12-31 23:59:60", datetime(2017, 1, 1, tzinfo=UTC)),
        ("2017-01-01T05:29:60.500+05:30", datetime(2017, 1, 1, 0, 0, 0, 500_000, tzinfo=UTC)),
        ("2016-12-31T23:59:59Z", datetime(2016, 12, 31, 23, 59, 59, tzinfo=UTC)),
        (1483228800, datetime(2017, 1, 1, tzinfo=UTC)),
    ],
)
def test_a_leap_second_is_the_second_after_it(stamp: str | int, moment: datetime) -> None:
    assert moment_of(stamp) == moment


@pytest.mark.parametrize(
    "stamp",
    ["", "yesterday", "2016-12-31T23:60:00Z", "2016-12-31T23:59:61Z", "2016-12-31T23:59:600Z", "2016-02-30T23:59:60Z",
     "9999-12-31T23:59:60Z", None, [], float("nan"), 10**20],
)  # fmt: skip
def test_what_is_no_moment_stops_nothing(stamp: object) -> None:
    assert moment_of(stamp) is None
