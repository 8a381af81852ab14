"""Retries, time limits, owner and alerts of every DAG and task, set once here."""

from datetime import datetime, timedelta
from typing import Any

from airflow.sdk import Param

from social_crm.orchestration.deadlines import deadline_after
from social_crm.orchestration.failures import report_failed_run, report_failure

# For every DAG. A killed task cannot run its own callback, which runs in its process; the run's callback runs
# elsewhere.
DAG_DEFAULTS: dict[str, Any] = {
    "start_date": datetime(2006, 1, 1),
    "catchup": False,
    "on_failure_callback": report_failed_run,
}
DEFAULT_ARGS: dict[str, Any] = {
    "owner": "data-engineering",
    "retries": 3,
    "retry_delay": timedelta(seconds=30),
    "retry_exponential_backoff": 2.0,
    "max_retry_delay": timedelta(minutes=15),
    "execution_timeout": timedelta(hours=2),
    "on_failure_callback": report_failure,
}
# A source that throttles all day must not keep its window open for ever.
INGEST_TIMEOUT = timedelta(hours=20)
# Well before the next day's run, and with room for a source that throttles now and then.
INGEST_DEADLINE = deadline_after(timedelta(hours=6))
# Two, so that a run that waits for a rate limit does not delay the next day's.
INGEST_RUNS_AT_ONCE = 2
TRANSFORM_TIMEOUT = timedelta(hours=6)
# A full refresh of millions takes longer than a daily run's minutes.
TRANSFORM_DEADLINE = deadline_after(timedelta(hours=2))
# A transform's steps wait for a lock or a lost connection: that resolves within seconds or not at all.
TRANSFORM_ARGS: dict[str, Any] = {**DEFAULT_ARGS, "retries": 1}
# For tasks that send something out.
DRY_RUN = {"dry_run": Param(default=False, type="boolean", description="say what would be sent, send nothing")}
# A target that throttles all day must not keep the next publication from going out.
ACTIVATION_TIMEOUT = timedelta(hours=4)
