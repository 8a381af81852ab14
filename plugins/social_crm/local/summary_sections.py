"""The sections of the summary: a query each, and how its numbers are shown."""

from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any, Final, NamedTuple


class Section(NamedTuple):
    """One table of the summary: a query whose first column names the row, and how to show each of the others."""

    title: str
    columns: dict[str, Callable[[Any], str]]
    query: str


def number(count: int) -> str:
    """Return a count with separators."""
    return f"{count:,}"


def _share(share: float | None) -> str:
    return "–" if share is None else f"{share:.0%}"


def _day(day: date) -> str:
    return f"{day:%a %d %b}"


def _moment(at: datetime) -> str:
    return f"{at.astimezone(UTC):%a %d %b %H:%M}"


def _duration(seconds: float | None) -> str:
    """Return a duration in words; a dash if there is none."""
    if seconds is None:
        return "–"
    minutes = float(seconds) / 60
    if minutes < 1:
        return f"{float(seconds):.0f} s"
    if minutes < 120:
        return f"{minutes:.0f} min"
    return f"{minutes / 60:.1f} h"


_SERVICEABLE = """
select
    initcap(channels.channel_family),
    count(*),
    avg(interactions.is_serviceable::integer),
    avg((interactions.is_serviceable is null)::integer)
from bi.fct_interactions as interactions
join bi.dim_channel as channels on interactions.channel_code = channels.channel_code
where interactions.direction = 'inbound'
group by channels.channel_family
order by channels.channel_family
"""

_FIRST_RESPONSE = """
select
    case when channels.channel_family = 'social' then 'Social' else channels.channel end,
    count(*),
    avg((conversations.first_reply_at is not null)::integer),
    percentile_cont(0.5) within group (order by conversations.frt_customer_calendar_seconds),
    percentile_cont(0.9) within group (order by conversations.frt_customer_calendar_seconds),
    percentile_cont(0.5) within group (order by conversations.frt_team_business_seconds)
from bi.fct_conversations as conversations
join bi.dim_channel as channels on conversations.channel_code = channels.channel_code
where
    conversations.first_customer_message_at is not null
    and conversations.is_serviceable is not false
    and conversations.first_reply_null_reason is distinct from 'not_recorded'
group by channels.channel_family = 'social', 1
order by channels.channel_family = 'social' desc, 1
"""

_SERVICE_LEVELS = """
select
    initcap(channels.channel_family) || ', ' || promises.promise,
    count(*) filter (where events.outcome = 'attained'),
    count(*) filter (where events.outcome = 'missed'),
    count(*) filter (where events.outcome = 'running'),
    avg(events.is_attained::integer)
from bi.fct_sla_events as events
join bi.dim_channel as channels on events.channel_code = channels.channel_code
join (
    values
    ('first_reply', 1, 'first reply'), ('next_reply', 2, 'next reply'),
    ('periodic_update', 3, 'updates'), ('pausable_update', 3, 'updates'),
    ('requester_wait', 4, 'solution'), ('agent_work', 4, 'solution')
) as promises (metric, position, promise) on events.metric = promises.metric
group by channels.channel_family, promises.position, promises.promise
order by channels.channel_family, promises.position
"""

_SENTIMENT = """
select
    initcap(channels.channel_family),
    count(sentiment_label),
    avg((sentiment_label = 'positive')::integer),
    avg((sentiment_label = 'neutral')::integer),
    avg((sentiment_label = 'negative')::integer),
    count(*) - count(sentiment_label)
from bi.fct_interactions as interactions
join bi.dim_channel as channels on interactions.channel_code = channels.channel_code
where interactions.sender_kind = 'customer'
group by channels.channel_family
order by channels.channel_family
"""

