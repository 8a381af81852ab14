"""Every metric, implemented independently: counts in plain SQL over the facts, the rest in plain Python.

Nothing here reads a semantic model or a report that the metrics are built from.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

PLACES = "join bi.dim_market as m using (market_code) join bi.dim_channel as c using (channel_code)"


@dataclass(frozen=True)
class Percentile:
    """The percentile of the known values of a column, interpolated between two of them if necessary."""

    column: str
    share: float
    divisor: int

    def of(self, values: Sequence[int] | None) -> float | None:
        """Return the percentile of sorted values."""
        if not values:
            return None
        place = (len(values) - 1) * self.share
        low, high = (values[math.floor(place)] / self.divisor, values[math.ceil(place)] / self.divisor)
        return low + (place - math.floor(place)) * (high - low)


@dataclass(frozen=True)
class Fact:
    """How the metrics of one dataset are counted."""

    rows: str
    month: str
    counts: dict[str, str]
    shares: dict[str, tuple[str, str]] = field(default_factory=dict)
    percentiles: dict[str, Percentile] = field(default_factory=dict)
    derived: dict[str, Callable[[dict[str, Any]], float | None]] = field(default_factory=dict)
    groups: tuple[tuple[str, str], ...] = (
        ("market__region", "m.region"),
        ("channel__channel_family", "c.channel_family"),
    )

    def sql(self, group: str) -> str:
        """Return the query of all counts, and of the sorted values behind each percentile."""
        counts = [f"({expression}) as {name}" for name, expression in self.counts.items()]
        values = [
            f"array_agg({p.column} order by {p.column}) filter (where {p.column} is not null) as {name}"
            for name, p in self.percentiles.items()
        ]
        return f"select {group} as grouped, {', '.join(counts + values)} from {self.rows} group by 1"

    def answer(self, row: dict[str, Any]) -> dict[str, float | None]:
        """Return every metric of one group."""
        found = {name: None if row[name] is None else float(row[name]) for name in self.counts}
        for name, (part, whole) in self.shares.items():
            above, below = found[part], found[whole]
            found[name] = above / below if above is not None and below else None
        found |= {name: percentile.of(row[name]) for name, percentile in self.percentiles.items()}
        return found | {name: derive(found) for name, derive in self.derived.items()}


def _if(condition: str) -> str:
    return f"count(*) filter (where {condition})"


def _owed(seconds: str) -> str:
    return f"case when coalesce(f.is_serviceable, true) then {seconds} end"


def _both(name: str, unit: str, column: str, divisor: int) -> dict[str, Percentile]:
    shares = {f"{name}_median_{unit}": 0.5, f"{name}_p90_{unit}": 0.9}
    return {metric: Percentile(column, share, divisor) for metric, share in shares.items()}


_IN = "f.direction = 'inbound' and not f.is_internal"
_RIVAL = "f.contact_type_code = 'competitor_mention'"
_FLAGS = (
    "f.has_card_number or f.has_personal_data or f.is_offensive"
    " or f.is_legal_threat or f.is_copyright_claim or f.is_safety_risk"
)
_CSAT = "f.metric = 'csat' and f.scale_min = 1 and f.scale_max = 5"
_NPS = "f.metric = 'nps' and f.scale_min = 0 and f.scale_max = 10"
_BEGAN_PUBLIC = "f.first_contact_visibility = 'public'"
_WEEK_IS_OVER = "f.contacted_at <= (select max(as_of) - interval '7 days' from bi.publications)"


def _net(condition: str) -> str:
    positive, negative = (_if(f"{condition} and f.sentiment_label = '{label}'") for label in ("positive", "negative"))
    return f"{positive} - {negative}"


FACTS = {
    "interaction_days": Fact(
        rows=f"bi.fct_interactions as f {PLACES}",
        month="f.local_date_key",
        counts={
            "interactions": _if("not f.is_internal"),
            "utterances": "count(*)",
            "inbound_interactions": _if(_IN),
            "customer_interactions": _if(f"{_IN} and f.sender_kind = 'customer'"),
            "undecided_interactions": _if(f"{_IN} and f.sender_kind = 'customer' and f.is_serviceable is null"),
            "decided_interactions": _if(f"{_IN} and f.is_serviceable is not null"),
            "serviceable_interactions": _if(f"{_IN} and f.is_serviceable"),
            "direct_interactions": _if(f"{_IN} and f.is_direct"),
            "public_interactions": _if(f"{_IN} and f.visibility = 'public'"),
            "peer_interactions": _if(f"{_IN} and f.sender_kind = 'peer'"),
            "peer_answers": _if("f.is_peer_answer"),
            "scored_interactions": _if(f"{_IN} and f.sentiment_label is not null"),
            "positive_interactions": _if(f"{_IN} and f.sentiment_label = 'positive'"),
            "negative_interactions": _if(f"{_IN} and f.sentiment_label = 'negative'"),
            "care_scored_interactions": _if(f"{_IN} and f.care_compound is not null"),
            "care_score_total": f"sum(round(f.care_compound::numeric, 4)) filter (where {_IN})",
            "competitor_mentions": _if(f"{_IN} and f.visibility = 'public' and {_RIVAL}"),
            "brand_mentions": _if(f"{_IN} and f.visibility = 'public' and not {_RIVAL}"),
            "brand_scored_interactions": _if(f"{_IN} and not {_RIVAL} and f.sentiment_label is not null"),
            "brand_net_positive_interactions": _net(f"{_IN} and not {_RIVAL}"),
            "competitor_scored_interactions": _if(f"{_IN} and {_RIVAL} and f.sentiment_label is not null"),
            "competitor_net_positive_interactions": _net(f"{_IN} and {_RIVAL}"),
            "flagged_interactions": _if(_FLAGS),
            "card_number_interactions": _if("f.has_card_number"),
            "personal_data_interactions": _if("f.has_personal_data"),
            "offensive_interactions": _if("f.is_offensive"),
            "legal_threat_interactions": _if("f.is_legal_threat"),
            "copyright_interactions": _if("f.is_copyright_claim"),
            "safety_risk_interactions": _if("f.is_safety_risk"),
        },
        shares={
            "serviceable_rate": ("serviceable_interactions", "decided_interactions"),
            "undecided_share": ("undecided_interactions", "customer_interactions"),
            "direct_share": ("direct_interactions", "inbound_interactions"),
            "public_share": ("public_interactions", "inbound_interactions"),
            "peer_answer_share": ("peer_answers", "peer_interactions"),
            "flagged_share": ("flagged_interactions", "utterances"),
            "positive_share": ("positive_interactions", "scored_interactions"),
            "negative_share": ("negative_interactions", "scored_interactions"),
            "mean_care_sentiment": ("care_score_total", "care_scored_interactions"),
            "brand_health": ("brand_net_positive_interactions", "brand_scored_interactions"),
            "competitor_health": ("competitor_net_positive_interactions", "competitor_scored_interactions"),
            "share_of_voice": ("brand_mentions", "public_interactions"),
        },
        derived={
            "decided_share": lambda found: None if found["undecided_share"] is None else 1 - found["undecided_share"]
        },
    ),
    "interactions": Fact(
        rows=f"bi.fct_interactions as f {PLACES}",
        month="f.local_date_key",
        counts={
            "speaking_authors": "count(distinct nullif(nullif(f.author_key, 'unknown'), 'not_applicable'))",
            "speaking_customers": "count(distinct f.customer_id)",
        },
    ),
    "conversations": Fact(
        rows=f"bi.fct_conversations as f {PLACES}",
        month="f.local_date_key",
        counts={
            "conversations": "count(*)",
            "case_conversations": "count(f.status)",
            "decided_conversations": "count(f.is_serviceable)",
            "serviceable_conversations": _if("f.is_serviceable"),
            "answerable_conversations": _if(
                "f.is_serviceable and coalesce(f.first_reply_null_reason, '') not in ('not_recorded', 'merged',"
                " 'no_customer_message') and not (f.is_deleted and f.first_reply_at is null)"
            ),
            "answered_conversations": _if("f.is_serviceable and f.first_reply_at is not null"),
            "waiting_conversations": _if("f.first_reply_null_reason = 'waiting'"),
            "status_known_conversations": "count(f.is_resolved)",
            "resolved_conversations": _if("f.is_resolved"),
            "reopen_known_conversations": "count(f.reopened_count)",
            "resolved_once_conversations": _if(
                "f.reopened_count >= 1 or (f.first_resolved_at < 'infinity' and f.reopened_count = 0)"
            ),
            "reopened_conversations": _if("f.reopened_count >= 1"),
            "open_conversations": _if("f.is_open"),
            "asked_conversations": _if("f.first_contact_visibility in ('public', 'private')"),
            "public_conversations": _if(_BEGAN_PUBLIC),
            "private_moves": _if(f"{_BEGAN_PUBLIC} and f.moved_to_private_at is not null"),
            "publicly_answered_moves": _if(
                f"{_BEGAN_PUBLIC} and f.moved_to_private_at > f.first_reply_at and f.first_reply_visibility = 'public'"
            ),
            "public_answered_conversations": _if(f"{_BEGAN_PUBLIC} and f.first_reply_at is not null"),
            "closed_in_public_conversations": _if(
                f"{_BEGAN_PUBLIC} and f.first_reply_at is not null and f.moved_to_private_at is null"
            ),
            "sentiment_known_conversations": "count(f.sentiment_change)",
            "sentiment_improved_conversations": _if("f.last_customer_sentiment > f.first_customer_sentiment"),
            "sentiment_change_total": "sum(f.last_customer_sentiment::numeric - f.first_customer_sentiment::numeric)"
            " filter (where f.sentiment_change is not null)",
            "conversation_customers": "count(distinct f.customer_id)",
            "conversation_authors": "count(distinct nullif(f.author_key, 'unknown'))",
            "agent_messages": "sum(f.agent_message_count)",
        },
        shares={
            "serviceable_conversation_share": ("serviceable_conversations", "decided_conversations"),
            "response_rate": ("answered_conversations", "answerable_conversations"),
            "resolved_rate": ("resolved_conversations", "status_known_conversations"),
            "reopened_rate": ("reopened_conversations", "resolved_once_conversations"),
            "public_conversation_share": ("public_conversations", "asked_conversations"),
            "moved_to_private_share": ("private_moves", "public_conversations"),
            "publicly_answered_move_share": ("publicly_answered_moves", "private_moves"),
            "closed_in_public_share": ("closed_in_public_conversations", "public_answered_conversations"),
            "mean_sentiment_change": ("sentiment_change_total", "sentiment_known_conversations"),
            "sentiment_improved_share": ("sentiment_improved_conversations", "sentiment_known_conversations"),
        },
        percentiles={
            **_both("frt_customer_calendar", "minutes", _owed("f.frt_customer_calendar_seconds"), 60),
            **_both("frt_team_calendar", "minutes", _owed("f.frt_team_calendar_seconds"), 60),
            **_both("frt_team_business", "minutes", _owed("f.frt_team_business_seconds"), 60),
            **_both("first_resolution", "hours", "f.first_resolution_seconds", 3600),
            **_both("final_resolution", "hours", "f.final_resolution_seconds", 3600),
            **_both("handling", "hours", "f.handling_business_seconds", 3600),
        },
    ),
    "response_gaps": Fact(
        rows=f"bi.fct_response_gaps as f {PLACES}",
        month="f.local_date_key",
        counts={
            "waits": "count(*)",
            "recorded_waits": _if(
                "f.outcome in ('answered', 'waiting', 'abandoned', 'closed_unanswered')"
                " and (f.outcome = 'answered' or not (f.is_ended_by_merge or f.is_deleted))"
            ),
            "answered_waits": _if("f.outcome = 'answered'"),
            "running_waits": _if("f.outcome = 'waiting'"),
            "privately_answered_waits": _if(
                "f.question_visibility = 'public' and f.reply_visibility = 'private'"
                " and f.customer_calendar_seconds is not null"
            ),
        },
        shares={"answered_wait_share": ("answered_waits", "recorded_waits")},
        percentiles={
            **_both("next_reply_customer_calendar", "minutes", "f.customer_calendar_seconds", 60),
            **_both("next_reply_team_business", "minutes", "f.team_business_seconds", 60),
        },
    ),
    "episodes": Fact(
        rows=f"bi.fct_episodes as f {PLACES}",
        month="f.date_key",
        counts={
            "episodes": "count(*)",
            "resolved_episodes": "count(f.resolved_at)",
            "stay_known_episodes": "count(f.has_stayed_resolved_7d)",
            "stayed_resolved_episodes": _if("f.has_stayed_resolved_7d"),
        },
        shares={"stayed_resolved_rate": ("stayed_resolved_episodes", "stay_known_episodes")},
        percentiles=_both("episode", "hours", "f.calendar_seconds", 3600),
    ),
    "agent_assignments": Fact(
        rows="bi.fct_agent_assignments as f join bi.fct_conversations as k using (conversation_id)"
        " join bi.dim_market as m on k.market_code = m.market_code"
        " join bi.dim_channel as c on k.channel_code = c.channel_code",
        month="f.date_key",
        counts={
            "assignments": "count(*)",
            "answered_assignments": _if("f.reply_count >= 1"),
            "assignment_replies": "sum(f.reply_count)",
        },
        percentiles={
            **_both("frt_agent_business", "minutes", "f.first_reply_business_seconds", 60),
            **_both("holding", "hours", "f.calendar_seconds", 3600),
        },
        groups=(
            ("conversation__market__region", "m.region"),
            ("conversation__channel__channel_family", "c.channel_family"),
        ),
    ),
    "sla_events": Fact(
        rows=f"bi.fct_sla_events as f {PLACES}",
        month="f.local_date_key",
        counts={
            "sla_events": "count(*)",
            "sla_attained": _if("f.outcome = 'attained'"),
            "sla_missed": _if("f.outcome = 'missed'"),
            "sla_judged": _if("f.outcome in ('attained', 'missed')"),
            "sla_running": _if("f.outcome = 'running'"),
            "sla_not_judged": _if("f.outcome = 'not_judged'"),
            "sla_team_attained": _if("f.is_attained_by_team is true"),
            "sla_team_judged": _if("f.is_attained_by_team is true") + " + " + _if("f.is_attained_by_team is false"),
            "sla_attained_reach": "sum(case f.outcome when 'attained' then f.author_followers"
            " when 'missed' then 0 * f.author_followers end)",
            "sla_judged_reach": "sum(f.author_followers) filter (where f.outcome in ('attained', 'missed'))",
            "sla_conversations": "count(distinct f.conversation_id)",
            "sla_customers": "count(distinct f.customer_id)",
        },
        shares={
            "sla_attainment": ("sla_attained", "sla_judged"),
            "sla_team_attainment": ("sla_team_attained", "sla_team_judged"),
            "sla_attainment_by_reach": ("sla_attained_reach", "sla_judged_reach"),
        },
        percentiles={"sla_slack_median_minutes": Percentile("f.slack_seconds", 0.5, 60)},
        groups=(
            ("market__region", "m.region"),
            ("channel__channel_family", "c.channel_family"),
            ("sla_event__customer_tier", "f.customer_tier"),
        ),
    ),
    "conversation_days": Fact(
        rows=f"bi.fct_conversation_days as f {PLACES}",
        month="f.local_date_key",
        counts={
            "backlog_conversation_days": "count(*)",
            "backlog_unassigned_days": _if("f.is_assigned is false"),
            "backlog_days": "count(distinct f.local_date_key)",
            "backlog_conversations": "count(distinct f.source_conversation_id)",
        },
        shares={
            "mean_backlog_conversations": ("backlog_conversation_days", "backlog_days"),
            "backlog_unassigned_share": ("backlog_unassigned_days", "backlog_conversation_days"),
        },
        percentiles=_both("backlog_age", "hours", "f.age_seconds", 3600),
    ),
    "contacts": Fact(
        rows=f"bi.fct_contacts as f {PLACES}",
        month="f.local_date_key",
        counts={
            "contacts": "count(*)",
            "repeat_contacts": "count(f.repeat_of_conversation_id)",
            "judged_contacts": f"count(f.is_repeated) filter (where {_WEEK_IS_OVER})",
            "repeated_contacts": f"count(f.repeated_in_conversation_id) filter (where {_WEEK_IS_OVER})",
            "moved_contacts": _if(f"f.later_channel_code <> f.channel_code and {_WEEK_IS_OVER}"),
            "first_contacts_judged": f"count(f.is_first_contact_resolved) filter (where {_WEEK_IS_OVER})",
            "first_contacts_resolved": _if(f"f.is_first_contact_resolved and {_WEEK_IS_OVER}"),
            "costed_contacts": "count(f.cost_usd)",
            "contact_cost_usd": "sum(f.cost_usd)",
            "repeat_cost_usd": "sum(f.cost_usd) filter (where f.repeat_of_conversation_id is not null)",
            "peer_answered_contacts": "count(f.peer_answer_interaction_id)",
            "peer_judged_contacts": _if(f"f.peer_outcome <> '' and f.customer_id <> '' and {_WEEK_IS_OVER}"),
            "peer_deflected_contacts": _if("f.peer_outcome = 'deflected'"),
            "saved_cost_usd": "sum(f.cost_usd) filter (where f.peer_outcome = 'deflected')",
            "contact_customers": "count(distinct f.customer_id)",
        },
        shares={
            "repeat_contact_rate": ("repeated_contacts", "judged_contacts"),
            "first_contact_resolution": ("first_contacts_resolved", "first_contacts_judged"),
            "cross_channel_move_rate": ("moved_contacts", "judged_contacts"),
            "peer_deflection_rate": ("peer_deflected_contacts", "peer_judged_contacts"),
            "cost_per_contact_usd": ("contact_cost_usd", "costed_contacts"),
        },
        percentiles={
            "repeat_median_hours": Percentile(f"case when {_WEEK_IS_OVER} then f.repeated_seconds end", 0.5, 3600)
        },
    ),
    "deflection": Fact(
        rows="bi.rpt_deflection as f join bi.dim_market as m using (market_code)",
        month="f.month_start_date",
        counts={
            "direct_saved_usd": "sum(f.direct_saved_usd)",
            "programme_cost_usd": "sum(f.programme_usd) filter (where f.direct_saved_usd is not null)",
            "indirect_saved_low_usd": "sum(f.indirect_saved_usd_low)",
            "indirect_saved_high_usd": "sum(f.indirect_saved_usd_high)",
        },
        shares={"saved_share_of_cost": ("direct_saved_usd", "programme_cost_usd")},
        derived={
            "direct_return": lambda found: (
                None if found["saved_share_of_cost"] is None else found["saved_share_of_cost"] - 1
            )
        },
        groups=(("market__region", "m.region"), ("market__name", "m.market")),
    ),
    "alerts": Fact(
        rows="bi.fct_alerts as f join bi.dim_market as m using (market_code)",
        month="f.local_date_key",
        counts={
            "alerts": "count(*)",
            "severe_alerts": _if("f.severity = 'severe'"),
            "alert_peak_authors": "max(f.peak_author_count)",
        },
        groups=(("market__region", "m.region"), ("alert__severity", "f.severity")),
    ),
    "survey_answers": Fact(
        rows=f"bi.fct_survey_answers as f {PLACES}",
        month="f.local_date_key",
        counts={
            "survey_scores": "count(*)",
            "csat_scores": _if(_CSAT),
            "csat_satisfied": _if(f"{_CSAT} and f.score >= 4"),
            "nps_scores": _if(_NPS),
            "nps_promoters": _if(f"{_NPS} and f.score >= 9"),
            "nps_detractors": _if(f"{_NPS} and f.score <= 6"),
            "nps_points": "100 * sum(case when f.score >= 9 then 1 when f.score <= 6 then -1 else 0 end)"
            f" filter (where {_NPS})",
        },
        shares={"csat_share": ("csat_satisfied", "csat_scores"), "nps": ("nps_points", "nps_scores")},
        groups=(
            ("market__region", "m.region"),
            ("channel__channel_family", "c.channel_family"),
            ("survey_answer__survey", "f.survey"),
        ),
    ),
    "page_visits": Fact(
        rows="bi.fct_page_days as f join bi.dim_market as m using (market_code) join bi.dim_issue using (issue_code)",
        month="f.local_date_key",
        counts={
            "page_visits": "sum(f.visit_count)",
            "page_visits_of_known_issue": "coalesce(sum(f.visit_count) filter (where f.issue_code <> 'unknown'), 0)",
        },
        groups=(("market__region", "m.region"), ("issue__issue_group", "issue_group"), ("page_day__site", "f.site")),
    ),
    "customer_months": Fact(
        rows="bi.fct_customer_months as f",
        month="f.month_start_date",
        counts={
            "judged_customers": "count(f.stance)",
            "advocates": _if("f.stance = 'advocate'"),
            "detractors": _if("f.stance = 'detractor'"),
            "won_over_customers": _if("f.previous_stance = 'detractor' and f.stance = 'advocate'"),
            "handled_conversations": "sum(f.handled_count)",
            "improved_conversations": "sum(f.improved_count)",
            "worsened_conversations": "sum(f.worsened_count)",
        },
        shares={
            "advocate_share": ("advocates", "judged_customers"),
            "detractor_share": ("detractors", "judged_customers"),
            "improved_by_handling_share": ("improved_conversations", "handled_conversations"),
        },
        groups=(("customer_month__stance", "f.stance"), ("customer_month__previous_stance", "f.previous_stance")),
    ),
}
