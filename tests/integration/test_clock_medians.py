"""Medians of a star in which conversations still wait equal those that plain Python finds by Kaplan and Meier."""

from collections import defaultdict
from datetime import datetime

from test_real_case_log import kaplan_meier_median

from worlds.real_flow import ask
from worlds.star_warehouse import StarWarehouse

CONVERSATIONS = """
select to_char(local_date_key, 'YYYY-MM'), market_code, channel_family, first_customer_message_at, first_reply_at,
    first_reply_null_reason, case first_reply_null_reason when 'merged' then closed_at else last_gap.ended_at end,
    opened_at, first_resolved_at,
    is_open, case when is_merged or (source = 'phone' and not is_resolved) then closed_at end, is_deleted,
    is_serviceable, source
from bi.fct_conversations as conversations inner join bi.dim_channel using (channel_code)
left join lateral (
    select ended_at from bi.fct_response_gaps as gaps
    where gaps.conversation_id = conversations.conversation_id order by ended_at desc nulls last limit 1
) as last_gap on true
"""
REPORT = """
select clock, to_char(month_start_date, 'YYYY-MM'), market_code, channel_family,
    event_count, censored_count, median_seconds
from bi.rpt_clock_medians
"""
# Nobody tells when these were settled.
UNDATED = ("complaints",)
Durations = dict[tuple, list[tuple[int, bool]]]


def durations(as_of: datetime) -> Durations:
    """Return how long each conversation of a group lasted, and whether that was its end."""
    found: Durations = defaultdict(list)
    for *group, asked, replied, reason, left, opened, resolved, is_open, gone, is_deleted, asks, source in ask(
        CONVERSATIONS
    ):
        if asks is not False and (replied or reason in ("waiting", "abandoned", "closed_unanswered", "merged")):
            until = replied or (as_of if reason == "waiting" else left)
            found["first_reply", *group].append((seconds(asked, until), bool(replied)))
        if not is_deleted and (resolved or (source not in UNDATED and (is_open or gone))):
            found["resolution", *group].append((seconds(opened, resolved or gone or as_of), bool(resolved)))
    return found


def seconds(earlier: datetime, later: datetime) -> int:
    return int((later - earlier).total_seconds())


def test_medians_equal_those_of_plain_python(week: StarWarehouse) -> None:
    found = durations(ask("select max(as_of) from bi.publications")[0][0])
    expected = {
        group: (sum(is_event for _, is_event in lasted), sum(not is_event for _, is_event in lasted),
                kaplan_meier_median(lasted))
        for group, lasted in found.items()
    }  # fmt: skip
    assert {tuple(group): tuple(rest) for *group, e, c, m in ask(REPORT) for rest in [(e, c, m)]} == expected
    medians = [row[2] for row in expected.values()]
    assert None in medians
    assert len(set(medians)) > 3
    assert sum(row[1] for row in expected.values()) > 10
