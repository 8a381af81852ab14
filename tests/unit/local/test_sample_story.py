"""The committed sample data is what its generator writes, and tells the story it should."""

import csv
import json
import subprocess
import sys
from collections import Counter
from pathlib import Path

from social_crm.settings import PROJECT_ROOT

SAMPLE = PROJECT_ROOT / "sample"


def contents(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


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


def test_texts_vary() -> None:
    starters = [post["text"] for post in posts() if "reply_to" not in post and post["text"].startswith("@Acme")]
    assert len(set(starters)) > 0.75 * len(starters)


def test_nobody_real_can_be_reached() -> None:
    people = [json.loads(line) for line in (SAMPLE / "data/crm_customers.jsonl").read_text().splitlines()]
    domains = {person["email"].lower().rpartition("@")[2] for person in people}
    assert all(domain.split(".", 1)[-1] in ("com", "org", "net", "example.com") for domain in domains)
    assert all("example." in domain for domain in domains)
    assert all("555" in person["phone"] for person in people if person["phone"])
