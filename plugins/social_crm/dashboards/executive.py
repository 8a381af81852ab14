"""Executive: is service kept, how do customers sound, what goes wrong, what does it cost; global and local."""

from social_crm.dashboards.changes import changes
from social_crm.dashboards.charts import (
    COUNT,
    DOLLARS,
    NUMBER,
    SCORE,
    SHARE,
    On,
    column,
    condition,
    mark_small,
    measure,
    where,
)
from social_crm.dashboards.layout import Dashboard, Tab
from social_crm.dashboards.medians import median_waits

_SPOKEN, _CASES, _PROMISES = On("interaction_days"), On("conversations"), On("sla_events")
_CONTACTS, _ALERTS, _PEERS = On("contacts"), On("alerts"), On("deflection", None)
_AUDIT, _NEWEST = On("rpt_capability_audit", None), condition("is_newest")
# Even a line or bar without a value has a name, and "Unknown" would stand above all markets.
_KNOWN_MARKET = condition("market_code <> 'unknown'")
_JUDGED, _ANSWERED = where("is_attained"), where("frt_customer_calendar_seconds")
_MONTHLY = On("rpt_sla_attainment", None)
_WEIGHTED = {
    name: measure(name, f"sum({share} * {weight}) / nullif(sum({weight}) filter (where {share} is not null), 0)")
    for name, share, weight in (
        ("Attained of judged", "attained_share", "(attained_count + missed_count)"),
        ("Of lifetime value", "attained_share_of_value", "judged_value_usd"),
        ("Of followers", "attained_share_of_reach", "judged_reach"),
    )
}
_FEW_JUDGED = mark_small({"judged": "count(is_attained)"})
_FEW_COMPETITORS = mark_small(
    {"competitors": "sum(case when contact_type_code = 'competitor_mention' then scored_count else 0 end)"}
)

_NUMBERS = [
    _PROMISES.number("exec_sla", "Service levels kept", "sla_attainment", SHARE),
    _CASES.number("exec_frt", "First reply, median (min)", "frt_customer_calendar_median_minutes", NUMBER),
    _CASES.number("exec_solved", "Resolution, median (h)", "final_resolution_median_hours", NUMBER),
    _SPOKEN.number("exec_negative", "Negative share", "negative_share", SHARE),
    _SPOKEN.number("exec_health", "Brand health, −1 to 1", "brand_health", SCORE),
    _SPOKEN.number("exec_inbound", "Inbound interactions", "inbound_interactions", COUNT),
]
_COSTS = [
    _CONTACTS.number("exec_cost", "Cost of contacts", "contact_cost_usd", DOLLARS, width=3),
    _CONTACTS.number("exec_cost_each", "Cost per contact", "cost_per_contact_usd", DOLLARS, width=3),
    _CONTACTS.number("exec_repeat_cost", "Cost of repeats", "repeat_cost_usd", DOLLARS, width=3),
    _CONTACTS.number("exec_saved", "Saved by peers", "saved_cost_usd", DOLLARS, width=3),
]

