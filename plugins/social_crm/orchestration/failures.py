"""What Airflow is to do about each of our errors, and what it tells the engineer who is woken by it."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

from airflow.sdk.exceptions import AirflowException, AirflowFailException, AirflowRescheduleException

from social_crm.activation.model import RunFailure
from social_crm.errors import (
    ContractBroken,
    CredentialRefused,
    ErasureUnenforceable,
    FrontDoorRefused,
    GateRefused,
    MatchingForbidden,
    PolicyUnenforceable,
    PseudonymKeyChanged,
    PublicationRefused,
    RateLimited,
    RetentionOverdue,
    SuiteUnusable,
    TransformRefused,
    WarehouseError,
    WarehouseFailed,
    WindowRefused,
    WindowUnavailable,
)
from social_crm.orchestration.notification_steps import tell_at_once, tell_without_the_warehouse

log = logging.getLogger(__name__)

# Another attempt would get the same answer: a person must act first.
HOPELESS = (
    CredentialRefused,
    ContractBroken,
    ErasureUnenforceable,
    WindowRefused,
    WindowUnavailable,
    FrontDoorRefused,
    GateRefused,
    MatchingForbidden,
    PolicyUnenforceable,
    PseudonymKeyChanged,
    PublicationRefused,
    RetentionOverdue,
    SuiteUnusable,
    TransformRefused,
)
NEXT_STEPS = {
    "matching_forbidden": "mend the seed source_policies as the message says, then run transform",
    "policy_unenforceable": "mend the seed source_policies or the source module, then clear this task",
    "erasure_unenforceable": "declare what the message names, or erase the named requests once more; clear this task",
    "retention_overdue": "read windows that were never finished again, run transform, then clear this task",
    "entitlement_refused": "mend the seed market_entitlements as the message says, then clear this task",
    "credential_refused": "renew the connection, then clear this task",
    "contract_broken": "compare the answer with the source module; correct it, then clear this task",
    "file_refused": "replace the file under the same name; the next run takes it",
    "window_refused": "run this window once it is over",
    "window_unavailable": "fill the gap in raw.load_gaps from an export if it matters; clear this task to accept it",
    "source_unavailable": "look at the source's status page, then clear this task",
    "warehouse_failed": "look at the warehouse's own log, then clear this task",
    "load_in_progress": "wait for the run that holds this window, then clear this task",
    "front_door_refused": "see Data Docs; mend the rule and clear validate, or the source and clear extract_and_load",
    "gate_refused": "bi keeps its last version; follow the keys back to raw, mend, then run transform again",
    "suite_unusable": "mend the suite under expectations/, then clear this task",
    "transform_in_progress": "wait for the transform that runs, then clear this task",
    "transform_refused": "clear the task that was marked, or run transform again, as the message says",
    "pseudonym_key_changed": "give every worker the former key, then clear this task; a new one needs a full refresh",
    "publication_postponed": "end the sessions that read bi or wait for them, then clear this task",
    "publication_refused": "run transform again",
    "linking_failed": "look at the memory and disk of the worker, then clear this task",
    "activation_in_progress": "wait for the activation that runs, then clear this task",
    "model_failed": "mend the named model, then run transform again",
    "killed": "look whether its worker had memory and disk left, then clear this task",
    "late": "look at which task it waits for; it goes on by itself unless it hangs",
    "timed_out": "look at which of its tasks waited, and for what; then clear them",
}
# What a task leaves beside itself once its failure is told.
TOLD = "told"
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
    """Turn our errors into what Airflow should do: wait without a worker slot, give up at once, or retry as set."""
    try:
        yield
    except RateLimited as error:
        log.warning("%s; this task comes back at %s", error, error.resume_at.isoformat())
        raise AirflowRescheduleException(error.resume_at) from error  # type: ignore[no-untyped-call]
    except HOPELESS as error:
        raise AirflowFailException(str(error)) from error
    except Exception as error:
        import psycopg

        from social_crm.database import cause_of

        if not isinstance(error, psycopg.Error):
            raise
        raise WarehouseFailed(f"{cause_of(error)}. Its own log says more; clear this task once it answers.") from None


def report_failure(context: Any) -> None:
    """Log one block that says what failed, over which window, why, and what to do next; and tell people."""
    ti = context["ti"]
    error = context.get("exception")
    cause = error if isinstance(error, WarehouseError) else getattr(error, "__cause__", None) or error
    failure = failure_of(ti.dag_id, ti.task_id, context.get("run_id", ti.run_id), _kind_of(cause), _message_of(cause))
    start, end = context.get("data_interval_start"), context.get("data_interval_end")
    log.error(
        "TASK FAILED\n  dag:     %s\n  task:    %s (attempt %s)\n  window:  %s to %s\n  run:     %s\n"
        "  error:   %s\n  message: %s\n  next:    %s\n  runbook: %s",
        *(ti.dag_id, _task_name(ti), ti.try_number, start, end, failure.run_id),
        *(failure.error_kind, failure.message, failure.next_step, failure.runbook),
    )
    tell(failure)
    try:
        ti.xcom_push(key=TOLD, value=1)
    except Exception as refused:  # of the DAG processor, which calls this where a worker is gone
        log.info("the run's callback counts it once more: %s", type(refused).__name__)


def report_failed_run(context: Any) -> None:
    """Tell of what no task of a failed run could tell: that its process was killed, or that the run took too long.

    Airflow's DAG processor calls it once all tasks of the run have ended.
    """
    dag, run_id, ti = context["dag"], context["run_id"], context.get("ti")
    if context["reason"] == "timed_out":
        message = f"Airflow ended it, for it took more than {dag.dagrun_timeout / timedelta(hours=1):g} hours."
        tell(failure_of(dag.dag_id, None, run_id, "timed_out", message))
    for task_id in dag.task_ids if ti else ():
        # Not get_ti_count, whose answer the DAG processor of Airflow 3.3 does not understand.
        states = ti.get_task_states(dag.dag_id, task_ids=[task_id], run_ids=[run_id]).get(run_id, {})
        told = ti.xcom_pull(task_ids=[task_id], run_id=run_id, key=TOLD)
        if list(states.values()).count("failed") > told.count(1):
            tell(failure_of(dag.dag_id, task_id, run_id, "killed", _message_of(None)))


def failure_of(dag_id: str, task_id: str | None, run_id: str, kind: str, message: str) -> RunFailure:
    """Return what people are told of one task that gave up or, without a task, of a run that takes too long."""
    return RunFailure(
        incident="failed_task" if task_id else "late_run",
        dag_id=dag_id,
        task_id=task_id,
        run_id=run_id,
        error_kind=kind,
        message=message,
        next_step=NEXT_STEPS.get(kind, "read the traceback in its log, then clear this task"),
        runbook=RUNBOOKS.get(dag_id, LOAD_RUNBOOK),
    )


def tell(failure: RunFailure) -> None:
    """Write a failure down and tell people at once; a callback that fails in turn says so in the log, and no more."""
    try:
        # The gate's own results tell which rules broke, whichever task saw it.
        if failure.error_kind != GateRefused.kind and not _is_noted(failure):
            tell_without_the_warehouse(failure)
        else:
            tell_at_once()
    except Exception as error:
        log.warning("nobody was told of it: %s", type(error).__name__)


def _is_noted(failure: RunFailure) -> bool:
    from social_crm.activation.failures import note_failure

    try:
        note_failure(failure)
    except Exception as error:
        log.warning("the warehouse did not write it down: %s", type(error).__name__)
        return False
    return True


def _kind_of(cause: BaseException | None) -> str:
    if cause is None:  # as a task leaves it whose worker is gone
        return "killed"
    return cause.kind if isinstance(cause, WarehouseError) else type(cause).__name__


def _message_of(cause: BaseException | None) -> str:
    if cause is None:
        return "the process ended without an error of its own: killed, for want of memory or by a person"
    if isinstance(cause, WarehouseError | AirflowException):
        return str(cause)
    return "its text may quote a record, so it is not repeated here"


def _task_name(ti: Any) -> str:
    return ti.task_id if ti.map_index is None or ti.map_index < 0 else f"{ti.task_id}[{ti.map_index}]"
