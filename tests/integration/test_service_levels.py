"""Service levels of a small company's week: as an oracle replays them, and as time passes without any news."""

import shutil
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from oracles.service_level_replay import found_in, replayed
from social_crm.settings import load_settings
from social_crm.transform import dbt_runner
from worlds.star_warehouse import StarWarehouse
from worlds.star_world import FIRST_DAY
from worlds.warehouses import in_use

OPEN_TICKET = {
    "id": 7, "brand_id": 360001, "tags": ["market_sg"], "via": {"channel": "email"}, "status": "new",
    "requester_id": 20, "created_at": "2026-10-26T02:00:00Z", "updated_at": "2026-10-26T02:00:00Z",
    "generated_timestamp": 1,
}  # fmt: skip
QUESTION = {
    "id": 71, "ticket_id": 7, "author_id": 20, "public": True, "via": {"channel": "email"},
    "html_body": "<p>Anybody there?</p>", "created_at": "2026-10-26T12:30:00Z",
}  # fmt: skip
CUSTOMER = {
    "id": 20, "role": "end-user", "name": "Ann", "external_id": "R-1", "created_at": "2026-10-26T00:00:00Z",
    "updated_at": "2026-10-26T00:00:00Z",
}  # fmt: skip
IN_CRM = {
    "id": "C-1", "external_ref": "R-1", "market": "sg", "status": "active", "lifetime_value_usd": "10.50",
    "created_at": "2026-10-01T00:00:00Z", "updated_at": "2026-10-01T00:00:00Z",
}  # fmt: skip
OUTCOME = "select outcome from {schema}.fct_sla_events where conversation_id = 'zendesk:7' and metric = 'first_reply'"


def test_every_service_level_of_a_week_is_as_the_oracle_replays_it(week: StarWarehouse) -> None:
    found, expected = found_in(load_settings()), replayed(load_settings())
    differences = {
        key: (found.get(key), expected.get(key))
        for key in found.keys() | expected.keys()
        if found.get(key) != expected.get(key)
    }
    assert differences == {}
    kinds = {(key[1], event["outcome"]) for key, event in found.items()}
    assert {metric for metric, _ in kinds} == {
        "first_reply", "next_reply", "periodic_update", "pausable_update", "requester_wait", "agent_work",
    }  # fmt: skip
    assert {event["reason"] for event in found.values()} >= {None, "merged", "not_serviceable", "replaced"}
    assert len(kinds) >= 15


def land_unrelated_call(star: StarWarehouse, day: int) -> None:
    """Land one call, which has nothing to do with anything else."""
    started = FIRST_DAY + timedelta(days=day, hours=3)
    call = {
        "call_id": f"u{day}", "pbx": "pbx-us", "agent_id": "a1", "started_at": f"{started:%Y-%m-%dT%H:%M:%S}Z",
        "answered_at": "", "ended_at": f"{started + timedelta(minutes=1):%Y-%m-%dT%H:%M:%S}Z", "queue": "cards",
        "disposition": "abandoned", "resolved": "no", "caller_number": "", "customer_ref": "", "csat": "",
        "summary": "", "_file": f"calls_{day}", "_line": 1,
    }  # fmt: skip
    star.land("phone.calls", [call], day)


def outcome(star: StarWarehouse, schema: str) -> str:
    """Return how the first reply to the open ticket stands."""
    row = star.admin.execute(OUTCOME.format(schema=schema)).fetchone()  # type: ignore[arg-type]
    assert row is not None
    return str(row[0])


def test_time_alone_makes_a_running_clock_a_missed_one(star: StarWarehouse) -> None:
    star.land("zendesk.tickets", [OPEN_TICKET])
    star.land("zendesk.comments", [QUESTION])
    star.land("zendesk.users", [CUSTOMER])
    star.land("crm.customers", [IN_CRM])
    star.transform()
    # Asked on Monday at 20:30 in Singapore, half an hour before closing; open again at 8:30, four hours end at noon.
    assert star.one("select count(*) from marts.fct_sla_events where due_at = '2026-10-27 04:00+00'") == 1
    assert outcome(star, "bi") == "running"

    land_unrelated_call(star, day=1)
    star.transform_killed_after("+fct_sla_events")
    assert outcome(star, "marts") == "missed"
    star.transform()
    assert outcome(star, "bi") == "missed"
    missed = "select missed_count from bi.rpt_sla_attainment where metric = 'first_reply' and market_code = 'sg'"
    assert star.one(missed) == 1

    land_unrelated_call(star, day=2)
    star.transform()
    # Told the day before, so no news; a clock costs one run only.
    assert star.one("select count(*) from intermediate.int_conversations_touched where source = 'zendesk'") == 0

    renamed = {**OPEN_TICKET, "subject": "Anybody?", "updated_at": "2026-10-29T02:00:00Z", "generated_timestamp": 2}
    star.land("zendesk.tickets", [renamed], day=3)
    star.transform()
    # A case that goes on, and no clock that comes out otherwise: no month is recounted.
    assert star.one("select count(*) from intermediate.int_conversations_touched where source = 'zendesk'") == 1
    assert star.one("select count(*) from intermediate.int_sla_months_touched") == 0

    # The same version of the customer, told again with what they are worth set right.
    star.land("crm.customers", [{**IN_CRM, "lifetime_value_usd": "99"}], day=4)
    star.transform()
    assert star.one("select count(*) from intermediate.int_sla_months_touched") == 1
    assert star.one(missed.replace("missed_count", "judged_value_usd")) == 99
    star.assert_refresh_changes_nothing()


def test_an_edited_target_counts_for_history_as_well(
    star: StarWarehouse, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    star.land("zendesk.tickets", [OPEN_TICKET])
    star.land("zendesk.comments", [QUESTION])
    star.land("zendesk.users", [CUSTOMER])
    star.transform()
    target = "select target_seconds from bi.fct_sla_events where metric = 'first_reply'"
    assert star.one(target) == 4 * 3600

    edited = tmp_path / "dbt_project"
    shutil.copytree(dbt_runner.DBT_PROJECT_DIR, edited, ignore=shutil.ignore_patterns("target", "logs"))
    policies = edited / "seeds/sla_policies.csv"
    policies.write_text(policies.read_text().replace(",14400,", ",7200,"))
    monkeypatch.setattr(dbt_runner, "DBT_PROJECT_DIR", edited)
    # Nothing landed, and nobody asked for a refresh.
    with in_use(replace(load_settings(), dbt_target_dir=tmp_path / "dbt")):
        star.transform(is_thorough=True)
    assert star.one(target) == 2 * 3600
    reason = star.admin.execute("select refresh_reason from bi.publications where is_full_refresh").fetchall()
    assert reason == [("edited: sla_policies",)]
