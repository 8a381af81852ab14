"""The fourteen days on the phone: one CSV per PBX and UTC day, delivered at the midnight that ends it."""

import random
from datetime import UTC, date, datetime, timedelta

from story import named
from story.files import File, Row, after, csv_of
from story.people import Agent, Person, agents_of, someone
from story.texts import bank, fill, pick_issue
from story.timeline import DAYS, END, MARKET_WEIGHTS, OUTAGE_DAY, ZONES, dice, moment_on, volume_on
from story.working import at_desk

WEEKDAY_CALLS, OUTAGE_EXTRA = 50, 45
# Waiting time of callers, relative to other markets.
WAIT_FACTOR = {"us": 1.0, "in": 1.4, "sg": 0.7}
HEADER = [
    "call_id", "pbx", "queue", "brand", "market", "caller_number", "customer_ref", "agent_id", "agent_name",
    "started_at", "answered_at", "ended_at", "disposition", "resolved", "csat", "summary",
]  # fmt: skip
LATE = ("2026-11-06", "sg", "2026-11-08T09:00:00Z")  # the file of day 12 that arrives on day 14
CORRECTED = ("2026-11-04", "in", "2026-11-08T10:00:00Z")  # sent again on day 14 with corrected content


def _local(moment: datetime, market: str) -> str:
    return moment.astimezone(ZONES[market]).isoformat()


def _base(call_id: str, market: str, person: Person, brand: str) -> Row:
    reference = person.external_ref if person.in_crm and person.number % 4 == 0 else ""
    row: Row = dict.fromkeys(HEADER, "")
    row |= {"call_id": call_id, "pbx": f"pbx-{market}", "queue": "general", "brand": brand, "market": market}
    return row | {"caller_number": person.phone, "customer_ref": reference, "resolved": "no"}


def _call(number: int, at: datetime, market: str, brand: str, rng: random.Random) -> Row:
    """Return one random call."""
    person = someone(market, rng, crm_share=0.65)
    row = _base(f"{number:06d}", market, person, brand)
    issue = bank()["issues"][pick_issue(rng)]
    row["queue"] = "cards" if issue["product"] == "cards" else "general"
    if rng.random() < 0.06:
        row["caller_number"] = rng.choice(["anonymous", "", person.phone.replace("+1", "").replace("+", "00")])
    wait = int(rng.lognormvariate(3.6, 1.1) * WAIT_FACTOR[market]) * (4 if at.date() == OUTAGE_DAY else 1) + 3
    row["started_at"] = _local(at, market)
    row["disposition"] = (
        rng.choices(["answered", "abandoned", "voicemail"], [84, 11, 5])[0] if wait < 600 else "abandoned"
    )
    if row["disposition"] != "answered":
        row["ended_at"] = _local(at + timedelta(seconds=wait), market)
        return row
    talk = int(rng.lognormvariate(5.4, 0.7)) + 20
    _answer(row, rng.choice(agents_of(market, "support")))
    row["answered_at"] = _local(at + timedelta(seconds=wait), market)
    row["ended_at"] = _local(at + timedelta(seconds=wait + talk), market)
    row["resolved"] = "yes" if rng.random() < 0.72 else "no"
    if rng.random() < 0.35:
        row["csat"] = rng.choice([1, 2, 3, 4, 5, 5]) if row["resolved"] == "yes" else rng.choice([1, 1, 2, 3])
    row["summary"] = fill(rng.choice(issue["calls"]), market, brand, rng)
    return row


def _answer(row: Row, agent: Agent) -> None:
    row |= {"agent_id": agent.pbx_id, "agent_name": agent.name}


def _named_calls() -> list[Row]:
    rows = []
    for call_id, pbx, person, agent, started, answered, ended, disposition, summary in named.PHONE_CASES:
        row = _base(call_id, pbx, person, "acme_bank")
        row |= {"started_at": started, "answered_at": answered, "ended_at": ended}
        row |= {"disposition": disposition, "summary": summary}
        if agent:
            _answer(row, agent)
            row["resolved"] = "yes"
        rows.append(row)
    return rows


