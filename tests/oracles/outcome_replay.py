"""Outcomes of contacts, implemented independently from docs/metrics.md, as rows of tables of `bi` by key.

A row holds the columns that the oracle knows; nothing here reads a model under test.
"""

from collections import defaultdict
from collections.abc import Iterable
from datetime import date, datetime, timedelta
from statistics import fmean
from typing import Any

from psycopg.rows import dict_row

from oracles.contact_replay import WEEK, Conversations, Row, newest, seed
from social_crm.database import connect
from social_crm.settings import Settings

Rows = dict[tuple, Row]
KEYS = {
    "fct_contacts": ["conversation_id"],
    "rpt_channel_costs": ["market_code", "month_start_date", "channel_code"],
    "rpt_upstream_causes": ["market_code", "month_start_date", "product_code", "issue_code"],
    "rpt_deflection": ["market_code", "month_start_date"],
    "fct_customer_months": ["customer_id", "month_start_date"],
}
OUTCOMES = [
    "deflected", "answered_by_staff", "fixed_by_staff", "not_accepted", "contacted_again", "unknown_customer",
    "not_over",
]  # fmt: skip


def rows_of(settings: Settings, table: str) -> Rows:
    """Return what the star holds, by key."""
    with connect(settings.warehouse_admin_url) as warehouse:
        rows = warehouse.cursor(row_factory=dict_row).execute(f"select * from bi.{table}".encode()).fetchall()
    return {tuple(row[name] for name in KEYS[table]): row for row in rows}


def differences(expected: Rows, found: Rows) -> list[tuple]:
    """Return the differences from what is expected: whole rows, or single columns that the oracle knows."""
    odd: list[tuple] = [(key, "on one side alone") for key in expected.keys() ^ found.keys()]
    for key in expected.keys() & found.keys():
        for name, value in expected[key].items():
            if not _alike(value, found[key][name]):
                odd.append((key, name, value, found[key][name]))
    return odd


def _alike(one: Any, other: Any) -> bool:
    if isinstance(one, float) and other is not None:
        return abs(one - float(other)) < 0.006
    return bool(one == other)


def contacts(all_of: Conversations) -> Rows:
    inner = {"month", "is_handled", "is_accepted", "is_fixed_by_staff", "is_answered"}
    return {
        (key,): {name: value for name, value in row.items() if name not in inner}
        for key, row in all_of.contacts.items()
    }


def channel_costs(all_of: Conversations) -> Rows:
    rows = {}
    for key, group in _grouped(all_of.contacts.values(), ["market_code", "month", "channel_code"]):
        repeats = [row for row in group if row["is_repeat"]]
        rows[key] = {
            "contact_count": len(group),
            "repeat_count": len(repeats),
            "cost_usd": _sum(row["cost_usd"] for row in group),
            "repeat_cost_usd": _sum(row["cost_usd"] for row in repeats),
        }
    return rows


def causes(all_of: Conversations) -> Rows:
    rows = {}
    for key, group in _grouped(all_of.contacts.values(), ["market_code", "month", "product_code", "issue_code"]):
        over = [row for row in group if row["is_repeat_time_over"]]
        moods = [row["first_customer_sentiment"] for row in group if row["first_customer_sentiment"] is not None]
        rows[key] = {
            "contact_count": len(group),
            "customer_count": len({row["customer_id"] for row in group} - {None}),
            "repeat_count": sum(row["is_repeat"] is True for row in group),
            "judged_count": sum(row["is_repeated"] is not None for row in over),
            "repeated_count": sum(row["is_repeated"] is True for row in over),
            "cross_channel_count": sum(row["is_cross_channel_move"] is True for row in over),
            "first_contact_judged_count": sum(row["is_first_contact_resolved"] is not None for row in over),
            "first_contact_resolved_count": sum(row["is_first_contact_resolved"] is True for row in over),
            "scored_count": len(moods),
            "cost_usd": _sum(row["cost_usd"] for row in group),
            "mean_sentiment": round(fmean(moods), 4) if moods else None,
        }
    for key, row in rows.items():
        month = [other for name, other in rows.items() if name[:2] == key[:2]]
        row["contact_rank"] = 1 + sum(other["contact_count"] > row["contact_count"] for other in month)
    return rows


def deflection(all_of: Conversations) -> Rows:
    asked = [row for row in all_of.contacts.values() if row["peer_outcome"]]
    by_month = dict(_grouped(asked, ["market_code", "month"]))
    firsts = {market: min(month for name, month in by_month if name == market) for market, _ in by_month}
    rows = {}
    for market, month in firsts.items():
        while month <= all_of.month(all_of.as_of, "unknown"):
            rows[market, month] = _deflected(all_of, market, month, by_month.get((market, month), []))
            month = (month + timedelta(days=31)).replace(day=1)
    return rows


