"""Failures of Airflow's runs, recorded before anybody is told, so that a killed process forgets none."""

from dataclasses import asdict
from datetime import datetime

from social_crm.activation.model import Item, RunFailure
from social_crm.database import connect
from social_crm.settings import load_settings

RUNBOOK = "docs/runbooks/notifications.md"


def note_failure(failure: RunFailure) -> None:
    """Record the failure; the same failure on the same day is one incident, with a count."""
    with connect(load_settings().warehouse_transformer_url) as warehouse:
        warehouse.execute(_NOTE, asdict(failure))


def unnoted(failure: RunFailure, now: datetime) -> Item:
    """Return what to tell people if the failure could not be recorded; all failures within an hour are one incident."""
    task = f" {failure.task_id}" if failure.task_id else ""
    return Item(
        kind="notification",
        item_id=f"warehouse_unreachable:{now:%Y-%m-%dT%H}",
        title=f"The warehouse does not answer: {failure.dag_id}{task}, {failure.error_kind}",
        body=(
            f"Nothing can be written down, so other tasks that gave up in this hour are not told of.\n{failure.message}"
            f"\nNext: look whether the warehouse runs and lets Airflow in; then {failure.next_step}.\n\n"
            f"Run: {failure.run_id}\nRunbook: {RUNBOOK}"
        ),
        action=failure.incident,
        is_ours=True,
    )


_NOTE = """
insert into ops.run_failures (
    failure_id, incident, dag_id, task_id, run_id, error_kind, message, next_step, runbook
)
values (
    concat_ws(
        ':', %(incident)s::text, %(dag_id)s::text, %(task_id)s::text, %(error_kind)s::text,
        (now() at time zone 'UTC')::date
    ),
    %(incident)s, %(dag_id)s, %(task_id)s, %(run_id)s, %(error_kind)s, %(message)s, %(next_step)s, %(runbook)s
)
on conflict (failure_id) do update set
    run_id = excluded.run_id,
    message = excluded.message,
    failure_count = run_failures.failure_count + 1,
    last_failed_at = excluded.last_failed_at
"""
