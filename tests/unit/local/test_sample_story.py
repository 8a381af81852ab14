"""The committed sample data is what its generator writes, and tells the story it should."""

import csv
import json
import re
import subprocess
import sys
from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import median
from typing import Any
from zoneinfo import ZoneInfo

from social_crm.settings import PROJECT_ROOT

SAMPLE = PROJECT_ROOT / "sample"


def contents(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def lines(name: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (SAMPLE / f"data/{name}.jsonl").read_text().splitlines()]


def posts() -> list[dict[str, str]]:
    return [json.loads(line) for line in (SAMPLE / "data/x_posts.jsonl").read_text().splitlines()]


def test_the_generator_writes_the_committed_bytes(tmp_path: Path) -> None:
    command = [sys.executable, str(SAMPLE / "generate.py"), str(tmp_path / "data")]
    subprocess.run(command, check=True, env={"PYTHONHASHSEED": "7", "TZ": "Asia/Tokyo"})
    written, committed = contents(tmp_path / "data"), contents(SAMPLE / "data")
    assert sorted(written) == sorted(committed)
    assert [name for name in committed if committed[name] != written[name]] == []


def test_the_data_stays_small_enough_to_commit() -> None:
    assert sum(len(content) for content in contents(SAMPLE / "data").values()) < 5_000_000


def test_the_outage_and_the_praise_stand_out_and_weekends_are_quiet() -> None:
    per_day = Counter(post["at"][:10] for post in posts())
    usual = sorted(per_day.values())[len(per_day) // 2]
    assert per_day["2026-10-29"] > 2 * usual
    assert per_day["2026-11-04"] > 1.2 * usual
    assert max(per_day[day] for day in ("2026-10-31", "2026-11-01", "2026-11-07")) < usual


def test_pages_about_payments_are_looked_for_where_they_fail() -> None:
    visits: Counter[tuple[str, str]] = Counter()
    for file in (SAMPLE / "data/analytics").rglob("*.csv"):
        for row in csv.DictReader(file.read_text().splitlines()):
            if row["page"] == "/help/payments":
                visits[row["market"], row["day"]] += int(row["visits"])
    for market, is_hit in (("us", True), ("in", True), ("sg", False)):
        before = max(visits[market, f"2026-10-{day}"] for day in (26, 27, 28))
        assert (visits[market, "2026-10-29"] > 3 * before) is is_hit


def test_no_file_tells_what_is_yet_to_come() -> None:
    seen: Counter[str] = Counter()
    for file in (SAMPLE / "data").rglob("*.csv"):
        if file.read_text().startswith("<"):
            continue
        delivered_at = datetime.strptime(file.parent.name, "%Y-%m-%dT%H%M").replace(tzinfo=UTC)
        for row in csv.DictReader(file.read_text().splitlines()):
            for column, cell in row.items():
                if (moment := moment_of(cell)) is not None:
                    # A file is read an hour after its day, when the calls that were under way are over.
                    assert moment < delivered_at + timedelta(hours=1), (file, column, row)
                    seen[column] += 1
    assert {"Date_received", "Date_sent_to_company", "answered_at", "ended_at", "replied_at", "visited_at"} <= set(seen)


def moment_of(cell: str | None) -> datetime | None:
    """Return the moment or the beginning of the day that a cell tells; a branch's own time counts as UTC."""
    if match := re.fullmatch(r"(\d\d)-(\d\d)-(\d{4})", str(cell)):
        return datetime(*map(int, reversed(match.groups())), tzinfo=UTC)
    if not re.match(r"\d{4}-\d\d-\d\d", str(cell)):
        return None
    moment = datetime.fromisoformat(str(cell))
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def market_of(ticket: dict[str, Any]) -> str:
    """Return the market that a ticket's tags name first."""
    tags = next(event["value"] for event in ticket["audits"][0]["events"] if event.get("field_name") == "tags")
    return str(tags[0]).removeprefix("market_")


def is_staffed(local: datetime) -> bool:
    """Tell whether somebody works at a moment of a market's own clock."""
    return 9 <= local.hour < {6: 14, 7: 0}.get(local.isoweekday(), 21)


def test_agents_take_a_case_minutes_before_they_answer_it() -> None:
    minutes: dict[tuple[str, str], list[float]] = {}
    for ticket in lines("zendesk_tickets"):
        held: dict[int, str] = {}
        for audit in ticket["audits"]:
            assigned = [event["value"] for event in audit["events"] if event.get("field_name") == "assignee_id"]
            if assigned:
                held = {assigned[0]: audit["at"]}
            is_reply = any(event["type"] == "Comment" and event["public"] for event in audit["events"])
            if is_reply and audit["by"] in held and audit is not ticket["audits"][0]:
                took = datetime.fromisoformat(audit["at"]) - datetime.fromisoformat(held[audit["by"]])
                minutes.setdefault((market_of(ticket), ticket["channel"]), []).append(took.total_seconds() / 60)
                break
    assert min(min(found) for found in minutes.values()) > 0
    medians = {place: median(found) for place, found in minutes.items() if len(found) > 9}
    assert len(medians) == len(set(medians.values())) >= 10
    assert all(0.2 < found < 2 if channel == "chat" else 4 < found < 60 for (_, channel), found in medians.items())


def test_nobody_is_at_the_telephone_on_a_sunday_or_at_night() -> None:
    answered: Counter[str] = Counter()
    for file in (SAMPLE / "data/phone").rglob("calls_*_pbx-??.csv"):
        for row in csv.DictReader(file.read_text().splitlines()):
            if row["answered_at"] and re.fullmatch(r"\d{6}", row["call_id"]):
                began = datetime.fromisoformat(row["started_at"])
                assert is_staffed(began), row
                answered[row["market"]] += 1
    assert min(answered[market] for market in ("in", "sg", "us")) > 100


def test_desks_keep_their_hours_but_for_chats_and_cases_worked_out_by_hand() -> None:
    zones = {"in": "Asia/Kolkata", "sg": "Asia/Singapore", "us": "America/New_York"}
    done = 0
    for ticket in lines("zendesk_tickets"):
        if ticket["id"] < 10000 or ticket["channel"] == "chat":
            continue
        zone = ZoneInfo(zones[market_of(ticket)])
        for audit in ticket["audits"][1:]:
            if 36000000100 < audit["by"] < 36000000900:
                local = datetime.fromisoformat(audit["at"]).astimezone(zone)
                assert is_staffed(local), (ticket["id"], local)
                done += 1
    assert done > 500


def test_texts_vary() -> None:
    starters = [post["text"] for post in posts() if "reply_to" not in post and post["text"].startswith("@Acme")]
    assert len(set(starters)) > 0.75 * len(starters)


def test_nobody_real_can_be_reached() -> None:
    people = [json.loads(line) for line in (SAMPLE / "data/crm_customers.jsonl").read_text().splitlines()]
    domains = {person["email"].lower().rpartition("@")[2] for person in people}
    assert all(domain.split(".", 1)[-1] in ("com", "org", "net", "example.com") for domain in domains)
    assert all("example." in domain for domain in domains)
    assert all("555" in person["phone"] for person in people if person["phone"])
