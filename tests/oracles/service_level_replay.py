"""Conversations of a warehouse as input of the service level oracle: utterances and case events only."""

import sys
from collections import defaultdict
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

from psycopg.rows import dict_row

from social_crm.database import connect
from social_crm.seeds import SEEDS
from social_crm.settings import PROJECT_ROOT, Settings

sys.path.insert(0, str(PROJECT_ROOT / "sample"))
from oracle.service_levels import Rules, events_of

UTTERANCES = """
select
    conversation_id, interaction_id, sender_kind, direction, published_at, available_at, agent_id,
    in_reply_to_interaction_id, is_serviceable, is_internal, deleted_at,
    (contact_type_code = 'courtesy' and not is_serviceable) is true as is_courtesy
from marts.fct_interactions left join marts.dim_agent using (agent_key)
where conversation_id = %s
"""
CASE_EVENTS = """
select * from intermediate.int_case_events
where source || ':' || conversation_native_id = %s and (occurred_at is not null or event_type = 'answered')
"""
CONVERSATIONS = """
select conversation_id, source, channel_code, market_code, customer_id, is_deleted
from marts.fct_conversations
where inbound_count + outbound_count > 0
"""
FOUND = """
select
    events.*, policies.policy_code, agents.agent_id
from marts.fct_sla_events as events
inner join marts.dim_sla_policy as policies using (sla_policy_key)
inner join marts.dim_agent as agents using (agent_key)
"""
FOREVER = datetime.max.replace(tzinfo=UTC)
# A deletion without an event of its own comes last.
ORDER = {("created", False): 1, ("deleted", False): 3, ("merged", False): 3}
DONE = ("solved", "closed")


def found_in(settings: Settings) -> dict[tuple, dict[str, Any]]:
    """Return the content of the star, in the oracle's terms."""
    with connect(settings.warehouse_admin_url) as warehouse:
        rows = warehouse.cursor(row_factory=dict_row).execute(FOUND).fetchall()
    return {
        (row["conversation_id"], row["metric"], row["run_number"], row["application_number"], row["policy_code"]): {
            "outcome": row["outcome"],
            "reason": row["not_judged_reason"],
            "elapsed": row["elapsed_seconds"],
            "due": row["due_at"],
            "team_elapsed": row["team_elapsed_seconds"],
            "team_due": row["team_due_at"],
            "team_attained": row["is_attained_by_team"],
            "ended_by": row["ended_by"],
            "priority": row["priority"],
            "market": row["market_code"],
            "agent": row["agent_id"],
        }
        for row in rows
    }


def replayed(settings: Settings) -> dict[tuple, dict[str, Any]]:
    """Return the oracle's result for the conversations of the warehouse."""
    rules, found = Rules(SEEDS), {}
    with connect(settings.warehouse_admin_url) as warehouse:
        cursor = warehouse.cursor(row_factory=dict_row)
        as_of = cursor.execute("select as_of from ops.transform_runs order by transform_id desc").fetchone()
        tiers = defaultdict(list)
        for row in cursor.execute("select customer_id, tier, valid_from from marts.dim_customer").fetchall():
            tiers[row["customer_id"]].append((row["valid_from"], row["tier"]))
        for row in cursor.execute(CONVERSATIONS).fetchall():
            evidence = rules.evidence[row["source"]]
            if evidence["reply_evidence"] == "none":
                continue
            conversation = _conversation(row, rules)
            conversation["tier_at"] = _tier_of(tiers[row["customer_id"]])
            written = cursor.execute(UTTERANCES, [row["conversation_id"]]).fetchall()
            said = [utterance for utterance in written if not utterance["is_internal"]]
            conversation["asks"] = _asks(said)
            changed = cursor.execute(CASE_EVENTS, [row["conversation_id"]]).fetchall()
            made = [event["occurred_at"] for event in changed if event["event_type"] == "created"]
            conversation["opened"] = min(made + [utterance["published_at"] for utterance in written])
            _fill(conversation, said, changed, has_history=evidence["status_evidence"] == "history")
            assert as_of is not None
            for key, event in events_of(conversation, rules, as_of["as_of"]).items():
                nobody = "unknown" if event["ended_by"] == "reply" else "not_applicable"
                agent = f"{row['source']}:{event['agent']}" if event["agent"] else nobody
                found[key] = event | {"agent": agent}
    return found


def _conversation(row: dict[str, Any], rules: Rules) -> dict[str, Any]:
    return {
        "id": row["conversation_id"],
        "channel": row["channel_code"],
        "family": rules.families.get(row["channel_code"], "unknown"),
        "market": row["market_code"],
        "deleted": row["is_deleted"],
    }


def _asks(said: list[dict]) -> bool:
    """Tell whether a conversation needs or may need an answer: false if all messages are known not to."""
    verdicts = {
        row["is_serviceable"]
        for row in said
        if row["direction"] == "inbound" and row["sender_kind"] in ("customer", "unknown")
    }
    return verdicts != {False}


