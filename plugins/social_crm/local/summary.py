"""What a manager reads at the end of the demo, from `bi` alone, and what the checks say about it."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Any, Final, NamedTuple

import psycopg

Row = Sequence[Any]


class Section(NamedTuple):
    """One table of the summary: a query whose first column names the row, and how to show each of the others."""

    title: str
    columns: dict[str, Callable[[Any], str]]
    query: str


def write(reader: psycopg.Connection, admin: psycopg.Connection) -> str:
    """Return the summary: `reader` is bi_reader's connection, `admin` sees the ledger and the gate's results."""
    return "\n".join(
        [
            _version(reader),
            "\nInteractions by channel and market",
            _markets_table(reader),
            *(line for section in SECTIONS for line in (f"\n{section.title}", _section_table(reader, section))),
            "\nWhat was checked",
            *(f"  {line}" for (line,) in admin.execute(_CHECKS).fetchall()),
        ]
    )


def _section_table(reader: psycopg.Connection, section: Section) -> str:
    rows = [
        (name, *(show(value) for show, value in zip(section.columns.values(), values, strict=True)))
        for name, *values in reader.execute(section.query.encode()).fetchall()
    ]
    return _table(("", *section.columns), rows) if rows else "  none"


def _version(reader: psycopg.Connection) -> str:
    row = reader.execute(
        "select publication_id, as_of, interaction_count, conversation_count from bi.publications"
        " order by publication_id desc limit 1"
    ).fetchone()
    if row is None:
        raise RuntimeError("nothing is published yet")
    return (
        f"\nAcme Bank, version {row[0]} of bi: all that was known on {row[1]:%Y-%m-%d %H:%M} UTC,"
        f" {_number(row[2])} interactions in {_number(row[3])} conversations"
    )


def _markets_table(reader: psycopg.Connection) -> str:
    counts = reader.execute(_BY_CHANNEL_AND_MARKET).fetchall()
    markets = sorted({market for _, _, market, _ in counts})
    channels = sorted({(family, channel) for family, channel, _, _ in counts})
    found = {(channel, market): count for _, channel, market, count in counts}
    rows = []
    for family, channel in channels:
        numbers = [found.get((channel, market), 0) for market in markets]
        rows.append((f"{channel} ({family})", *map(_number, numbers), _number(sum(numbers))))
    return _table(("", *markets, "all"), rows)


def _table(header: Row, rows: Sequence[Row]) -> str:
    """Return a table with its first column to the left and numbers to the right."""
    lines = [header, *rows]
    widths = [max(len(str(line[column])) for line in lines) for column in range(len(header))]
    return "\n".join(
        "  "
        + str(line[0]).ljust(widths[0])
        + "".join(f"  {str(cell).rjust(width)}" for cell, width in zip(line[1:], widths[1:], strict=True))
        for line in lines
    )


def _number(count: int) -> str:
    return f"{count:,}"


def _share(share: float | None) -> str:
    return "–" if share is None else f"{share:.0%}"


def _moment(at: datetime) -> str:
    return f"{at.astimezone(UTC):%a %d %b %H:%M}"


def _duration(seconds: float | None) -> str:
    """Return a span as people say it; a dash where there is none."""
    if seconds is None:
        return "–"
    minutes = float(seconds) / 60
    if minutes < 1:
        return f"{float(seconds):.0f} s"
    if minutes < 120:
        return f"{minutes:.0f} min"
    return f"{minutes / 60:.1f} h"


_BY_CHANNEL_AND_MARKET = """
select
    channels.channel_family,
    case when channels.channel_code like 'regulator%' then 'Regulator' else channels.channel end,
    markets.market,
    count(*)
from bi.fct_interactions as interactions
join bi.dim_channel as channels on interactions.channel_code = channels.channel_code
join bi.dim_market as markets on interactions.market_code = markets.market_code
group by 1, 2, 3
"""

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
where conversations.first_customer_message_at is not null and channels.channel_code not like 'regulator%'
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

# Who came back is known before who did not: only contacts whose 7 days are over give a share.
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
        {"inbound": _number, "serviceable": _share, "undecided": _share},
        _SERVICEABLE,
    ),
    Section(
        "First reply, from the customer's first message",
        {
            "conversations": _number,
            "answered": _share,
            "median": _duration,
            "9 of 10 within": _duration,
            "median in team's hours": _duration,
        },
        _FIRST_RESPONSE,
    ),
    Section(
        "Service levels (share: of those attained or missed)",
        {"attained": _number, "missed": _number, "running": _number, "share attained": _share},
        _SERVICE_LEVELS,
    ),
    Section(
        "How customers sound (texts in a language with a lexicon, or rated)",
        {"known": _number, "positive": _share, "neutral": _share, "negative": _share, "not known": _number},
        _SENTIMENT,
    ),
    Section(
        "What they come about (shares: of known customers' contacts that are 7 days old)",
        {"contacts": _number, "came again": _share, "on another channel": _share, "solved at once": _share},
        _ISSUES,
    ),
    Section(
        "Early warnings (UTC)",
        {"": str, "began": _moment, "detected": _moment, "people": _number, "expected": str},
        _ALERTS,
    ),
)

_CHECKS = """
select format('Loads: %s windows checked at the front door, %s refused',
    count(*) filter (where status = 'checked'), count(*) filter (where status = 'rejected'))
from raw.load_ledger
union all
select format('Rows:  %s read, %s kept in raw, %s the same as before, %s in quarantine%s',
    sum(read_count), sum(appended_count), sum(unchanged_count), sum(quarantined_count),
    coalesce((select format(' (%s)', string_agg(distinct reason, ', ')) from raw.quarantine), ''))
from raw.load_ledger
union all
select format('Gaps:  %s spans that a source could no longer give', count(*)) from raw.load_gaps
union all
select format('Gate:  %s rules over %s tables of the newest version, %s warnings, %s critical failures',
    count(*), count(distinct table_name),
    count(*) filter (where not is_success and severity = 'warning'),
    count(*) filter (where not is_success and severity = 'critical'))
from ops.gate_results where transform_id = (select max(transform_id) from bi.publications)
"""
