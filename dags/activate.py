"""What goes back out once `bi` is published: cases in the helpdesk and notes in the CRM, once per item.

An item is looked up in its target before it is made there; docs/runbooks/activation.md says when a case is made twice.

Without the Airflow connection of a target, its task only says what it would send, as keys and codes. Trigger it with
`{"dry_run": true}` to see the same with connections. `bi.rpt_activations` shows what went out.
"""

from airflow.sdk import chain, dag, task

from social_crm.orchestration import activation_steps
from social_crm.orchestration.assets import BI
from social_crm.orchestration.defaults import ACTIVATION_TIMEOUT, DAG_DEFAULTS, DEFAULT_ARGS, DRY_RUN


@dag(
    **DAG_DEFAULTS,
    dag_display_name="Activate what bi shows",
    schedule=BI,
    max_active_runs=1,
    dagrun_timeout=ACTIVATION_TIMEOUT,
    default_args=DEFAULT_ARGS,
    params=DRY_RUN,
    tags=["activate"],
    doc_md=__doc__,
)
def activate() -> None:
    """Wire the steps; each is one call into the package."""
    cases = task(activation_steps.make_cases, task_id="make_cases", inlets=[BI])()
    notes = task(activation_steps.write_notes, task_id="write_notes")()
    chain(cases, notes)


activate()
