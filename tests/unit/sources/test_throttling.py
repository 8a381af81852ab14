"""How the waits that sources ask for are read."""

from datetime import UTC, datetime, timedelta

import pytest
from requests.structures import CaseInsensitiveDict

from social_crm.sources.web.throttling import LONGEST_WAIT, SHORTEST_WAIT, requested_wait, server_time

NOW = datetime(2026, 10, 27, 12, 0, tzinfo=UTC)
SOON = NOW + timedelta(seconds=90)
DATE = "%a, %d %b %Y %T GMT"


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"Retry-After": "290"}, 290),
        (
            {"X-Business-Use-Case-Usage": '{"7": [{"estimated_time_to_regain_access": 2}], "8": [{"type": "pages"}]}'},
            120,
        ),
        ({"X-Business-Use-Case-Usage": '{"7": [{"estimated_time_to_regain_access": 0}]}', "Retry-After": "5"}, 5),
        ({"X-Business-Use-Case-Usage": '{"7": 1}', "Retry-After": "5"}, 5),
        ({"X-Business-Use-Case-Usage": '{"7": [{"estimated_time_to_regain_access": NaN}]}', "Retry-After": "5"}, 5),
        ({"X-Business-Use-Case-Usage": '{"7": [{"estimated_time_to_regain_access": -3}]}', "Retry-After": "5"}, 5),
        ({"retry-after": "1.5"}, 1.5),
        ({"Retry-After": f"{SOON:{DATE}}"}, 90),
        ({"x-rate-limit-reset": str(int(SOON.timestamp()))}, 90),
        ({"RateLimit-Reset": str(int(SOON.timestamp()))}, 90),
        ({"RateLimit-Reset": "90"}, 90),
        ({"X-RateLimit-Reset": SOON.isoformat()}, 90),
        ({"X-RateLimit-Reset": "2026-10-27T12:01:30.000Z"}, 90),
        ({"X-RateLimit-Reset": str(int(SOON.timestamp() * 1000))}, 90),
        ({"Retry-After": "soon", "x-rate-limit-reset": str(int(SOON.timestamp()))}, 90),
        ({"Retry-After": "-5"}, SHORTEST_WAIT),
        ({"Retry-After": "0"}, SHORTEST_WAIT),
        ({"x-rate-limit-reset": "1000000001"}, SHORTEST_WAIT),
        ({"x-rate-limit-reset": str(int((NOW + timedelta(days=3650)).timestamp()))}, LONGEST_WAIT),
        ({"Retry-After": "9" * 18}, LONGEST_WAIT),
        ({}, None),
        ({"Retry-After": "nan"}, None),
        ({"Retry-After": "Fri, 13 Nov 99999999999 10:00:00 GMT"}, None),
        ({"Retry-After": "9" * 400}, None),
    ],
)
def test_every_form_of_wait_is_understood_and_clamped(headers: dict[str, str], seconds: float | None) -> None:
    assert requested_wait(CaseInsensitiveDict({"Date": f"{NOW:{DATE}}", **headers})) == seconds


def test_a_reset_counts_from_the_sources_clock() -> None:
    skewed = CaseInsensitiveDict({"Date": f"{NOW - timedelta(minutes=10):{DATE}}", "Retry-After": f"{NOW:{DATE}}"})
    assert requested_wait(skewed) == 600


def test_without_a_date_the_clock_is_ours() -> None:
    assert abs(server_time({}) - datetime.now(UTC)) < timedelta(seconds=5)