def calls() -> list[Row]:
    """Return every call, the named ones first; calls outside opening hours move to the next open hours."""
    rng, rows = dice("phone"), _named_calls()
    # Each PBX numbers its calls from 1, so ids repeat between PBXs.
    counters = dict.fromkeys(ZONES, 0)
    markets, weights = list(MARKET_WEIGHTS), list(MARKET_WEIGHTS.values())
    plan = [(day, rng.choices(markets, weights)[0], None) for day in DAYS for _ in range(volume_on(day, WEEKDAY_CALLS))]
    plan += [(OUTAGE_DAY, rng.choice(["us", "in"]), "acme_pay") for _ in range(OUTAGE_EXTRA)]
    moments = sorted((at_desk(moment_on(day, market, rng), market), market, brand or "") for day, market, brand in plan)
    for at, market, brand in moments:
        if at >= END:
            break
        counters[market] += 1
        given = brand or rng.choice(["acme_bank", "acme_bank", "acme_pay"])
        rows.append(_call(counters[market], at, market, given, rng))
    return rows


def _write(rows: list[Row], extra_lines: list[str] | None = None) -> str:
    return csv_of(HEADER, sorted(rows, key=lambda row: datetime.fromisoformat(row["started_at"])), extra_lines or [])


# Lines that a loader must report: a missing cell, an extra cell, a call without an id.
BAD_LINES = {
    ("2026-10-28", "in"): ["000999,pbx-in,general,acme_bank,in,+918055500042"],
    ("2026-11-03", "us"): [
        "000998,pbx-us,general,acme_bank,us,+12125550142,,us-103,Casey Nolan,2026-11-03T15:00:00-05:00,"
        "2026-11-03T15:00:20-05:00,2026-11-03T15:09:00-05:00,answered,yes,4,Fee explained, refunded once",
        ",pbx-us,general,acme_bank,us,+12125550143,,us-103,Casey Nolan,2026-11-03T15:10:00-05:00,"
        "2026-11-03T15:10:20-05:00,2026-11-03T15:14:00-05:00,answered,yes,,Balance question",
    ],
}
# Somebody saved the portal's login page instead of the report.
REFUSED_FILE = (
    "calls_2026-11-05_pbx-sg_export.csv",
    "<!DOCTYPE html>\n<html><head><title>Sign in</title></head>\n<body>Your session has expired.</body></html>\n",
)


def _corrected(rows: list[Row]) -> str:
    """Return the corrected content: the first answered call was not resolved after all, with a low score."""
    rows = [dict(row) for row in rows]
    first = next(row for row in sorted(rows, key=lambda row: row["call_id"]) if row["disposition"] == "answered")
    first |= {"resolved": "no", "csat": "1", "summary": first["summary"] + " (corrected after review)"}
    return _write(rows)


def _delivery(day: date, pbx: str) -> str:
    if (day.isoformat(), pbx) == LATE[:2]:
        return LATE[2]
    return after(day)


def build() -> list[File]:
    """Return every delivered file, in order of delivery."""
    by_file: dict[tuple[date, str], list[Row]] = {(day, pbx): [] for day in DAYS for pbx in ZONES}
    for row in calls():
        by_file[datetime.fromisoformat(row["started_at"]).astimezone(UTC).date(), row["market"]].append(row)
    files = []
    for (day, pbx), rows in by_file.items():
        name, place = f"calls_{day}_pbx-{pbx}.csv", (day.isoformat(), pbx)
        files.append((_delivery(day, pbx), name, _write(rows, BAD_LINES.get(place))))
        if place == CORRECTED[:2]:
            files.append((CORRECTED[2], name, _corrected(rows)))
    files.append(("2026-11-06T00:00:00Z", *REFUSED_FILE))
    return sorted(files)
