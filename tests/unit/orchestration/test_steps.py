"""What a task does before it extracts."""

from datetime import UTC, datetime, timedelta

import pytest
from airflow.sdk.exceptions import AirflowFailException, AirflowRescheduleException

from social_crm.errors import WindowMissing
from social_crm.orchestration import steps
from social_crm.orchestration.steps import extract_and_load, wait_until_settled
from social_crm.sources.model import Window


def day_that_ended(ago: timedelta) -> Window:
    end = datetime.now(UTC) - ago
    return Window(end - timedelta(days=1), end)


def test_a_window_that_has_just_ended_waits_until_the_source_shows_all_of_it() -> None:
    window = day_that_ended(timedelta(minutes=5))
    with pytest.raises(AirflowRescheduleException) as raised:
        wait_until_settled(window, timedelta(minutes=15))
    assert raised.value.reschedule_date == window.end + timedelta(minutes=15)


def test_a_settled_window_is_read_at_once() -> None:
    wait_until_settled(day_that_ended(timedelta(minutes=16)), timedelta(minutes=15))


def test_a_run_without_a_date_is_not_tried_again_and_says_what_helps(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(steps, "get_current_context", dict)
    with pytest.raises(AirflowFailException, match="triggered without a date") as refused:
        extract_and_load("x", "posts")
    assert isinstance(refused.value.__cause__, WindowMissing)