def _deflected(all_of: Conversations, market: str, month: date, group: list[Row]) -> Row:
    following = (month + timedelta(days=31)).replace(day=1)
    ended_at = datetime.combine(following, datetime.min.time(), all_of.zone(market))
    rule = newest(seed("peer_support_rules"), month) or {}
    saved = [row["cost_usd"] for row in group if row["is_peer_deflected"]]
    is_known = ended_at + WEEK <= all_of.as_of and None not in saved
    viewed = [row["question_views"] * row["cost_usd"] for row in group if row["question_views"] is not None]
    programme = float(rule["programme_usd_per_month"]) if market in all_of.zones else None
    return {
        "peer_answered_count": len(group),
        **{f"{name}_count": sum(row["peer_outcome"] == name for row in group) for name in OUTCOMES},
        "direct_saved_usd": float(sum(saved)) if is_known else None,
        "direct_return": sum(saved) / programme - 1 if is_known and programme else None,
        "indirect_saved_usd_low": sum(viewed) * float(rule["view_rate_low"]) if viewed or not group else None,
        "indirect_saved_usd_high": sum(viewed) * float(rule["view_rate_high"]) if viewed or not group else None,
    }


def customer_months(all_of: Conversations) -> Rows:
    heard = [row for said in all_of.said.values() for row in said if row["direction"] == "inbound"]
    months = [row | {"month": row["local_date_key"].replace(day=1)} for row in heard if row["customer_id"]]
    handled = _handled_moods(all_of)
    rows: Rows = {}
    for key, group in sorted(_grouped(months, ["customer_id", "month"])):
        moods = [row["sentiment_label"] for row in group if row["sentiment_label"]]
        scores = [row["care_compound"] for row in group if row["care_compound"] is not None]
        before = max((month for customer, month in rows if customer == key[0]), default=None)
        changes = [after - first for first, after in handled[key]]
        rows[key] = {
            "stance": _stance(moods.count("positive"), moods.count("negative"), len(moods)),
            "previous_stance": rows[key[0], before]["stance"] if before else None,
            "message_count": len(group),
            "scored_count": len(moods),
            "mean_sentiment": fmean(scores) if scores else None,
            "handled_count": len(changes),
            "improved_count": sum(change > 1e-9 for change in changes),
            "worsened_count": sum(change < -1e-9 for change in changes),
        }
    return rows


def _handled_moods(all_of: Conversations) -> dict[tuple, list[tuple[float, float]]]:
    """Return, by customer and month, the mean mood before and after the first reply of their own conversations."""
    found = defaultdict(list)
    for key, row in all_of.conversations.items():
        if not row["customer_id"] or not row["first_reply_at"]:
            continue
        own = [said for said in all_of.said[key] if said["sender_kind"] == "customer"]
        own = [said for said in own if said["customer_id"] == row["customer_id"] and said["care_compound"] is not None]
        before = [said["care_compound"] for said in own if said["published_at"] <= row["first_reply_at"]]
        after = [said["care_compound"] for said in own if said["published_at"] > row["first_reply_at"]]
        if before and after:
            month = all_of.month(row["first_customer_message_at"], row["market_code"])
            found[row["customer_id"], month].append((fmean(before), fmean(after)))
    return found


def _stance(positive: int, negative: int, scored: int) -> str | None:
    rules = {row["stance"]: row for row in seed("advocacy_rules")}
    if scored < max(int(rule["minimum_scored"]) for rule in rules.values()):
        return None
    for stance, own, opposite in (("advocate", positive, negative), ("detractor", negative, positive)):
        least, most = float(rules[stance]["minimum_share"]), float(rules[stance]["maximum_opposite_share"])
        if own >= least * scored and opposite <= most * scored:
            return stance
    return "neither"


def _grouped(rows: Iterable[Row], names: list[str]) -> Iterable[tuple[tuple, list[Row]]]:
    groups = defaultdict(list)
    for row in rows:
        groups[tuple(row[name] for name in names)].append(row)
    return groups.items()


def _sum(values: Iterable[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return float(sum(known)) if known else None


REPLAYED = {
    "fct_contacts": contacts,
    "rpt_channel_costs": channel_costs,
    "rpt_upstream_causes": causes,
    "rpt_deflection": deflection,
    "fct_customer_months": customer_months,
}
