"""When a run must be done, and who is told if it is not."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from airflow.sdk.definitions.callback import SyncCallback
from airflow.sdk.definitions.deadline import DeadlineAlert

from social_crm.errors import RunLate
from social_crm.orchestration.deadline_reference import FirstQueuedAt
from social_crm.orchestration.failures import failure_of, tell


def deadline_after(span: timedelta) -> DeadlineAlert:
    """Return the deadline of a run, counted from when it was queued, because a backfill's dates are long past."""
    return DeadlineAlert(
        reference=FirstQueuedAt(),
        interval=span,
        # In a worker, not in the triggerer, because notifying waits for servers.
        callback=SyncCallback(report_late_run, kwargs={"hours": span / timedelta(hours=1)}),
        name="late_run",
    )


def report_late_run(hours: float, context: Mapping[str, Any]) -> None:
    """Record that a run is late, and tell people at once."""
    run = context["dag_run"]
    # Airflow keeps the deadline of a failed run; people were told when its task failed.
    if run["state"] == "failed":
        return
    state = f"last queued at {run['queued_at']}, its state was {run['state']}"
    late = RunLate(f"Not done {hours:g} hours after it was first queued; {state}.")
    tell(failure_of(run["dag_id"], None, run["dag_run_id"], late))
