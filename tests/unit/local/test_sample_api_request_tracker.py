"""The sample server as Request Tracker: a history in TicketSQL, and the tickets and users that stand in it."""

from base64 import b64encode
from typing import Any

import orjson

from social_crm.local.sample_api.app import SampleApi
from social_crm.local.sample_api.company import Company
from social_crm.local.sample_api.messages import Call
from social_crm.local.sample_api.request_tracker import ATTACHMENTS, LARGEST_PAGE, USER

LOGIN = {"authorization": "Basic " + b64encode(f"{USER}:networks-secret".encode()).decode()}
ROOT = "/request_tracker/REST/2.0"
TOOK_IN, MERGED, HIGH, DELETED = "7001", "7002", "7003", "7004"


def history(get: Any, chosen: str = "id > 0") -> list[dict[str, Any]]:
    """Return all that a search finds, each page after the last id of the one before."""
    found, reached = list[dict[str, Any]](), 0
    while True:
        query = f"ObjectType = 'RT::Ticket' AND TicketType = 'ticket' AND {chosen} AND id > {reached}"
        answer = get(f"{ROOT}/transactions", LOGIN, query=query, fields="Type,Field,ObjectId,Created", per_page=100)
        page = orjson.loads(answer.body)
        assert len(page["items"]) <= LARGEST_PAGE
        if not page["items"]:
            return found
        found += page["items"]
        reached = found[-1]["id"]


def about(get: Any, kind: str, name: str) -> dict[str, Any]:
    return orjson.loads(get(f"{ROOT}/{kind}/{name}", LOGIN).body)  # type: ignore[no-any-return]


def test_history_is_read_to_its_end_in_order_of_id(get: Any, company: Company) -> None:
    steps = [step["id"] for line in company.desks["request_tracker"] for step in line["steps"]]
    assert [step["id"] for step in history(get)] == sorted(steps, key=int)
    said = history(get, "(Type = 'Create' OR Type = 'Correspond' OR Type = 'Comment')")
    assert {step["Type"] for step in said} == {"Create", "Correspond", "Comment"}
    day = history(get, "Created >= '2026-11-04 00:00:00' AND Created < '2026-11-05 00:00:00'")
    assert day
    assert {step["Created"][:10] for step in day} == {"2026-11-04"}
    assert not any("Creator" in step for step in day)  # which was not asked for


def test_a_merged_ticket_answers_as_the_one_it_went_into_and_a_deleted_one_as_deleted(get: Any, post: Any) -> None:
    assert about(get, "ticket", MERGED)["id"] == about(get, "ticket", TOOK_IN)["id"] == int(TOOK_IN)
    assert about(get, "ticket", DELETED)["Status"] == "deleted"
    assert (about(get, "ticket", HIGH)["Priority"], about(get, "ticket", HIGH)["Status"]) == ("100", "resolved")
    post("/_sample/clock", {"now": "2026-11-02T15:10:59Z"})
    assert (about(get, "ticket", HIGH)["Priority"], about(get, "ticket", HIGH)["Status"]) == ("0", "new")
    assert get(f"{ROOT}/ticket/{DELETED}", LOGIN).status == 404


def test_staff_are_privileged_and_found_by_number_and_name(get: Any) -> None:
    owner = about(get, "ticket", TOOK_IN)["Owner"]["id"]
    number = about(get, "user", owner)["_hyperlinks"][0]["id"]
    assert about(get, "user", str(number))["Privileged"] == 1
    assert about(get, "user", "Nobody")["Privileged"] == 0
    assert about(get, "queue", about(get, "ticket", TOOK_IN)["Queue"]["id"])["Name"] == "Merchants"
    assert get(f"{ROOT}/user/nobody-else", LOGIN).status == 404


def test_words_are_found_by_the_step_they_were_said_in(server: SampleApi, get: Any) -> None:
    opening = next(step for step in history(get) if step["ObjectId"] == MERGED)
    bounds = [
        {"field": "TransactionId", "operator": "=", "value": opening["id"]},
        {"field": "id", "operator": ">", "value": 0},
    ]
    params = {"fields": "TransactionId,Content", "per_page": "100"}
    [part] = orjson.loads(server.respond(Call("POST", ATTACHMENTS, params, LOGIN, orjson.dumps(bounds))).body)["items"]
    assert part["Content"] == "And where do I see the settlements?"


def test_only_a_login_reads(get: Any) -> None:
    assert get(f"{ROOT}/user/Nobody", {"authorization": "token else"}).status == 401
