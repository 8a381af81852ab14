"""Retries, time limits, owner and alerts: set here once, for every DAG and task."""

from datetime import datetime, timedelta
from typing import Any

from airflow.sdk import Param

from social_crm.orchestration.deadlines import deadline_after
from social_crm.orchestration.failures import report_failed_run, report_failure

# Of every DAG. A killed task cannot run its own callback, which would run in its process; the run's runs elsewhere.
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
# A source that throttles all day must not hold its window open for ever.
INGEST_TIMEOUT = timedelta(hours=20)
# Well before the next day's, and after what a source that throttles now and then costs.
INGEST_DEADLINE = deadline_after(timedelta(hours=6))
# Two, so that a run that waits for a rate limit does not hold up the next day's.
INGEST_RUNS_AT_ONCE = 2
TRANSFORM_TIMEOUT = timedelta(hours=6)
# A full refresh of millions takes longer than a daily run's minutes.
TRANSFORM_DEADLINE = deadline_after(timedelta(hours=2))
# What the steps of a transform wait for resolves within seconds (a lock, a lost connection) or not at all.
TRANSFORM_ARGS: dict[str, Any] = {**DEFAULT_ARGS, "retries": 1}
# Of what sends something out.
DRY_RUN = {"dry_run": Param(default=False, type="boolean", description="say what would be sent, send nothing")}
# A target that throttles all day must not keep the next publication from going out.
ACTIVATION_TIMEOUT = timedelta(hours=4)
