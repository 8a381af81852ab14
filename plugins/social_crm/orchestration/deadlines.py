"""Until when a run is to be done, and who hears of one that is not."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, ClassVar

from airflow.sdk.definitions.callback import SyncCallback
from airflow.sdk.definitions.deadline import BaseDeadlineReference, DeadlineAlert

from social_crm.errors import RunLate
from social_crm.orchestration.failures import failure_of, tell

if TYPE_CHECKING:
    from sqlalchemy.orm import Session


class FirstQueuedAt(BaseDeadlineReference):
    """When a run was queued for the first time.

    Airflow counts its own DAGRUN_QUEUED_AT anew when a run is cleared, and fails: version 3.3 keeps the span as JSON and
    takes it for a number (apache/airflow#70368). So no run that failed could be cleared until its deadline was over.
    """

    required_kwargs: ClassVar = {"dag_id", "run_id"}

    def _evaluate_with(self, *, session: "Session", dag_id: str, run_id: str) -> datetime | None:
        # Airflow's database, which only its scheduler asks here.
        from airflow.models import DagRun

        queued_at: datetime | None = session.query(DagRun.queued_at).filter_by(dag_id=dag_id, run_id=run_id).scalar()
        return queued_at


def deadline_after(span: timedelta) -> DeadlineAlert:
    """Return the deadline of a run; counted from when it was queued, for a backfill's dates are long over."""
    return DeadlineAlert(
        reference=FirstQueuedAt(),
        interval=span,
        # In a worker, not in the triggerer: telling waits for servers.
        callback=SyncCallback(report_late_run, kwargs={"hours": span / timedelta(hours=1)}),
        name="late_run",
    )


def report_late_run(hours: float, context: Mapping[str, Any]) -> None:
    """Write down that a run is late, and tell people at once."""
    run = context["dag_run"]
    # Airflow keeps the deadline of a run that failed; people were told when its task did.
    if run["state"] == "failed":
        return
    state = f"last queued at {run['queued_at']}, its state was {run['state']}"
    late = RunLate(f"Not done {hours:g} hours after it was first queued; {state}.")
    tell(failure_of(run["dag_id"], None, run["dag_run_id"], late))
