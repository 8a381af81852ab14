"""The tasks of `notify_people` and `report_executive`, and what happens at a task's failure before they run."""

import logging
import tempfile
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from airflow.sdk import get_current_context

from social_crm.errors import WarehouseError, kind_of
from social_crm.orchestration.connections import optional_connection
from social_crm.sources.model import Connection

if TYPE_CHECKING:
    from social_crm.activation.chat import Chat
    from social_crm.activation.mail import Mail
    from social_crm.activation.model import RunFailure

MAIL, CHAT, SUPERSET = "mail_smtp", "chat_webhook", "superset_report"
MESSAGES_PER_MINUTE = 60
# Any process that holds a channel finishes within seconds.
PATIENCE = "30s"
log = logging.getLogger(__name__)


def send_mail() -> int:
    """Send what has not been sent yet by e-mail."""
    return _tell_or_preview(MAIL)


def post_to_chat() -> int:
    """Post what has not been posted yet in the chat."""
    return _tell_or_preview(CHAT)


def send_report() -> int:
    """Send last week's report by e-mail, once."""
    from social_crm.activation.mail import Mail
    from social_crm.activation.report import weekly_report
    from social_crm.activation.sending import preview, send
    from social_crm.orchestration.failures import airflow_outcomes

    now = datetime.now(UTC)
    with airflow_outcomes():
        mail, superset = optional_connection(MAIL, Mail.options), optional_connection(SUPERSET, {})
        if mail is None or superset is None or get_current_context()["params"].get("dry_run"):
            log.info("a dry run, or no Airflow connection %r or %r", MAIL, SUPERSET)
            return preview([weekly_report(None, now)], Mail.name)
        item = weekly_report(superset, now)
        return send([item], Mail(mail), kind=item.kind, patience=PATIENCE).created_count


def tell_at_once() -> None:
    """Tell on every channel, from within a callback: what fails here is sent by the next run of `notify_people`."""
    import psycopg

    for connection_id in (MAIL, CHAT):
        try:
            connection = optional_connection(connection_id, _channel(connection_id).options)
            if connection is not None:
                _tell(connection_id, connection)
        except (WarehouseError, psycopg.Error) as error:
            log.warning("%s: not told at once (%s); the next run of notify_people does", connection_id, kind_of(error))


def tell_without_the_warehouse(failure: "RunFailure") -> None:
    """Tell, on every channel, what the warehouse could not record.

    All tasks of a night fail together then: a file of the worker remembers that the channel was told in this hour.
    """
    from social_crm.activation.failures import unnoted

    item = unnoted(failure, datetime.now(UTC))
    for connection_id in (MAIL, CHAT):
        told = Path(tempfile.gettempdir(), f"{connection_id}.{item.item_id.replace(':', '.')}")
        try:
            connection = optional_connection(connection_id, _channel(connection_id).options)
            if connection is None or told.exists():
                continue
            # Recorded afterwards: if the task is killed meanwhile, people are told twice rather than not at all.
            _channel(connection_id)(connection).create(item)
            told.touch()
        except Exception as error:
            log.warning("%s: nobody was told (%s)", connection_id, kind_of(error))


def _tell_or_preview(connection_id: str) -> int:
    from social_crm.activation.incidents import planned_notifications
    from social_crm.activation.sending import preview
    from social_crm.orchestration.failures import airflow_outcomes

    with airflow_outcomes():
        connection = optional_connection(connection_id, _channel(connection_id).options)
        if connection is not None and not get_current_context()["params"].get("dry_run"):
            return _tell(connection_id, connection)
        if connection is None:
            log.info("no Airflow connection %r: this is a dry run", connection_id)
        return preview(planned_notifications(datetime.now(UTC)), _channel(connection_id).name)


def _tell(connection_id: str, connection: Connection) -> int:
    from social_crm.activation.incidents import planned_notifications
    from social_crm.activation.sending import send

    target = _channel(connection_id)(connection)
    items = planned_notifications(datetime.now(UTC))
    return send(items, target, kind="notification", per_minute=MESSAGES_PER_MINUTE, patience=PATIENCE).created_count


def _channel(connection_id: str) -> "type[Mail | Chat]":
    from social_crm.activation.chat import Chat
    from social_crm.activation.mail import Mail

    return Mail if connection_id == MAIL else Chat
