"""Teams that cases are given to: each has a row, whatever its helpdesk tells, and a new name reaches what it held."""

import json
from pathlib import Path
from typing import Any

from worlds.star_warehouse import StarWarehouse

FIXTURES = Path(__file__).resolve().parents[1] / "fixtures"


def recorded(table: str) -> list[dict[str, Any]]:
    """Return the records of a fixture that is a list of them."""
    records: list[dict[str, Any]] = json.loads((FIXTURES / f"{table.replace('.', '/')}.json").read_text())
    return records


def queued(name: str) -> list[dict[str, Any]]:
    """Return the recorded tickets in a queue of this name."""
    return [ticket | {"Queue": {"id": "3", "Name": name}} for ticket in recorded("request_tracker.tickets")]


def test_every_team_that_holds_a_case_has_a_row_and_a_new_name_is_told_to_its_cases(star: StarWarehouse) -> None:
    for table in ("request_tracker.messages", "request_tracker.transactions"):
        star.land(table, recorded(table))
    given_to_a_team = {
        "type": "conversation_part",
        "assigned_to": {"type": "team", "id": "88"},
        "part_type": "assignment",
    }
    steps = recorded("intercom.conversation_steps")
    star.land("intercom.conversation_steps", [*steps, steps[1] | given_to_a_team | {"id": "99"}])
    star.land("intercom.conversation_parts", recorded("intercom.conversation_parts"))
    star.land("request_tracker.tickets", queued("Cards"))
    star.transform()
    held = star.admin.execute("select distinct team_id from bi.fct_agent_assignments where team_id <> '' order by 1")
    assert {team for (team,) in held} == {"intercom:88", "request_tracker:3"}
    named = "select team_id, team from bi.dim_team order by 1"
    assert star.admin.execute(named).fetchall() == [("intercom:88", None), ("request_tracker:3", "Cards")]

    star.land("request_tracker.tickets", queued("Cards")[1:], day=1)
    star.land("request_tracker.tickets", queued("cards")[1:], day=2)
    star.transform_killed_after("+dim_team")
    star.transform()
    # The case whose own ticket was not read again is told as well: seed routing_team_groups knows a team by its name.
    touched = star.admin.execute("select conversation_native_id from intermediate.int_holders_touched").fetchall()
    assert touched == [("1",)]
    assert star.admin.execute(named).fetchall() == [("intercom:88", None), ("request_tracker:3", "cards")]
    star.assert_refresh_changes_nothing()
