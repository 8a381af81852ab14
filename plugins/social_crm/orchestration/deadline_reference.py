"""The reference time of deadlines. It imports nothing else of ours, because every Airflow process keeps this module."""

from datetime import datetime
from typing import TYPE_CHECKING, ClassVar

from airflow.sdk.definitions.deadline import BaseDeadlineReference

if TYPE_CHECKING:
    from sqlalchemy.orm import Session


class FirstQueuedAt(BaseDeadlineReference):
    """When a run was queued for the first time.

    Airflow restarts its own DAGRUN_QUEUED_AT when a run is cleared, and fails: version 3.3 keeps the span as JSON,
    but takes it for a number (apache/airflow#70368). No run that failed could be cleared until its deadline was over.
    """

    required_kwargs: ClassVar = {"dag_id", "run_id"}

    def _evaluate_with(self, *, session: "Session", dag_id: str, run_id: str) -> datetime | None:
        # Airflow's own database, which its scheduler and API server query here.
        from airflow.models import DagRun

        queued_at: datetime | None = session.query(DagRun.queued_at).filter_by(dag_id=dag_id, run_id=run_id).scalar()
        return queued_at
