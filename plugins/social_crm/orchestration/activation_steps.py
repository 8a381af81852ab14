"""The tasks of the DAG `activate`; without a connection for it, a task says what it would send."""

import logging
from collections.abc import Sequence

from airflow.sdk import get_current_context

from social_crm.activation.model import Item, Target
from social_crm.errors import ContractBroken
from social_crm.orchestration.connections import optional_connection
from social_crm.orchestration.failures import airflow_outcomes

ZENDESK, REQUEST_TRACKER = "helpdesk_api", "helpdesk_request_tracker_api"
NOTES = "crm_notes_api"
NOTES_PER_MINUTE = 6_000  # a database is no API and has no rate limit
log = logging.getLogger(__name__)


def make_cases() -> int:
    """Create a case, once, for each conversation that the rules name, in the helpdesk whose connection is set up."""
    from social_crm.activation.cases import planned_cases
    from social_crm.activation.request_tracker import RequestTracker
    from social_crm.activation.zendesk import Zendesk

    helpdesks: dict[str, type[Zendesk | RequestTracker]] = {ZENDESK: Zendesk, REQUEST_TRACKER: RequestTracker}
    with airflow_outcomes():
        connections = {
            name: found for name, target in helpdesks.items() if (found := optional_connection(name, target.options))
        }
        if not connections:
            return _preview(planned_cases(), Zendesk.name, " or ".join(helpdesks))
        if len(connections) > 1:
            raise ContractBroken(f"a case goes to one helpdesk: remove all but one of {', '.join(connections)}")
        [(name, connection)] = connections.items()
        pace = int(connection.options.get("per_minute", 60))
        return _send(planned_cases(), helpdesks[name](connection), "helpdesk_case", pace)


def write_notes() -> int:
    """Write one note about each created case on the CRM contact that it concerns."""
    from social_crm.activation.cases import planned_notes
    from social_crm.activation.crm_notes import CrmNotes

    with airflow_outcomes():
        connection = optional_connection(NOTES, CrmNotes.options)
        if connection is None:
            return _preview(planned_notes(), CrmNotes.name, NOTES)
        return _send(planned_notes(), CrmNotes(connection), "crm_note", NOTES_PER_MINUTE)


def _send(items: Sequence[Item], target: Target, kind: str, per_minute: int) -> int:
    """Send for real unless the run was asked for a dry run."""
    from social_crm.activation.sending import preview, send

    if get_current_context()["params"].get("dry_run"):
        return preview(items, target.name)
    return send(items, target, kind=kind, per_minute=per_minute).created_count


def _preview(items: Sequence[Item], target: str, connection_id: str) -> int:
    from social_crm.activation.sending import preview

    log.info("no Airflow connection %s: this is a dry run", connection_id)
    return preview(items, target)
