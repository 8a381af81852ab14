"""People are told of a late run: its deadline, and what Airflow calls when it has passed."""

from datetime import timedelta
from pathlib import Path

import pytest
import structlog
from airflow.dag_processing.dagbag import DagBag
from airflow.sdk.definitions.callback import SyncCallback
from airflow.sdk.definitions.deadline import DeadlineAlert
from airflow.sdk.execution_time.callback_supervisor import execute_callback

from social_crm.activation.model import RunFailure
from social_crm.orchestration import deadlines
from social_crm.orchestration.deadline_reference import FirstQueuedAt
from social_crm.sources import SOURCES

ROOT = Path(__file__).resolve().parents[2]
RUN = {"dag_id": "transform", "dag_run_id": "scheduled__1", "queued_at": "2026-11-09T00:00:00Z", "state": "running"}


@pytest.fixture(scope="module")
def alerts() -> dict[str, DeadlineAlert]:
    """Return the deadline of each DAG that has one."""
    dags = DagBag(ROOT / "dags").dags
    return {dag_id: dag.deadline[0] for dag_id, dag in dags.items() if dag.deadline}


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch) -> list[RunFailure]:
    """Return what people are told."""
    told: list[RunFailure] = []
    monkeypatch.setattr(deadlines, "tell", told.append)
    return told


def called(alert: DeadlineAlert, state: str) -> tuple[bool, str | None]:
    """Let a worker of Airflow call what the deadline names."""
    kwargs = {**alert.callback.kwargs, "context": {"dag_run": {**RUN, "state": state}, "deadline": {}}}
    return execute_callback(alert.callback.path, kwargs, ROOT, None, structlog.get_logger())


def test_every_ingest_and_the_transform_have_a_deadline_from_when_they_were_queued(
    alerts: dict[str, DeadlineAlert],
) -> None:
    assert set(alerts) == {f"ingest_{source.name}" for source in SOURCES} | {"transform"}
    assert {type(alert.reference) for alert in alerts.values()} == {FirstQueuedAt}
    assert alerts["transform"].interval == timedelta(hours=2)
    assert alerts["ingest_x"].interval == timedelta(hours=6)
    assert all(isinstance(alert.callback, SyncCallback) for alert in alerts.values())


def test_what_the_deadline_names_tells_people_of_the_run(
    alerts: dict[str, DeadlineAlert], told: list[RunFailure]
) -> None:
    assert called(alerts["transform"], "running") == (True, None)
    [failure] = told
    assert (failure.incident, failure.dag_id, failure.run_id) == ("late_run", "transform", "scheduled__1")
    assert failure.message == (
        "Not done 2 hours after it was first queued; last queued at 2026-11-09T00:00:00Z, its state was running."
    )


def test_a_run_that_failed_is_not_told_twice(alerts: dict[str, DeadlineAlert], told: list[RunFailure]) -> None:
    assert called(alerts["transform"], "failed") == (True, None)
    assert told == []
