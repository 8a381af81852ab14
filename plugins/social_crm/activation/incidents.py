"""What people must be told: one message per incident, with its evidence in counts and keys, and where to look."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any

import psycopg
from psycopg.rows import DictRow, dict_row

from social_crm.activation import incident_queries as queries
from social_crm.activation.failures import RUNBOOK
from social_crm.activation.model import Item
from social_crm.database import connect
from social_crm.seeds import SEEDS, read_seed
from social_crm.settings import dashboards_url, last_ingest_date, load_settings

# The file itself is read, because a gate may refuse before any seed was ever loaded.
SEED = SEEDS / "notification_rules.csv"
# Incidents about the data, which do not exist before the first publication.
ABOUT_BI = {"early_warning", "missed_case", "missed_day", "stale_source", "missing_windows"}


@dataclass(frozen=True)
class Rule:
    """One row of the seed."""

    notification_rule_id: str
    incident: str
    level: str
    threshold: int
    maximum_age: timedelta | None
    most_per_run: int

    def parameters(self, now: datetime) -> dict[str, Any]:
        """Return the parameters of the incident's query."""
        return {"level": self.level, "threshold": self.threshold, "maximum_age": self.maximum_age, "now": now}


def read_rules() -> list[Rule]:
    """Return the rules of the seed, in its order."""
    return [
        Rule(
            row["notification_rule_id"], row["incident"], row["level"], int(row["threshold"]),
            timedelta(hours=int(row["maximum_age_hours"])) if row["maximum_age_hours"] else None,
            int(row["most_per_run"]),
        )
        for row in read_seed(SEED)
    ]  # fmt: skip


def planned_notifications(now: datetime) -> list[Item]:
    """Return everything that people should be told, whether or not they were told already."""
    if (last := last_ingest_date()) is not None:  # nothing is late after the end of daily runs
        now = min(now, last + timedelta(days=1))
    with connect(load_settings().warehouse_transformer_url) as warehouse, warehouse.cursor(row_factory=dict_row) as ask:
        is_published = bool(ask.execute(queries.IS_PUBLISHED).fetchone())
        return [
            item
            for rule in read_rules()
            if is_published or rule.incident not in ABOUT_BI
            for item in _items(ask, rule, now)
        ]


def _items(ask: psycopg.Cursor[DictRow], rule: Rule, now: datetime) -> Iterator[Item]:
    query, tell = INCIDENTS[rule.incident]
    for row in ask.execute(query.encode(), rule.parameters(now)).fetchall():
        told = tell(row)
        yield Item(
            kind="notification",
            item_id=told.incident_id,
            title=told.title,
            body="\n".join([*told.evidence, "", *_places(told), f"Incident: {told.incident_id}"]),
            rule=rule.notification_rule_id,
            most_per_run=rule.most_per_run,
            conversation_id=row.get("conversation_id"),
            market_code=row.get("market_code") or "unknown",
            action=rule.incident,
            is_ours=True,
        )


@dataclass(frozen=True)
class _Told:
    incident_id: str
    title: str
    evidence: list[str]
    dashboard: str
    rows: str
    runbook: str = RUNBOOK


def _places(told: _Told) -> Iterator[str]:
    if dashboards_url():
        yield f"Dashboard: {dashboards_url()}/superset/dashboard/{told.dashboard}/"
    if told.rows:
        yield f"Rows: {told.rows}"
    yield f"Runbook: {told.runbook}"


def _early_warning(row: DictRow) -> _Told:
    measures = [name for name in ("volume", "negative_share") if row[f"is_{name}"]]
    return _Told(
        row["alert_id"],
        f"{row['severity'].capitalize()}: {row['issue']} at {row['brand']}, {row['market']}",
        [
            f"{row['peak_author_count']} people in the worst window, {row['peak_negative_author_count']} of them in"
            f" anger; {row['expected_author_count']:.1f} are usual. Distance from usual {row['peak_score']:.1f},"
            f" raised by {' and '.join(measures)}, {row['issue_count']} issues.",
            f"From {_utc(row['started_at'])}, known since {_utc(row['detected_at'])}, last said at"
            f" {_utc(row['last_evidence_at'])}. First evidence: interaction {row['first_interaction_id']}.",
        ],
        "executive",
        f"bi.fct_alerts where alert_id = '{row['alert_id']}'",
    )


def _missed_case(row: DictRow) -> _Told:
    return _Told(
        f"missed:{row['conversation_id']}:{row['metric']}:{row['run_number']}",
        f"Promise broken: {row['policy']}, {row['channel']}, {row['market']}",
        [
            f"Conversation {row['conversation_id']}, priority {row['priority']}, still waits: {row['metric']} was due"
            f" at {_utc(row['due_at'])}, {row['target_seconds'] // 60} minutes after {_utc(row['started_at'])}.",
        ],
        "work-queue",
        f"bi.fct_sla_events where conversation_id = '{row['conversation_id']}' and outcome = 'missed'",
    )


