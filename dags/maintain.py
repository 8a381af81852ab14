"""The nightly duties: remove words whose time is over, reapply erasures, and check that `bi` is as published.

Seed `source_policies` says how long words are kept, and `ops.clearings` shows what was removed; the next transform
removes it from staging and `bi`. Erased people (`python -m social_crm.privacy.erasure`) are removed again, in case a
restore brought them back. Tables of `bi` that lost rows are named, and the next publication restores them. The site of
the models is in the menu under Documentation, beside guides, glossary, checks and lineage.
"""

from airflow.sdk import CronTriggerTimetable, dag, task

from social_crm.orchestration import steps
from social_crm.orchestration.defaults import DAG_DEFAULTS, TRANSFORM_ARGS, TRANSFORM_TIMEOUT


@dag(
    **DAG_DEFAULTS,
    dag_id="maintain_warehouse",
    dag_display_name="Maintain the warehouse",
    schedule=CronTriggerTimetable("15 3 * * *", timezone="UTC"),
    max_active_runs=1,
    dagrun_timeout=TRANSFORM_TIMEOUT,
    default_args=TRANSFORM_ARGS,
    tags=["maintain"],
    doc_md=__doc__,
)
def maintain_warehouse() -> None:
    """Wire the steps; none waits for another."""
    task(steps.clear_words, task_id="clear_words")()
    task(steps.reapply_erasures, task_id="reapply_erasures")()
    task(steps.compare_with_publication, task_id="compare_with_publication")()
    task(steps.write_documentation, task_id="write_documentation")()


maintain_warehouse()
