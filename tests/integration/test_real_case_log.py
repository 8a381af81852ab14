"""A real service desk's log of 141,712 events goes through the case-event contract; its counts and clocks come out."""

import csv
import gzip
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path

from social_crm.settings import Settings
from social_crm.sources.model import Record, Window
from social_crm.transform.dbt_runner import run_dbt
from worlds.real_flow import ask, land_records, transform

WINDOW = Window(datetime(2016, 1, 1, tzinfo=UTC), datetime(2017, 6, 1, tzinfo=UTC))
STATUSES = {
    "New": "new", "Active": "open", "Awaiting User Info": "pending", "Awaiting Problem": "hold",
    "Awaiting Vendor": "hold", "Awaiting Evidence": "hold", "Resolved": "solved", "Closed": "closed",
}  # fmt: skip
DONE = {"solved", "closed"}


def anybody(agent: str | None) -> bool:
    return True


CLOCKS: dict[str, tuple[set[str], Callable[[str | None], bool]]] = {
    "agent_wait": ({"pending"}, anybody),
    "requester_wait": ({"new", "open", "hold"}, anybody),
    "solve": ({"new", "open", "hold", "pending"}, anybody),
    "agent_work": ({"new", "open"}, anybody),
    "on_hold": ({"hold"}, anybody),
    "unassigned": ({"new", "open", "hold", "pending"}, lambda agent: agent is None),
}
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


def seconds(earlier: str, later: str) -> int:
    return int((datetime.fromisoformat(later) - datetime.fromisoformat(earlier)).total_seconds())


def stretches_of(events: Case) -> list[tuple[str, str | None, str | None, str | None]]:
    """Return (from, to, status, agent) between the events of a case, the last one without end."""
    known = [status for event in events if (status := status_of(event))]
    start = min(moment(events[0]["opened_at"]), moment(events[0]["sys_updated_at"]))
    # What it was made with held from the start; nobody is known to have held it before somebody did.
    marks: list[tuple[str, str | None, str | None]] = [(start, known[0] if known else None, None)]
    for event in events:
        agent = event["assigned_to"] if event["assigned_to"] != "?" else marks[-1][2]
        marks.append((moment(event["sys_updated_at"]), status_of(event) or marks[-1][1], agent))
    ends = [mark[0] for mark in marks[1:]] + [None]
    return [(begun, end, status, agent) for (begun, status, agent), end in zip(marks, ends, strict=True)]


def clocks_of(events: Case) -> dict[str, int | None]:
    """Add up a case's clocks minute by minute of its log; None for all while it is unsolved or says no status."""
    sums = dict.fromkeys(CLOCKS, 0)
    stretches = stretches_of(events)
    for begun, end, status, agent in stretches:
        for clock, (statuses, whose) in CLOCKS.items():
            if end and status in statuses and whose(agent):
                sums[clock] += seconds(begun, end)
    return sums if stretches[-1][2] in DONE else dict.fromkeys(CLOCKS)


def oracle(events: Case) -> tuple:
    """Return reopens, first and last resolution and whether it ended so, hand-overs, and the clocks of a case."""
    reopened, first_solved, last_done, before = 0, None, None, None
    for event in events:
        status = status_of(event)
        if status is None:
            continue
        if status in DONE and first_solved is None:
            first_solved = moment(event["sys_updated_at"])
        if status in DONE and before not in DONE:
            last_done = moment(event["sys_updated_at"])
        reopened += before in DONE and status not in DONE
        before = status
    agents = [agent for _, _, _, agent in last_of_each_moment(stretches_of(events)) if agent]
    handoffs = sum(before != after for before, after in pairwise(agents))
    is_done = before in DONE
    return (reopened, first_solved, last_done if is_done else None, is_done, handoffs, *clocks_of(events).values())


def last_of_each_moment(stretches: list) -> list:
    return [stretch for stretch in stretches if stretch[0] != stretch[1]]


def kaplan_meier_median(durations: list[tuple[int, bool]]) -> int | None:
    """Return the time at which half are resolved, from (seconds, whether resolved then), by the textbook."""
    share, at_risk = 1.0, len(durations)
    stops = Counter(length for length, _ in durations)
    resolved = Counter(length for length, is_event in durations if is_event)
    for time in sorted(stops):
        share *= 1 - resolved[time] / at_risk
        if resolved[time] and share <= 0.5 + 1e-9:
            return time
        at_risk -= stops[time]
    return None


def medians(cases: dict[str, Case]) -> dict[str, tuple[int, int, int | None]]:
    """Return by month how many were resolved, how many were still open, and the median of both together."""
    months: dict[str, list[tuple[int, bool]]] = defaultdict(list)
    for events in cases.values():
        opened = min(moment(events[0]["opened_at"]), moment(events[0]["sys_updated_at"]))
        resolved = oracle(events)[1]
        if resolved or any(map(status_of, events)):
            months[opened[:7]].append((seconds(opened, resolved or f"{WINDOW.end:%FT%TZ}"), bool(resolved)))
    return {
        month: (sum(is_event for _, is_event in found), sum(not is_event for _, is_event in found),
                kaplan_meier_median(found))
        for month, found in months.items()
    }  # fmt: skip


def test_every_clock_of_a_real_log_comes_out(warehouse: Settings, shared_data: Path) -> None:
    cases = read_cases(shared_data / "incident_log/incident_event_log.csv.gz")
    assert sum(map(len, cases.values())) == 141_712
    assert len(cases) == 24_918

    land_records("zendesk.tickets", tickets_of(cases), WINDOW)
    counts = land_records("zendesk.audits", audits_of(cases), WINDOW)
    assert counts.appended == 141_712
    transform()

    columns = ", ".join(f"{clock}_calendar_seconds" for clock in CLOCKS)
    found = {
        int(conversation_id.removeprefix("zendesk:")): (
            reopened,
            *(at and at.strftime("%FT%TZ") for at in (first, last)),
            *rest,
        )
        for conversation_id, reopened, first, last, *rest in ask(
            "select conversation_id, reopened_count, first_resolved_at at time zone 'UTC',"
            f" last_resolved_at at time zone 'UTC', is_resolved, handoff_count, {columns} from bi.fct_conversations"
        )
    }
    assert len(found) == 24_918
    expected = {int(number): oracle(events) for number, events in cases.items()}
    wrong = {number: (found[number], expected[number]) for number in found if found[number] != expected[number]}
    assert (len(wrong), dict(list(wrong.items())[:5])) == (0, {})
    # Nobody told the warehouse by which hours these cases are worked on.
    assert ask("select count(solve_business_seconds), count(handling_business_seconds) from bi.fct_conversations") == [
        (0, 0)
    ]

    reported = ask("select month_start_date, event_count, censored_count, median_seconds from bi.rpt_clock_medians"
                   " where clock = 'resolution'")  # fmt: skip
    assert {f"{month:%Y-%m}": tuple(rest) for month, *rest in reported} == medians(cases)
    sums = run_dbt(["test", "--select", "assert_clocks_are_sums_of_their_intervals assert_episodes_match_reopens"])
    assert {result.status for result in sums} == {"pass"}
