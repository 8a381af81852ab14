"""The nightly duties: remove words whose time is over, reapply erasures, and check that `bi` is as published.

How long words are kept is in seed `source_policies`; `ops.clearings` shows what went, and the next transform takes it
from staging and `bi`. Who was erased (`python -m social_crm.privacy.erasure`) goes again, should a restore have brought
them back. Tables of `bi` from which somebody took rows are named, and restored by the next publication. The site of the
models is reached from Documentation in the menu, beside guides, glossary, checks, lineage.
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
