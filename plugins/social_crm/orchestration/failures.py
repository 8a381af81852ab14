"""What Airflow is to do about each of our errors, and what it tells the engineer who is woken by it."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
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
    "matching_forbidden": "mend the seed source_policies as the message says, then clear this task",
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
    "model_failed": "mend the named model, then clear this task",
}
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
    kind = cause.kind if isinstance(cause, WarehouseError) else type(cause).__name__
    failure = RunFailure(
        incident="failed_task",
        dag_id=ti.dag_id,
        task_id=ti.task_id,
        run_id=context.get("run_id", ti.run_id),
        error_kind=kind,
        message=_message_of(cause),
        next_step=NEXT_STEPS.get(kind, "read the traceback in its log, then clear this task"),
        runbook=RUNBOOKS.get(ti.dag_id, LOAD_RUNBOOK),
    )
    start, end = context.get("data_interval_start"), context.get("data_interval_end")
    log.error(
        "TASK FAILED\n  dag:     %s\n  task:    %s (attempt %s)\n  window:  %s to %s\n  run:     %s\n"
        "  error:   %s\n  message: %s\n  next:    %s\n  runbook: %s",
        *(ti.dag_id, _task_name(ti), ti.try_number, start, end, failure.run_id),
        *(kind, failure.message, failure.next_step, failure.runbook),
    )
    tell(failure)


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


def _message_of(cause: BaseException | None) -> str:
    if cause is None:  # as a task killed from outside leaves it
        return "the process ended without an error of its own"
    if isinstance(cause, WarehouseError | AirflowException):
        return str(cause)
    return "its text may quote a record, so it is not repeated here"


def _task_name(ti: Any) -> str:
    return ti.task_id if ti.map_index is None or ti.map_index < 0 else f"{ti.task_id}[{ti.map_index}]"
