"""A real service desk's log of 141,712 events goes through the case-event contract and its counts come out."""

import csv
import gzip
from collections import defaultdict
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from real_flow import ask, land_records, transform

from social_crm.settings import Settings
from social_crm.sources.model import Record, Window

WINDOW = Window(datetime(2016, 1, 1, tzinfo=UTC), datetime(2017, 6, 1, tzinfo=UTC))
STATUSES = {
    "New": "new", "Active": "open", "Awaiting User Info": "pending", "Awaiting Problem": "hold",
    "Awaiting Vendor": "hold", "Awaiting Evidence": "hold", "Resolved": "solved", "Closed": "closed",
}  # fmt: skip
DONE = {"solved", "closed"}
Case = list[dict[str, str]]


def read_cases(path: Path) -> dict[str, Case]:
    """Return each case's events in order; the header names one column twice, so columns go by position."""
    cases: dict[str, Case] = defaultdict(list)
    with gzip.open(path, "rt", newline="") as stream:
        rows = csv.reader(stream)
        header = next(rows)
        for row in rows:
            cases[row[0]].append(dict(zip(header, row, strict=True)))
    for events in cases.values():
        events.sort(key=lambda event: (moment(event["sys_updated_at"]), int(event["sys_mod_count"])))
    return cases


def moment(text: str) -> str:
    return datetime.strptime(text, "%d/%m/%Y %H:%M").strftime("%Y-%m-%dT%H:%M:00Z")


def status_of(event: dict[str, str]) -> str | None:
    """Return the event's status in Zendesk's words; a state of -100 says nothing."""
    return STATUSES.get(event["ident_state"])


def audits_of(cases: dict[str, Case]) -> Iterator[Record]:
    """Write each event as a Zendesk audit of what it changed."""
    audit_id = 0
    for number, events in cases.items():
        known: dict[str, str | None] = {}
        for event in events:
            audit_id += 1
            state = {"status": status_of(event), "assignee_id": event["assigned_to"], "priority": event["priority"]}
            changes = [
                {
                    "id": audit_id * 10 + n, "type": "Change" if field in known else "Create",
                    "field_name": field, "value": value, "previous_value": known.get(field),
                }
                for n, (field, value) in enumerate(state.items())
                if value not in (None, "?") and known.get(field) != value
            ]  # fmt: skip
            known |= {change["field_name"]: change["value"] for change in changes}
            yield {
                "id": audit_id, "ticket_id": int(number), "created_at": moment(event["sys_updated_at"]),
                "author_id": 5, "via": {"channel": "web"}, "events": changes,
            }  # fmt: skip


def tickets_of(cases: dict[str, Case]) -> Iterator[Record]:
    for number, events in cases.items():
        last = [status for event in events if (status := status_of(event))][-1:]
        yield {
            "id": int(number), "status": (last or ["new"])[0], "created_at": moment(events[0]["opened_at"]),
            "updated_at": moment(events[-1]["sys_updated_at"]), "via": {"channel": "voice"}, "tags": [],
            "generated_timestamp": 1, "requester_id": 6,
        }  # fmt: skip


def oracle(events: Case) -> tuple[int, str | None, bool]:
    """Return how often a case left solved or closed, when it was first solved, and whether it ended so."""
    reopened, first_solved, before = 0, None, None
    for event in events:
        status = status_of(event)
        if status is None:
            continue
        if status in DONE and first_solved is None:
            first_solved = moment(event["sys_updated_at"])
        reopened += before in DONE and status not in DONE
        before = status
    return reopened, first_solved, before in DONE


def test_every_event_and_every_reopen_comes_out(warehouse: Settings, shared_data: Path) -> None:
    cases = read_cases(shared_data / "incident_log/incident_event_log.csv.gz")
    assert sum(map(len, cases.values())) == 141_712
    assert len(cases) == 24_918

    land_records("zendesk.tickets", tickets_of(cases), WINDOW)
    counts = land_records("zendesk.audits", audits_of(cases), WINDOW)
    assert counts.appended == 141_712
    transform()

    found = {
        int(conversation_id.removeprefix("zendesk:")): (reopened, solved_at and solved_at.strftime("%FT%TZ"), resolved)
        for conversation_id, reopened, solved_at, resolved in ask(
            "select conversation_id, reopened_count, first_resolved_at at time zone 'UTC', is_resolved"
            " from bi.fct_conversations"
        )
    }
    assert len(found) == 24_918
    wrong = {number: (found[int(number)], oracle(events)) for number, events in cases.items()
             if found[int(number)] != oracle(events)}  # fmt: skip
    assert dict(list(wrong.items())[:5]) == {}
