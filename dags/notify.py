"""Tells people what went wrong, by e-mail and chat: one message per incident, with its evidence and where to look.

It runs after each publication, and hourly even if nothing is published. Without the Airflow connection of a channel,
its task only says what it would send. Trigger it with `{"dry_run": true}` to see the same with connections.
"""

from airflow.sdk import AssetOrTimeSchedule, CronTriggerTimetable, dag, task

from social_crm.orchestration import notification_steps
from social_crm.orchestration.assets import BI
from social_crm.orchestration.defaults import ACTIVATION_TIMEOUT, DAG_DEFAULTS, DEFAULT_ARGS, DRY_RUN


@dag(
    **DAG_DEFAULTS,
    dag_id="notify_people",
    dag_display_name="Notify people",
    schedule=AssetOrTimeSchedule(timetable=CronTriggerTimetable("30 * * * *", timezone="UTC"), assets=BI),
    max_active_runs=1,
    dagrun_timeout=ACTIVATION_TIMEOUT,
    default_args=DEFAULT_ARGS,
    params=DRY_RUN,
    tags=["notify"],
    doc_md=__doc__,
)
def notify_people() -> None:
    """Wire the channels; neither waits for the other."""
    task(notification_steps.send_mail, task_id="send_mail", inlets=[BI])()
    task(notification_steps.post_to_chat, task_id="post_to_chat", inlets=[BI])()


notify_people()
