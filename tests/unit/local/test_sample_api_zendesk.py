"""The sample server as Zendesk: exports by cursor, comments, audits, lists."""

from datetime import datetime
from typing import Any

import orjson
import pytest

from social_crm.local.sample_api.company import Company

EXPORT = "/api/v2/incremental/tickets/cursor.json"
START = int(datetime.fromisoformat("2026-10-26T00:00:00Z").timestamp())


def export(get: Any, kind: str = "tickets", size: int = 1000) -> list[dict[str, Any]]:
    """Return everything an export holds."""
    params: dict[str, Any] = {"start_time": START}
    found: list[dict[str, Any]] = []
    while True:
        body = orjson.loads(get(f"/api/v2/incremental/{kind}/cursor.json", per_page=size, **params).body)
        found += body[kind]
        if body["end_of_stream"]:
            return found
        params = {"cursor": body["after_cursor"]}


@pytest.mark.parametrize("size", [1000, 97, 13])
def test_the_export_gives_every_ticket_once_in_order(get: Any, company: Company, size: int) -> None:
    tickets = export(get, size=size)
    stamps = [(ticket["generated_timestamp"], ticket["id"]) for ticket in tickets]
    assert stamps == sorted(stamps)
    assert sorted(ticket["id"] for ticket in tickets) == sorted(ticket["id"] for ticket in company.tickets)


def test_a_ticket_is_told_as_it_was_at_the_clock(get: Any, post: Any) -> None:
    post("/_sample/clock", {"now": "2026-11-08T00:00:00Z"})
    before = {ticket["id"]: ticket for ticket in export(get)}
    post("/_sample/clock", {"now": "2026-11-08T14:00:00Z"})
    after = {ticket["id"]: ticket for ticket in export(get)}
    assert (before[9004]["status"], after[9004]["status"]) == ("solved", "open")
    assert after[9004]["updated_at"] == "2026-11-08T13:00:00Z"
    assert len(after) > len(before)
    assert max(ticket["created_at"] for ticket in before.values()) < "2026-11-08T00:00:00Z"


def test_a_system_update_moves_generated_timestamp_alone(get: Any) -> None:
    tickets = export(get)
    moved = [
        ticket
        for ticket in tickets
        if ticket["generated_timestamp"] > datetime.fromisoformat(ticket["updated_at"]).timestamp()
    ]
    assert 0 < len(moved) < len(tickets) / 4


def test_an_agent_who_leaves_becomes_an_end_user(get: Any, post: Any) -> None:
    post("/_sample/clock", {"now": "2026-11-08T00:00:00Z"})
    before = {user["id"]: user for user in export(get, "users")}
    post("/_sample/clock", {"now": "2026-11-09T00:00:00Z"})
    after = {user["id"]: user for user in export(get, "users")}
    assert (before[36000000204]["role"], after[36000000204]["role"]) == ("agent", "end-user")
    assert after[36000000303]["default_group_id"] != before[36000000303]["default_group_id"]


def test_comments_keep_notes_and_bots_apart(get: Any) -> None:
    notes = orjson.loads(get("/api/v2/tickets/9002/comments.json").body)["comments"]
    assert [comment["public"] for comment in notes] == [True, False, True]
    chat = orjson.loads(get("/api/v2/tickets/9003/comments.json").body)["comments"]
    assert [comment["via"]["channel"] for comment in chat] == ["chat", "answer_bot_for_web_widget", "chat", "chat"]


def test_audits_hold_what_changed_with_values_as_text(get: Any) -> None:
    audits = orjson.loads(get("/api/v2/tickets/9006/audits.json").body)["audits"]
    changes = [event for audit in audits for event in audit["events"] if event["type"] == "Change"]
    assert (changes[0]["field_name"], changes[0]["value"]) == ("status", "closed")
    assert "closed_by_merge" in changes[1]["value"]
    created = {event["field_name"]: event["value"] for event in audits[0]["events"] if event["type"] == "Create"}
    assert created["brand_id"] == "360001"


def test_what_hangs_on_a_deleted_ticket_is_not_found(get: Any, post: Any) -> None:
    assert get("/api/v2/tickets/9008/comments.json").status == 404
    post("/_sample/clock", {"now": "2026-11-08T00:00:00Z"})
    assert get("/api/v2/tickets/9008/comments.json").status == 200


def test_a_list_pages_by_cursor(get: Any) -> None:
    found: list[int] = []
    params: dict[str, Any] = {"page[size]": 3}
    while True:
        body = orjson.loads(get("/api/v2/groups.json", **params).body)
        found += [group["id"] for group in body["groups"]]
        if not body["meta"]["has_more"]:
            break
        params["page[after]"] = body["meta"]["after_cursor"]
    assert len(found) == len(set(found)) == 7


@pytest.mark.parametrize(
    "params", [{}, {"start_time": "soon"}, {"cursor": "???"}, {"start_time": START, "per_page": 1001}]
)
def test_a_wrong_parameter_is_refused(get: Any, params: dict[str, Any]) -> None:
    assert get(EXPORT, **params).status == 400


def test_without_the_right_token_nothing_is_told(get: Any) -> None:
    assert get(EXPORT, login={}, start_time=START).status == 401
    assert get("/api/v2/users/me.json").status == 200
