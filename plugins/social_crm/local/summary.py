"""The summary for managers at the end of the demo, from `bi` alone, with the results of the checks."""

from collections.abc import Sequence
from typing import Any

import psycopg

from social_crm.local.summary_sections import SECTIONS, Section, number

Row = Sequence[Any]


def write(reader: psycopg.Connection, admin: psycopg.Connection) -> str:
    """Return the summary: `reader` is bi_reader's connection; `admin` sees the ledger and the gate's results."""
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
        f" {number(row[2])} interactions in {number(row[3])} conversations"
    )


def _markets_table(reader: psycopg.Connection) -> str:
    counts = reader.execute(_BY_CHANNEL_AND_MARKET).fetchall()
    markets = sorted({market for _, _, market, _ in counts})
    channels = sorted({(family, channel) for family, channel, _, _ in counts})
    found = {(channel, market): count for _, channel, market, count in counts}
    rows = []
    for family, channel in channels:
        numbers = [found.get((channel, market), 0) for market in markets]
        rows.append((f"{channel} ({family})", *map(number, numbers), number(sum(numbers))))
    return _table(("", *markets, "all"), rows)


def _table(header: Row, rows: Sequence[Row]) -> str:
    """Return a table with its first column left-aligned and its numbers right-aligned."""
    lines = [header, *rows]
    widths = [max(len(str(line[column])) for line in lines) for column in range(len(header))]
    return "\n".join(
        "  "
        + str(line[0]).ljust(widths[0])
        + "".join(f"  {str(cell).rjust(width)}" for cell, width in zip(line[1:], widths[1:], strict=True))
        for line in lines
    )


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

_CHECKS = """
select format('Loads: %s windows checked at the front door, %s refused',
    count(*) filter (where status = 'checked'), count(*) filter (where status = 'rejected'))
from raw.load_ledger
union all
select format('Rows:  %s read, %s kept in raw, %s the same as before, %s in quarantine%s',
    to_char(sum(read_count), 'FM999,999,990'), to_char(sum(appended_count), 'FM999,999,990'),
    to_char(sum(unchanged_count), 'FM999,999,990'), to_char(sum(quarantined_count), 'FM999,999,990'),
    coalesce((select format(' (%s)', string_agg(distinct reason, ', ')) from raw.quarantine), ''))
from raw.load_ledger
union all
select format('Gaps:  %s spans that a source could no longer give', count(*)) from raw.load_gaps
union all
select format('Gate:  %s rules over %s tables of the newest version; warnings: %s, critical failures: %s',
    count(*), count(distinct table_name),
    count(*) filter (where not is_success and severity = 'warning'),
    count(*) filter (where not is_success and severity = 'critical'))
from ops.gate_results where transform_id = (select max(transform_id) from bi.publications)
"""
