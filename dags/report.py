"""The executive dashboard of the previous week, as pictures by e-mail, once each Monday morning.

It needs Chromium and the Airflow connections `mail_smtp` and `superset_report`; without these the task only says what
it would send. Trigger it with `{"dry_run": true}` to see the same with connections.
"""

from airflow.sdk import CronTriggerTimetable, dag, task

from social_crm.orchestration import notification_steps
from social_crm.orchestration.defaults import ACTIVATION_TIMEOUT, DAG_DEFAULTS, DEFAULT_ARGS, DRY_RUN


@dag(
    **DAG_DEFAULTS,
    dag_id="report_executive",
    dag_display_name="Report to executives",
    schedule=CronTriggerTimetable("0 6 * * 1", timezone="UTC"),
    max_active_runs=1,
    dagrun_timeout=ACTIVATION_TIMEOUT,
    default_args=DEFAULT_ARGS,
    params=DRY_RUN,
    tags=["report"],
    doc_md=__doc__,
)
def report_executive() -> None:
    """Wire the one step."""
    task(notification_steps.send_report, task_id="send")()


report_executive()