EXECUTIVE = Dashboard(
    slug="executive",
    title="Executive: global and local",
    header=(
        "**Do we keep our promises in every market and on every channel, how do customers sound, and what goes wrong?**"
        " One criterion everywhere."
        " Days are those of the market's clock; clocks start with the customer's message. A median is of what was"
        " answered or solved; *By market* has one that counts who still waits, too."
    ),
    rows=[_NUMBERS, changes(*_NUMBERS)],
    tabs=[
        Tab(
            "Global",
            [
                [
                    _PROMISES.lines(
                        "exec_sla_trend", "Is social kept as well as phone and e-mail? Service levels by day",
                        ["sla_attainment"], ".0%", "attained of judged", by="channel_family",
                    ),
                    _CASES.lines(
                        "exec_frt_trend", "How long until the first reply, where there is one? Median by day",
                        ["frt_customer_calendar_median_minutes"], ",.0f", "minutes", _ANSWERED, by="channel_family",
                    ),
                ],
                [
                    _SPOKEN.lines(
                        "exec_volume", "Where do customers speak? Inbound interactions by day",
                        ["inbound_interactions"], COUNT, "interactions", by="channel_family", kind="bar",
                    ),
                    _SPOKEN.lines(
                        # Without competitors: a market's day has one or two words about them.
                        "exec_health_trend", "How do customers sound? Brand health by day, in every known market",
                        ["brand_health"], SCORE, "from −1 to 1", _KNOWN_MARKET, by="market",
                        from_zero=False,
                    ),
                ],
                [
                    _ALERTS.rows(
                        "exec_alerts",
                        "What started to go wrong, whatever the channel? Empty: nothing crossed its threshold in the"
                        " period",
                        ["detected_at", "started_at", "severity", "market", "brand", "issue", "peak_author_count",
                         "expected_author_count", "alert_id"], "detected_at", height=34,
                    ),
                ],
            ],
        ),
        Tab(
            "By market",
            [
                [
                    _CASES.table(
                        "exec_markets", "Which market serves how fast? The same clocks everywhere",
                        ["region", "market"],
                        ["conversations", "response_rate", "frt_customer_calendar_median_minutes",
                         "frt_customer_calendar_p90_minutes", "final_resolution_median_hours", "resolved_rate",
                         "sentiment_improved_share"], height=36,
                    ),
                ],
                [
                    median_waits(
                        "exec_waits",
                        "How soon are half answered, those who still wait counted? By month, whatever the period,"
                        " brand and channel; N/A: half are not answered yet",
                    ),
                ],
                [
                    _PROMISES.bars(
                        "exec_market_sla", "Which market keeps its promises?", ["sla_attainment"], "market", ".0%",
                        "attained of judged", _JUDGED, by="channel_family",
                    ),
                    _SPOKEN.bars(
                        "exec_market_mood", "In which known market are customers unhappy?", ["negative_share"],
                        "market", ".0%", "negative of known mood", _KNOWN_MARKET, by="channel_family",
                    ),
                ],
                [
                    _SPOKEN.table(
                        "exec_voice",
                        "Whose brand is spoken of in public, and how? Competitors as far as they are named to us",
                        ["market", "brand"],
                        ["brand_mentions", "share_of_voice", "competitor_mentions", "brand_health",
                         "competitor_health", _FEW_COMPETITORS],
                        # Mentions are those that anybody can read, and health beside them is to be of the same words.
                        where("visibility", "public"), height=38,
                    ),
                ],
                [
                    _PROMISES.table(
                        "exec_sla_reach", "Are promises kept to those with reach as well?",
                        ["market", "channel_family"],
                        ["sla_events", "sla_judged", "sla_attainment", "sla_attainment_by_reach", "sla_running"],
                        width=6,
                    ),
                    # Lines, because a bar of three service levels is as long as one of six hundred.
                    _PROMISES.table(
                        "exec_sla_tier", "And to the most valuable? By the customer's tier when they asked",
                        ["customer_tier", "channel_family"],
                        ["sla_judged", "sla_attainment", "sla_running", _FEW_JUDGED], width=6,
                    ),
                ],
                [
                    _MONTHLY.table(
                        "exec_sla_value",
                        "Kept by count, by lifetime value, by reach? By month, whatever the period, brand and channel",
                        ["month_start_date", "market", "channel_family"], list(_WEIGHTED.values()),
                        order=measure("Newest", "max(month_start_date)"), forms=dict.fromkeys(_WEIGHTED, SHARE),
                        height=38,
                    ),
                ],
            ],
        ),
        Tab(
            "Cost and return",
            [
                _COSTS,
                changes(*_COSTS),
                [
                    _CONTACTS.bars(
                        "exec_channel_cost", "What does a contact cost on each channel?", ["cost_per_contact_usd"],
                        "channel", DOLLARS, "US dollars", where("cost_usd"), most=40, height=84,
                    ),
                    _CONTACTS.table(
                        "exec_channels", "Contacts and cost by channel", ["channel"],
                        ["contacts", "contact_cost_usd", "cost_per_contact_usd", "repeat_cost_usd", "saved_cost_usd"],
                        width=6, height=84,
                    ),
                ],
                [
                    _PEERS.table(
                        "exec_return",
                        "Does looking after peers pay? By month, whatever the period, brand and channel; N/A: not yet"
                        " 7 days after the month, or a cost is unknown",
                        ["month_start_date", "market"],
                        ["direct_saved_usd", "programme_cost_usd", "direct_return", "indirect_saved_low_usd",
                         "indirect_saved_high_usd"], height=30,
                    ),
                ],
            ],
        ),
        Tab(
            "Where we stand",
            [
                [
                    _AUDIT.heatmap(
                        "exec_audit", "Do we listen, capture, learn and engage? Share that meets each criterion",
                        measure("Share", "max(met_share)"), "market",
                        column("Criterion", "to_char(position, 'FM00') || ' ' || capability || ': ' || criterion"),
                        ".0%", _NEWEST, condition("met_share is not null"), height=60, by_name=True, left_margin=330,
                    ),
                ],
                [
                    _AUDIT.rows(
                        "exec_audit_rows",
                        "Against which target, and of how many? The newest month over, and from which day it counts",
                        ["month_start_date", "counted_from_date", "market", "capability", "criterion", "met_share",
                         "target_share", "level", "met_count", "counted_count", "metric", "rows_in"],
                        ("position", "market_code"), _NEWEST, first=True, shares=("met_share", "target_share"),
                    ),
                ],
                [
                    "A month is here once it is over in every market, whatever the period, brand and channel above; the"
                    " month in which reading began is counted from that day on."
                    " Targets, with a reason each, stand in the seed `audit_criteria`; what is counted, in"
                    " `docs/metrics.md`. Global is seen by those who see every market. An empty cell, and a market or"
                    " criterion that is not there: nothing was there to be counted. What went out to a team since the"
                    " newest publication counts from the next one on. What went on in another system, such as a"
                    " helpdesk, counts as settled in public."
                ],
            ],
        ),
    ],
)  # fmt: skip
