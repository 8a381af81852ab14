"""What a manager reads at the end of the demo, from `bi` alone, and what the checks say about it."""

from collections.abc import Sequence
from typing import Any

import psycopg

Row = Sequence[Any]


def write(reader: psycopg.Connection, admin: psycopg.Connection) -> str:
    """Return the summary: `reader` is bi_reader's connection, `admin` sees the ledger and the gate's results."""
    return "\n".join(
        [
            _version(reader),
            "\nInteractions by channel and market",
            _markets_table(reader),
            "\nFirst response, from the customer's first message",
            _table(
                ("", "conversations", "answered", "median", "9 of 10 within"),
                [
                    (name, _number(count), _share(answered, count), _duration(median), _duration(p90))
                    for name, count, answered, median, p90 in reader.execute(_FIRST_RESPONSE).fetchall()
                ],
            ),
            "\nHow customers sound (texts in a language with a lexicon)",
            _table(
                ("", "scored", "positive", "neutral", "negative", "not scored"),
                [
                    (name, _number(n), _share(pos, n), _share(neu, n), _share(neg, n), _number(unscored))
                    for name, n, pos, neu, neg, unscored in reader.execute(_SENTIMENT).fetchall()
                ],
            ),
            "\nWhat was checked",
            *(f"  {line}" for (line,) in admin.execute(_CHECKS).fetchall()),
        ]
    )


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


def _share(part: int, whole: int) -> str:
    return f"{part / whole:.0%}" if whole else "–"


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
select channels.channel_family, channels.channel, markets.market, count(*)
from bi.fct_interactions as interactions
join bi.dim_channel as channels on interactions.channel_code = channels.channel_code
join bi.dim_market as markets on interactions.market_code = markets.market_code
group by 1, 2, 3
"""

_FIRST_RESPONSE = """
select
    case when channels.channel_family = 'social' then 'Social' else channels.channel end,
    count(*),
    count(conversations.first_reply_at),
    percentile_cont(0.5) within group (order by conversations.frt_customer_calendar_seconds),
    percentile_cont(0.9) within group (order by conversations.frt_customer_calendar_seconds)
from bi.fct_conversations as conversations
join bi.dim_channel as channels on conversations.channel_code = channels.channel_code
where conversations.first_customer_message_at is not null and channels.channel_code not like 'regulator%'
group by 1
order by min(channels.channel_family), 1
"""

_SENTIMENT = """
select
    case when channels.channel_family = 'social' then 'Social' else 'Traditional' end,
    count(sentiment_label),
    count(*) filter (where sentiment_label = 'positive'),
    count(*) filter (where sentiment_label = 'neutral'),
    count(*) filter (where sentiment_label = 'negative'),
    count(*) - count(sentiment_label)
from bi.fct_interactions as interactions
join bi.dim_channel as channels on interactions.channel_code = channels.channel_code
where interactions.sender_kind = 'customer'
group by 1
order by 1
"""

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
