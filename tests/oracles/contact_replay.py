"""Contacts, implemented independently from docs/metrics.md: plain loops over utterances and conversations.

Nothing here reads a model that is built from contacts.
"""

import csv
import re
from bisect import bisect
from collections import defaultdict
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta, tzinfo
from functools import partial
from typing import Any
from zoneinfo import ZoneInfo

from psycopg.rows import dict_row

from social_crm.database import connect
from social_crm.seeds import SEEDS
from social_crm.settings import Settings

Row = dict[str, Any]
WEEK = timedelta(days=7)
UTTERANCES = """
select said.*, raw.text_plain, raw.source_attributes
from bi.fct_interactions as said inner join intermediate.int_interactions as raw using (interaction_id)
order by said.published_at, said.interaction_id
"""
REOPENINGS = "select conversation_id, started_at from bi.fct_episodes where episode_number > 1"


def seed(name: str) -> list[dict[str, str]]:
    with (SEEDS / f"{name}.csv").open(encoding="utf-8") as file:
        return list(csv.DictReader(file))


def newest(rows: list[dict[str, str]], day: date) -> dict[str, str] | None:
    held = [row for row in rows if date.fromisoformat(row["valid_from"]) <= day]
    return max(held, key=lambda row: row["valid_from"], default=None)


class Conversations:
    """The published conversations of a warehouse, and the expected contacts."""

    def __init__(self, settings: Settings) -> None:
        with connect(settings.warehouse_admin_url) as warehouse:
            ask = partial(_rows_of, warehouse.cursor(row_factory=dict_row))
            self.as_of: datetime = ask("select max(as_of) as as_of from bi.publications")[0]["as_of"]
            self.conversations = {row["conversation_id"]: row for row in ask("select * from bi.fct_conversations")}
            self.said: dict[str, list[Row]] = defaultdict(list)
            for row in ask(UTTERANCES):
                self.said[row["conversation_id"]].append(row)
            self.reopened: dict[str, list[datetime]] = defaultdict(list)
            for row in ask(REOPENINGS):
                self.reopened[row["conversation_id"]].append(row["started_at"])
        self.zones = {row["market_code"]: ZoneInfo(row["timezone"]) for row in seed("markets")}
        self._costs = seed("channel_costs")
        self._wordings = [
            (row["said_by"], row["meaning"], _python(row["pattern"])) for row in seed("peer_answer_rules")
        ]
        self.contacts = {row["conversation_id"]: row for row in map(self._contact, self._asking())}
        self._follow()

    def zone(self, market: str) -> tzinfo:
        return self.zones.get(market, UTC)

    def month(self, moment: datetime, market: str) -> date:
        return moment.astimezone(self.zone(market)).date().replace(day=1)

    def _asking(self) -> Iterator[Row]:
        for row in self.conversations.values():
            is_out = row["is_merged"] or row["is_deleted"] or row["is_serviceable"] is False
            if row["first_customer_message_at"] and not is_out and row["channel_code"] != "survey":
                yield row

    def _contact(self, row: Row) -> Row:
        moment, market = row["first_customer_message_at"], row["market_code"]
        day = moment.astimezone(self.zone(market)).date()
        cost = newest([held for held in self._costs if held["channel_code"] == row["channel_code"]], day)
        return {
            **{name: row[name] for name in ("conversation_id", "customer_id", "channel_code", "market_code")},
            **{name: row[name] for name in ("product_code", "issue_code", "first_customer_sentiment")},
            "contacted_at": moment,
            "local_date_key": day,
            "month": day.replace(day=1),
            "cost_usd": float(cost["cost_usd"]) if cost else None,
            "is_repeat_time_over": moment + WEEK < self.as_of,
            "is_handled": _handled(row),
        } | self._peers(row)

    def _peers(self, conversation: Row) -> Row:
        """Return the peer's answer that counts and the asker's reaction."""
        said = self.said[conversation["conversation_id"]]
        answers = [row for row in said if row["sender_kind"] == "peer" and (row["is_peer_answer"] or _is_marked(row))]
        answers = [row for row in answers if not self._means("peer", {"redirect", "no_answer"}, [row])]
        if not answers:
            return {"peer_answer_interaction_id": None, "question_views": None}
        answer = next(filter(_is_marked, answers), answers[0])
        asked = [row for row in said if row["sender_kind"] == "customer"]
        later = [row for row in asked if row["published_at"] > answer["published_at"]]
        views = [row["views"] for row in asked if row["views"] is not None and row not in later]
        thanked = self._means("asker", {"thanked"}, later) and not self._means("asker", {"not_helped"}, later)
        return {
            "peer_answer_interaction_id": answer["interaction_id"],
            "question_views": max(views, default=None),
            "is_accepted": _is_marked(answer) or thanked,
            "is_fixed_by_staff": self._means("asker", {"fixed_by_staff"}, later),
            "is_answered": any(row["sender_kind"] == "agent" and not row["is_internal"] for row in said),
        }

    def _means(self, said_by: str, meanings: set[str], said: list[Row]) -> bool:
        wanted = [pattern for by, meaning, pattern in self._wordings if by == said_by and meaning in meanings]
        return any(pattern.search(row["text_plain"] or "") for row in said for pattern in wanted)

    def _follow(self) -> None:
        """Tell for each contact whether it is a repeat, whether it is repeated, and the outcome of a peer's answer."""
        by_customer, by_issue = defaultdict(list), defaultdict(list)
        for row in self.contacts.values():
            place = (row["contacted_at"], row["conversation_id"])
            by_customer[row["customer_id"]].append(place)
            if row["issue_code"] != "unknown":
                by_issue[row["customer_id"], row["issue_code"]].append(place)
        for row in self.contacts.values():
            same = sorted(by_issue[row["customer_id"], row["issue_code"]]) if row["customer_id"] else []
            self._judge(row, same)
            others = by_customer[row["customer_id"]] if row["customer_id"] else []
            came_back = any(row["contacted_at"] < at <= row["contacted_at"] + WEEK for at, _ in others)
            row["peer_outcome"] = _outcome(row, came_back)
            is_judged = row["peer_outcome"] and row["customer_id"] and row["is_repeat_time_over"]
            row["is_peer_deflected"] = row["peer_outcome"] == "deflected" if is_judged else None

    def _judge(self, row: Row, same: list[tuple[datetime, str]]) -> None:
        names = ("is_repeat", "is_repeated", "is_cross_channel_move", "is_first_contact_resolved", "repeated_seconds")
        row |= dict.fromkeys(names)
        if not same:
            return
        number, moment = bisect(same, (row["contacted_at"], row["conversation_id"])), row["contacted_at"]
        later = same[number] if number < len(same) and same[number][0] - moment <= WEEK else None
        row["is_repeat"] = number > 1 and moment - same[number - 2][0] <= WEEK
        row["is_repeated"] = True if later else False if row["is_repeat_time_over"] else None
        if later:
            row["repeated_seconds"] = int((later[0] - moment).total_seconds())
        if row["is_repeated"] is not None:
            row["is_cross_channel_move"] = bool(
                later and self.contacts[later[1]]["channel_code"] != row["channel_code"]
            )
        if row["is_repeat"] or row["is_handled"] is None:
            return
        is_reopened = any(at - moment <= WEEK for at in self.reopened[row["conversation_id"]])
        if later or is_reopened or row["is_repeat_time_over"]:
            row["is_first_contact_resolved"] = row["is_handled"] and not later and not is_reopened


