"""One DAG per source: land a day's window of each resource in raw, then check what landed."""

from airflow.sdk import CronDataIntervalTimetable, dag, task, task_group

from social_crm.documentation.sources import doc_page
from social_crm.orchestration import steps
from social_crm.orchestration.assets import raw_asset, source_asset
from social_crm.orchestration.defaults import (
    DAG_DEFAULTS,
    DEFAULT_ARGS,
    INGEST_DEADLINE,
    INGEST_RUNS_AT_ONCE,
    INGEST_TIMEOUT,
)
from social_crm.settings import last_ingest_date
from social_crm.sources import SOURCES
from social_crm.sources.model import Source

# What the grid shows for a mapped task instead of its number.
RESOURCE = "{{ task.op_kwargs['resource'] }}"


def build_ingest_dag(source: Source) -> None:
    """Register the ingest DAG of one source."""

    @dag(
        **DAG_DEFAULTS,
        dag_id=f"ingest_{source.name}",
        dag_display_name=f"Ingest {source.title}",
        schedule=CronDataIntervalTimetable(source.schedule, timezone="UTC"),
        end_date=last_ingest_date(),
        max_active_runs=INGEST_RUNS_AT_ONCE,
        dagrun_timeout=INGEST_TIMEOUT,
        deadline=INGEST_DEADLINE,
        default_args=DEFAULT_ARGS,
        tags=["ingest", source.name],
        doc_md=doc_page(source),
    )
    def ingest() -> None:
        @task(inlets=[source_asset(source.name)], map_index_template=RESOURCE)
        def extract_and_load(resource: str) -> int:
            return steps.extract_and_load(source.name, resource)

        @task(outlets=[raw_asset(source.name)], map_index_template=RESOURCE)
        def validate(resource: str, load_id: int) -> None:
            steps.validate(source.name, load_id)

        # Each resource separately: one that waits for a rate limit, or fails, does not delay the others.
        @task_group
        def land(resource: str) -> None:
            validate(resource=resource, load_id=extract_and_load(resource=resource))

        land.expand(resource=source.resource_names)

    ingest()


for source in SOURCES:
    build_ingest_dag(source)
