"""How Airflow handles each of our errors, and what it tells the engineer who is woken by it."""

import logging
import os
import ssl
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from errno import errorcode
from pathlib import Path
from traceback import extract_tb, format_tb
from typing import Any

from airflow.sdk.exceptions import AirflowException, AirflowFailException, AirflowRescheduleException

from social_crm.activation.model import RunFailure
from social_crm.errors import (
    GateRefused,
    RateLimited,
    RunTimedOut,
    TaskKilled,
    Unexpected,
    WarehouseError,
    WarehouseFailed,
    kind_of,
)
from social_crm.orchestration.notification_steps import tell_at_once, tell_without_the_warehouse

log = logging.getLogger(__name__)

# The file that a task leaves once its failure is reported.
TOLD = "told"
KILLED = TaskKilled("the process ended without an error of its own: killed, for want of memory or by a person")
LOAD_RUNBOOK = "docs/runbooks/replay-a-failed-load.md"
RUNBOOKS = {
    "transform": "docs/runbooks/transform-failed.md",
    "activate": "docs/runbooks/activation.md",
    "maintain_warehouse": "docs/runbooks/clear-words.md",
    "notify_people": "docs/runbooks/notifications.md",
    "report_executive": "docs/runbooks/serve-dashboards.md",
}


@contextmanager
def airflow_outcomes() -> Iterator[None]:
    """Turn our errors into Airflow's reaction: wait without a worker slot, give up at once, or retry as configured."""
    try:
        yield
    except RateLimited as error:
        log.warning("%s; this task comes back at %s", error, error.resume_at.isoformat())
        raise AirflowRescheduleException(error.resume_at) from error  # type: ignore[no-untyped-call]
    except WarehouseError as error:
        if error.is_hopeless:
            raise AirflowFailException(str(error)) from error
        raise
    except Exception as error:
        import psycopg

        from social_crm.database import cause_of

        if isinstance(error, AirflowException):
            raise
        if not isinstance(error, psycopg.Error):
            # Airflow would log the error's text, which may quote a record or a credential; of the frames, only code is
            # safe.
            log.error("%s, most recent call last:\n%s", type(error).__name__, "".join(format_tb(error.__traceback__)))
            raise Unexpected(_place_of(error)) from None
        raise WarehouseFailed(f"{cause_of(error)}. Its own log says more; clear this task once it answers.") from None


def _place_of(error: Exception) -> str:
    """Name the type of an error and where it arose; for system errors, also their meaning."""
    meaning = ""
    # A library's own error numbers, such as those of TLS, mean something else.
    if isinstance(error, OSError) and not isinstance(error, ssl.SSLError) and error.errno and error.errno in errorcode:
        meaning = f" ({os.strerror(error.errno)})"
    frame = extract_tb(error.__traceback__)[-1]
    return (
        f"{type(error).__name__}{meaning} in {Path(frame.filename).name}, line {frame.lineno} ({frame.name});"
        " its text may quote a record, so it is not repeated here"
    )


def report_failure(context: Any) -> None:
    """Log one block that says what failed, over which window, why, and what to do next; then tell people."""
    ti = context["ti"]
    error = context.get("exception") or KILLED  # there is none if its worker is gone
    cause = error if isinstance(error, WarehouseError) else error.__cause__ or error
    failure = failure_of(ti.dag_id, ti.task_id, context.get("run_id", ti.run_id), cause)
    start, end = context.get("data_interval_start"), context.get("data_interval_end")
    log.error(
        "TASK FAILED\n  dag:     %s\n  task:    %s (attempt %s)\n  window:  %s to %s\n  run:     %s\n"
        "  error:   %s\n  message: %s\n  next:    %s\n  runbook: %s",
        *(ti.dag_id, _task_name(ti), ti.try_number, start, end, failure.run_id),
        *(failure.error_kind, failure.message, failure.next_step, failure.runbook),
    )
    tell(failure, lambda: _mark(ti))


def _mark(ti: Any) -> None:
    try:
        ti.xcom_push(key=TOLD, value=1)
    except Exception as refused:  # of the DAG processor, which calls this if a worker is gone
        log.info("the run's callback counts it once more: %s", type(refused).__name__)


def report_failed_run(context: Any) -> None:
    """Report what no task of a failed run could report: that its process was killed, or that the run took too long.

    Airflow's DAG processor calls it once all tasks of the run have ended.
    """
    dag, run_id, ti = context["dag"], context["run_id"], context.get("ti")
    if context["reason"] == "timed_out":
        hours = dag.dagrun_timeout / timedelta(hours=1)
        tell(failure_of(dag.dag_id, None, run_id, RunTimedOut(f"Airflow ended it, for it took over {hours:g} hours.")))
    for task_id in dag.task_ids if ti else ():
        # Airflow 3.3's DAG processor does not understand the answer of get_ti_count.
        states = ti.get_task_states(dag.dag_id, task_ids=[task_id], run_ids=[run_id]).get(run_id, {})
        told = ti.xcom_pull(task_ids=[task_id], run_id=run_id, key=TOLD)
        if list(states.values()).count("failed") > told.count(1):
            tell(failure_of(dag.dag_id, task_id, run_id, KILLED))


def failure_of(dag_id: str, task_id: str | None, run_id: str, cause: BaseException) -> RunFailure:
    """Return what to tell people about a task that gave up or, without a task, about a run that takes too long."""
    return RunFailure(
        incident="failed_task" if task_id else "late_run",
        dag_id=dag_id,
        task_id=task_id,
        run_id=run_id,
        error_kind=kind_of(cause),
        message=_message_of(cause),
        next_step=(cause if isinstance(cause, WarehouseError) else WarehouseError).next_step,
        runbook=RUNBOOKS.get(dag_id, LOAD_RUNBOOK),
    )


def tell(failure: RunFailure, once_known: Callable[[], None] = lambda: None) -> None:
    """Record a failure and tell people at once; a callback that fails itself only logs that.

    `once_known` is called once it is written down, for the next run of `notify_people` tells that, or else at the end.
    Airflow ends a process whose callback takes over 20 seconds, as where many messages wait or a channel is slow.
    """
    # The gate's own results say which rules broke, whichever task found it.
    is_noted = failure.error_kind == GateRefused.kind or _is_noted(failure)
    if is_noted:
        once_known()
    try:
        if is_noted:
            tell_at_once()
        else:
            tell_without_the_warehouse(failure)
    except Exception as error:
        log.warning("nobody was told of it: %s", type(error).__name__)
    if not is_noted:
        once_known()


def _is_noted(failure: RunFailure) -> bool:
    from social_crm.activation.failures import note_failure

    try:
        note_failure(failure)
    except Exception as error:
        log.warning("the warehouse did not write it down: %s", type(error).__name__)
        return False
    return True


def _message_of(cause: BaseException) -> str:
    if isinstance(cause, WarehouseError | AirflowException):
        return str(cause)
    return "its text may quote a record, so it is not repeated here"


def _task_name(ti: Any) -> str:
    return ti.task_id if ti.map_index is None or ti.map_index < 0 else f"{ti.task_id}[{ti.map_index}]"