# Repeats are known before their absence is: only contacts whose 7 days are over give a share.
_ISSUES = """
with contacts as (
    select
        contacts.*,
        coalesce(issues.issue, 'Unknown') as issue,
        contacts.contacted_at + interval '7 days' <= (select max(as_of) from bi.publications) as is_over
    from bi.fct_contacts as contacts
    left join bi.dim_issue as issues on contacts.issue_code = issues.issue_code
),
issues as (
    select
        case when grouping(issue) = 1 then 'All contacts' else issue end as name,
        grouping(issue) as is_total,
        count(*) as contact_count,
        avg(is_repeated::integer) filter (where is_over) as repeated_share,
        avg(is_cross_channel_move::integer) filter (where is_over) as moved_share,
        avg(is_first_contact_resolved::integer) filter (where is_over) as resolved_share
    from contacts
    group by grouping sets ((issue), ())
)
(
    select name, contact_count, repeated_share, moved_share, resolved_share from issues
    where is_total = 0 and name <> 'Unknown'
    order by contact_count desc, name
    limit 5
)
union all
select name, contact_count, repeated_share, moved_share, resolved_share from issues
where is_total = 1
"""

_SURVEYS = """
select
    survey || ', ' || upper(metric),
    count(*),
    avg((verdict = 'positive')::integer),
    avg((verdict = 'neutral')::integer),
    avg((verdict = 'negative')::integer)
from bi.fct_survey_answers
where survey is not null
group by survey, metric
order by survey, metric
"""

_PAGES = """
with days as (
    select
        issues.issue,
        pages.local_date_key,
        sum(pages.visit_count) as visit_count
    from bi.fct_page_days as pages
    join bi.dim_issue as issues on pages.issue_code = issues.issue_code
    where pages.issue_code <> 'unknown'
    group by issues.issue, pages.local_date_key
)
select
    issue,
    sum(visit_count),
    (array_agg(local_date_key order by visit_count desc, local_date_key))[1],
    max(visit_count)
from days
group by issue
order by sum(visit_count) desc, issue
limit 5
"""

_ALERTS = """
select
    concat_ws(', ', brands.brand, markets.market, coalesce(nullif(issues.issue, 'Unknown'), 'no single issue')),
    alerts.severity,
    alerts.started_at,
    alerts.detected_at,
    alerts.peak_author_count,
    alerts.expected_author_count
from bi.fct_alerts as alerts
join bi.dim_brand as brands on alerts.brand_code = brands.brand_code
join bi.dim_market as markets on alerts.market_code = markets.market_code
left join bi.dim_issue as issues on alerts.issue_code = issues.issue_code
order by alerts.detected_at
"""

SECTIONS: Final = (
    Section(
        "What asks for service (of what comes in and could be decided)",
        {"inbound": number, "serviceable": _share, "undecided": _share},
        _SERVICEABLE,
    ),
    Section(
        "First reply, from the customer's first message",
        {
            "conversations": number,
            "answered": _share,
            "median": _duration,
            "9 of 10 within": _duration,
            "median in team's hours": _duration,
        },
        _FIRST_RESPONSE,
    ),
    Section(
        "Service levels (share: of those attained or missed)",
        {"attained": number, "missed": number, "running": number, "share attained": _share},
        _SERVICE_LEVELS,
    ),
    Section(
        "How customers sound (texts in a language with a lexicon, or rated)",
        {"known": number, "positive": _share, "neutral": _share, "negative": _share, "not known": number},
        _SENTIMENT,
    ),
    Section(
        "What they come about (shares: of known customers' contacts that are 7 days old)",
        {"contacts": number, "came again": _share, "on another channel": _share, "solved at once": _share},
        _ISSUES,
    ),
    Section(
        "What they answer to surveys",
        {"answers": number, "positive": _share, "neutral": _share, "negative": _share},
        _SURVEYS,
    ),
    Section(
        "What they look for on our sites",
        {"visits": number, "busiest day": _day, "visits that day": number},
        _PAGES,
    ),
    Section(
        "Early warnings (UTC)",
        {"": str, "began": _moment, "detected": _moment, "people": number, "expected": str},
        _ALERTS,
    ),
)
