"""Brings everything that landed since the last run from raw to `bi`: stage, enrich, build, audit, publish.

The load ledger, not the event that started the run, says what is pending: many arrivals share one run, and a run with
nothing pending skips. Edited files of the dbt project, including seeds, are pending too. Trigger it with
`{"full_refresh": true}` to rebuild everything from raw; if history depends on an edited file, it does so itself.
"""

from airflow.sdk import AssetAny, AssetOrTimeSchedule, CronTriggerTimetable, Param, chain, dag, task

from social_crm.orchestration import steps
from social_crm.orchestration.assets import BI, raw_asset
from social_crm.orchestration.defaults import DAG_DEFAULTS, TRANSFORM_ARGS, TRANSFORM_DEADLINE, TRANSFORM_TIMEOUT
from social_crm.sources import SOURCES

RAW_ASSETS = [raw_asset(source.name) for source in SOURCES]


@dag(
    **DAG_DEFAULTS,
    dag_display_name="Transform raw to bi",
    schedule=AssetOrTimeSchedule(
        # The clock picks up arrivals whose events Airflow dropped because a run was just starting.
        timetable=CronTriggerTimetable("0 * * * *", timezone="UTC"),
        assets=AssetAny(*RAW_ASSETS),
    ),
    max_active_runs=1,
    dagrun_timeout=TRANSFORM_TIMEOUT,
    deadline=TRANSFORM_DEADLINE,
    default_args=TRANSFORM_ARGS,
    params={"full_refresh": Param(default=False, type="boolean", description="rebuild everything from raw")},
    tags=["transform"],
    doc_md=__doc__,
)
def transform() -> None:
    """Wire the steps; each is one call into the package."""
    begin = task(steps.begin_transform, task_id="begin", inlets=RAW_ASSETS)()
    stage = task(steps.stage, task_id="stage")(begin)
    enrich = task(steps.enrich, task_id="enrich")(begin)
    build = task(steps.build, task_id="build")(begin)
    audit = task(steps.audit, task_id="audit")(begin)
    publish = task(steps.publish, task_id="publish", outlets=[BI])(begin)
    chain(begin, stage, enrich, build, audit, publish)


transform()
