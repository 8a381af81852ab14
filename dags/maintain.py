"""What keeps the warehouse readable: dbt's site of every model and column, written anew each night.

It is reached from Documentation in the menu, beside guides, glossary, checks and lineage.
"""

from datetime import datetime

from airflow.sdk import CronTriggerTimetable, dag, task

from social_crm.orchestration import steps
from social_crm.orchestration.defaults import TRANSFORM_ARGS, TRANSFORM_TIMEOUT


@dag(
    dag_id="maintain_documentation",
    dag_display_name="Maintain documentation",
    schedule=CronTriggerTimetable("15 3 * * *", timezone="UTC"),
    start_date=datetime(2006, 1, 1),
    catchup=False,
    max_active_runs=1,
    dagrun_timeout=TRANSFORM_TIMEOUT,
    default_args=TRANSFORM_ARGS,
    tags=["maintain"],
    doc_md=__doc__,
)
def maintain_documentation() -> None:
    """Wire the one step."""
    task(steps.write_documentation, task_id="write")()


maintain_documentation()