def _tier_of(versions: list[tuple[datetime | None, str]]) -> Any:
    def tier_at(at: datetime) -> str | None:
        held = [tier for since, tier in sorted(versions, key=lambda row: str(row[0] or "")) if not since or since <= at]
        return held[-1] if held else None

    return tier_at


def _fill(conversation: dict[str, Any], said: list[dict], changed: list[dict], *, has_history: bool) -> None:
    """Add moments, statuses and priorities to a conversation."""
    ordered = sorted((event for event in changed if event["occurred_at"]), key=_place)
    merges = [event["occurred_at"] for event in ordered if event["event_type"] == "merged"]
    # Answered at an unknown time: some time after the case began.
    untimed = [
        (conversation["opened"], 4, event["case_event_id"], "untimed_reply", None, None)
        for event in changed
        if not event["occurred_at"]
    ]
    moments = [*_utterances(said), *_case_moments(ordered), *untimed]
    gone = {row["interaction_id"]: row["deleted_at"] for row in said if row["deleted_at"]}
    conversation["moments"] = [*moments, *_departures(moments, gone)]
    own = [
        event for event in ordered if not merges or event["occurred_at"] < merges[0] or event["event_type"] == "merged"
    ]
    conversation["priorities"] = [
        (event["occurred_at"], event["old_value"] or None, event["new_value"] or None)
        for event in own
        if event["field"] == "priority"
    ]
    conversation["statuses"] = list(_statuses(own)) if has_history else []


def _place(event: dict[str, Any]) -> tuple:
    identifier = event["case_event_id"]
    rank = ORDER.get((event["event_type"], bool(event["field"])), 2)
    return event["occurred_at"], rank, len(identifier), identifier


def _utterances(said: list[dict]) -> Iterator[tuple]:
    posts = {row["interaction_id"]: row for row in said}
    for row in said:
        about = (row["interaction_id"], row["published_at"], row["available_at"])
        if row["sender_kind"] == "agent" and row["direction"] == "outbound":
            if _kind_answered(row, posts) == "peer":
                continue
            agent = (row["agent_id"] or "").partition(":")[2]
            yield about[1], 2, about[0], "reply", agent or None, about[2]
        elif row["sender_kind"] == "customer" and row["direction"] == "inbound":
            yield about[1], 3, about[0], "courtesy" if row["is_courtesy"] else "question", None, about[2]


def _kind_answered(row: dict[str, Any] | None, posts: dict[str, dict]) -> str | None:
    while row and row["direction"] == "outbound":
        row = posts.get(row["in_reply_to_interaction_id"])
    return row["sender_kind"] if row else None


def _case_moments(events: list[dict]) -> Iterator[tuple]:
    restored = [event["occurred_at"] for event in events if event["event_type"] == "restored"]
    for event in events:
        at, identifier, kind = event["occurred_at"], event["case_event_id"], event["event_type"]
        # Undone by a restore; within one instant, what only the record shows comes last.
        if kind == "deleted" and restored and (at, not event["field"]) <= (restored[-1], False):
            continue
        if kind == "merged":
            yield at, 1, identifier, "merge", None, None
        elif kind == "answered":
            yield at, 4, identifier, "reply", event["actor_native_id"], None
        elif kind == "ended":
            yield at, 5, identifier, "abandonment", None, None
        elif kind == "deleted" or (event["field"] == "status" and event["new_value"] in DONE and kind == "changed"):
            yield at, 6, identifier, "closure", None, None


def _departures(moments: list[tuple], gone: dict[str, datetime]) -> Iterator[tuple]:
    """Yield when customers had deleted everything that waited for an answer, before anything else happened."""
    waiting: list[tuple] = []
    ordered = sorted(moments, key=lambda moment: (moment[0], moment[1], len(moment[2]), moment[2]))
    for moment in [*ordered, (FOREVER, 0, "", "end", None, None)]:
        # Thanks need no answer.
        asked = [said for said in waiting if said[3] == "question"] or waiting
        if asked and all(said[2] in gone for said in asked):
            left_at = max(asked[-1][0], *(gone[said[2]] for said in asked))
            if left_at < moment[0]:
                yield left_at, 6, f"{waiting[-1][2]}:deleted", "abandonment", None, None
                waiting = []
        waiting = [*waiting, moment] if moment[3] in ("question", "courtesy") else []


def _statuses(events: list[dict]) -> Iterator[tuple[datetime, str | None]]:
    changes = [event for event in events if event["field"] == "status" and event["event_type"] == "changed"]
    if not changes:
        return
    held: str | None = ""
    for event in events:
        kind = event["event_type"]
        if kind == "created":
            # A change dated before the case was created counts from its creation.
            status = held if held != "" else changes[0]["old_value"] or changes[0]["new_value"]
        elif kind in ("merged", "deleted"):
            status = None
        elif event["field"] == "status":
            status = event["new_value"]
        else:
            continue
        if status != held:
            yield event["occurred_at"], status
        held = status
