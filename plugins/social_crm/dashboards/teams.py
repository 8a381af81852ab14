"""Teams and agents: how fast, how much waits and how old, when the work comes, which service levels hold."""

from social_crm.dashboards.changes import changes
from social_crm.dashboards.charts import (
    COUNT,
    NUMBER,
    SHARE,
    On,
    column,
    condition,
    mark_small,
    measure,
    minutes,
    where,
)
from social_crm.dashboards.layout import AGES, Dashboard, Tab

_CASES, _WAITS, _PROMISES = On("conversations"), On("response_gaps"), On("sla_events")
# What is open now is open in any period.
_OPEN = On("conversations", None)
_BACKLOG, _HELD, _SAID = On("conversation_days"), On("agent_assignments", "date_key"), On("interactions")
_AGE = column(
    "Age",
    f"case when age_seconds < 86400 then '{AGES[0]}' when age_seconds < 259200 then '{AGES[1]}'"
    f" when age_seconds < 604800 then '{AGES[2]}' else '{AGES[3]}' end",
)
_FEW_HELD = mark_small({"replies": "count(first_reply_business_seconds)", "holding times": "count(calendar_seconds)"})
_FIRST = "First replies"
_FEW_FIRST = mark_small({"first replies": "count(first_reply_at)"})
_FEW_JUDGED = mark_small({"judged": "count(is_attained)", "judged by team": "count(is_attained_by_team)"})
_NUMBERS = [
    _CASES.number("team_frt", "First reply, work (min)", "frt_team_business_median_minutes", NUMBER),
    _WAITS.number("team_next", "Any reply, work (min)", "next_reply_team_business_median_minutes", NUMBER),
    _WAITS.number("team_answered", "Waits answered", "answered_wait_share", SHARE),
    _PROMISES.number("team_sla", "Kept, team's clock", "sla_team_attainment", SHARE),
    _BACKLOG.number("team_backlog", "Backlog, mean of days", "mean_backlog_conversations", NUMBER),
    _BACKLOG.number("team_unassigned", "Backlog unassigned", "backlog_unassigned_share", SHARE),
]

TEAMS = Dashboard(
    slug="teams-and-agents",
    title="Teams and agents",
    header=(
        "**How fast is each team, what waits and for how long, when does work come, which service levels hold?**"
        " Credit: a first reply counts for the agent who gave it; time held counts for whoever held the conversation;"
        " resolution counts for the conversation, not for a person. A column names what rests on fewer than 10. Agents"
        " are listed by volume, never ranked by speed."
    ),
    rows=[_NUMBERS, changes(*_NUMBERS)],
    tabs=[
        Tab(
            "Agents",
            [
                [
                    _HELD.table(
                        "team_agents", "How fast does each agent answer what they are given?", ["team", "agent_id"],
                        ["assignments", "answered_assignments", "frt_agent_business_median_minutes",
                         "frt_agent_business_p90_minutes", "holding_median_hours", "holding_p90_hours",
                         "assignment_replies", _FEW_HELD], where("agent_id"),
                    ),
                ],
                [
                    _HELD.table(
                        "team_teams", "And each team?", ["team"],
                        ["assignments", "frt_agent_business_median_minutes", "holding_median_hours",
                         _FEW_HELD], width=6, height=38,
                    ),
                    _CASES.boxes(
                        "team_spread", "How is time to resolve spread? Hours, whiskers at 10 % and 90 %",
                        "final_resolution_median_hours", "conversation_id", "channel", NUMBER,
                        where("final_resolution_seconds"),
                    ),
                ],
                [
                    # Only helpdesks say when who held a case; who replied is also known for social media and calls.
                    _CASES.table(
                        "team_repliers", "How fast are the first replies that each agent gives, on every channel?",
                        ["channel_family", "agent_id"],
                        [measure(_FIRST, "count(first_reply_at)"), "frt_customer_calendar_median_minutes",
                         "frt_team_business_median_minutes", "frt_team_business_p90_minutes", _FEW_FIRST],
                        condition("first_reply_at is not null and is_serviceable is not false"), forms={_FIRST: COUNT},
                    ),
                ],
            ],
        ),
        Tab(
            "Backlog",
            [
                [
                    _BACKLOG.lines(
                        "team_backlog_trend",
                        "What is open at the end of each day? A day is here once it is over in every market",
                        ["backlog_conversations"], COUNT, "conversations", by="channel_family", kind="bar",
                    ),
                    _BACKLOG.lines(
                        "team_backlog_age", "How old is it?", ["backlog_conversations"], COUNT, "conversations",
                        by=_AGE, kind="bar",
                    ),
                ],
                [
                    _BACKLOG.table(
                        "team_backlog_teams", "Whose backlog is it? A case open at the end of two days counts twice",
                        ["team", "status"],
                        ["backlog_conversation_days", "backlog_age_median_hours", "backlog_age_p90_hours",
                         "backlog_unassigned_share"],
                    ),
                ],
                [
                    _OPEN.table(
                        "team_undated",
                        "What else is open, and in no backlog? Cases whose source does not date what becomes of them,"
                        " whatever the period",
                        ["channel", "market"], ["open_conversations"],
                        condition("is_open and reopened_count is null"), height=34,
                    ),
                ],
            ],
        ),
        Tab(
            "When work comes",
            [
                [
                    _SAID.heatmap(
                        "team_hours", "When do customers speak? Inbound interactions by weekday and hour, UTC",
                        measure("Interactions", "count(*)"),
                        column("Hour", "to_char(published_at at time zone 'UTC', 'HH24')"),
                        column("Weekday", "to_char(published_at at time zone 'UTC', 'ID Dy')"),
                        COUNT, where("direction", "inbound"), by_name=True,
                    ),
                ],
            ],
        ),
        Tab(
            "Service levels",
            [
                [
                    _PROMISES.table(
                        "team_policies", "Which service levels hold?", ["sla_policy", "channel_family"],
                        ["sla_events", "sla_attained", "sla_missed", "sla_running", "sla_not_judged", "sla_attainment",
                         "sla_team_attainment", _FEW_JUDGED],
                    ),
                ],
                [
                    _PROMISES.rows(
                        "team_missed", "What was missed, newest first? N/A: its clock still runs",
                        ["due_at", "market", "channel", "sla_policy", "metric", "priority", "agent_id",
                         minutes("Target", "target_seconds"), minutes("Elapsed", "elapsed_seconds"),
                         minutes("Late by", "-slack_seconds"), "conversation_id", "sla_event_id"],
                        "due_at", where("outcome", "missed"),
                    ),
                ],
            ],
        ),
    ],
)  # fmt: skip