def _missed_day(row: DictRow) -> _Told:
    missed, judged = row["missed_count"], row["judged_count"]
    return _Told(
        f"missed:{row['market_code']}:{row['local_date']}",
        f"{missed} of {judged} promises missed in {row['market']} on {row['local_date']}",
        [
            f"Of what fell due on {row['local_date']}, by the clock of {row['market']}:",
            *(
                f"- {policy}: {count} of {of} missed"
                for policy, count, of in zip(row["policies"], row["missed"], row["judged"], strict=True)
                if count
            ),
        ],
        "teams-and-agents",
        f"bi.fct_sla_events where market_code = '{row['market_code']}' and outcome = 'missed'"
        f" and due_at >= '{row['starts_at'].isoformat()}' and due_at < '{row['ends_at'].isoformat()}'",
    )


def _failed_gate(row: DictRow) -> _Told:
    # Each hourly transform fails in the same way until somebody fixes it: one incident, unless other rules break.
    rules = sha256("\n".join(row["rules"]).encode()).hexdigest()[:12]
    return _Told(
        f"gate:{row['published_transform_id']}:{rules}",
        f"The gate refused to publish: {len(row['rules'])} rules broken",
        [
            f"Transform {row['transform_id']} was not published; bi is as it was.",
            *(
                f"- {rule}: {failed} of {checked} rows"
                for rule, failed, checked in zip(row["rules"], row["failed"], row["checked"], strict=True)
            ),
        ],
        "work-queue",
        f"ops.gate_results where transform_id = {row['transform_id']} and not is_success",
        "docs/runbooks/gate-refused.md",
    )


def _run_failure(row: DictRow) -> _Told:
    task = f" {row['task_id']}" if row["task_id"] else ""
    return _Told(
        row["failure_id"],
        f"{row['incident'].replace('_', ' ').capitalize()}: {row['dag_id']}{task}, {row['error_kind']}",
        [
            f"{row['failure_count']} so far since {_utc(row['first_failed_at'])}, last in run {row['run_id']}.",
            row["message"],
            f"Next: {row['next_step']}.",
        ],
        "work-queue",
        "",
        row["runbook"],
    )


def _stale_source(row: DictRow) -> _Told:
    until = _utc(row["complete_until"]) if row["complete_until"] else "never"
    errors = ", ".join(row["error_kinds"]) or "none"
    return _Told(
        f"stale:{row['source']}:{until}",
        f"Stale: {row['source']} is complete until {until}",
        [
            f"Resources: {', '.join(row['resources'])}. Last errors: {errors}. Last tried at"
            f" {_utc(row['last_tried_at'])}. What happened since is not in bi.",
        ],
        "work-queue",
        f"bi.rpt_source_freshness where source = '{row['source']}'",
        "docs/runbooks/replay-a-failed-load.md",
    )


def _missing_windows(row: DictRow) -> _Told:
    start, end = _utc(row["hole_from"]), _utc(row["hole_until"])
    return _Told(
        f"missing:{row['source']}:{start}:{end}",
        f"Missing: {row['source']} from {start} to {end}",
        [
            f"Resources: {', '.join(row['resources'])}; {row['hole_count']} such stretches, this is the first. What"
            " came before and after is complete, and no later run asks for what lies between.",
            "Next: backfill these days.",
        ],
        "work-queue",
        f"bi.rpt_source_freshness where source = '{row['source']}'",
        "docs/runbooks/backfill.md",
    )


def _rule_warned(row: DictRow) -> _Told:
    return _Told(
        f"warned:{row['table_name']}:{row['rule']}:{row['day']}",
        f"Look at {row['table_name']}: {row['rule']}, {row['day']}",
        [
            f"{row['failed_count']} of {row['checked_count']} rows, {row['times']} times. The data went on: this rule"
            " warns and does not block. Its notes in expectations/ and Data Docs say what it may mean.",
        ],
        "work-queue",
        row["place"],
        "docs/runbooks/gate-refused.md",
    )


def _set_aside(row: DictRow) -> _Told:
    name, files = f"{row['source']}.{row['resource']}", row["files"]
    what = "a file was refused" if files else f"{row['quarantined_count']} of {row['read_count']} records"
    return _Told(
        f"set_aside:{row['load_id']}",
        f"Set aside: {what}, {name}",
        [
            f"Window from {_utc(row['window_start'])} to {_utc(row['window_end'])}: {row['quarantined_count']} of"
            f" {row['read_count']} records and refused files are in quarantine; the rest went on.",
            *(f"- {reason}: {count}" for reason, count in zip(row["reasons"], row["counts"], strict=True)),
            *(f"Refused: {file}" for file in files),
            "Next: correct what was sent, under the same name; the next run takes it.",
        ],
        "work-queue",
        f"raw.quarantine where load_id = {row['load_id']}",
        "docs/runbooks/replay-a-failed-load.md",
    )


def _utc(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M} UTC"


INCIDENTS = {
    "early_warning": (queries.EARLY_WARNINGS, _early_warning),
    "missed_case": (queries.MISSED_CASES, _missed_case),
    "missed_day": (queries.MISSED_DAYS, _missed_day),
    "failed_gate": (queries.FAILED_GATES, _failed_gate),
    "failed_task": (queries.FAILED_TASKS, _run_failure),
    "late_run": (queries.LATE_RUNS, _run_failure),
    "stale_source": (queries.STALE_SOURCES, _stale_source),
    "missing_windows": (queries.MISSING_WINDOWS, _missing_windows),
    "rule_warned": (queries.RULES_WARNED, _rule_warned),
    "set_aside": (queries.SET_ASIDE, _set_aside),
}