def _rows_of(cursor: Any, query: str) -> list[Row]:
    return cursor.execute(query).fetchall()


def _python(pattern: str) -> re.Pattern[str]:
    """Return a pattern of PostgreSQL in Python's notation."""
    return re.compile(pattern.replace(r"\m", r"\b(?=\w)").replace(r"\M", r"\b(?<=\w)"), re.IGNORECASE)


def _is_marked(row: Row) -> bool:
    return bool((row["source_attributes"] or {}).get("is_accepted_answer"))


def _handled(row: Row) -> bool | None:
    """Tell whether a case was ever resolved or, without a status, whether staff answered; None if unknown."""
    if row["status"] is not None and (row["first_resolved_at"] or row["is_resolved"] is not None):
        return bool(row["first_resolved_at"] or row["is_resolved"])
    return True if row["first_reply_at"] else None if row["first_reply_null_reason"] == "not_recorded" else False


def _outcome(row: Row, came_back: bool) -> str | None:
    if not row["peer_answer_interaction_id"]:
        return None
    reasons = {
        "answered_by_staff": row["is_answered"],
        "fixed_by_staff": row["is_fixed_by_staff"],
        "not_accepted": not row["is_accepted"],
        "unknown_customer": not row["customer_id"],
        "contacted_again": came_back,
        "not_over": not row["is_repeat_time_over"],
    }
    return next((name for name, holds in reasons.items() if holds), "deflected")
