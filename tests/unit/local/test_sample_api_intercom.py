"""The sample server as Intercom: a search without parts, and conversations as they stand at its clock."""

from datetime import datetime
from typing import Any

import orjson
import pytest

from social_crm.local.sample_api.app import SampleApi
from social_crm.local.sample_api.company import Company
from social_crm.local.sample_api.intercom import LARGEST_PAGE, SEARCH, WORKSPACE
from social_crm.local.sample_api.messages import Answer, Call

LOGIN = {"authorization": "Bearer networks-secret"}
OPENED_AGAIN, ASSISTANT_ALONE, REDACTED, PUT_OFF, DELETED = map(str, range(215470000002, 215470000007))


@pytest.fixture
def search(server: SampleApi) -> Any:
    """Return a function that searches for what moved in a span, page by page, and gives the last page."""

    def ask(start: str, end: str, following: str | None = None) -> Answer:
        bounds = [(">", start), ("<", end)]
        filters = [
            {"field": "updated_at", "operator": operator, "value": datetime.fromisoformat(at).timestamp()}
            for operator, at in bounds
        ]
        pagination = {"per_page": 150} | ({"starting_after": following} if following else {})
        query = {"query": {"operator": "AND", "value": filters}, "pagination": pagination}
        return server.respond(Call("POST", SEARCH, {}, LOGIN, orjson.dumps(query)))

    return ask


def found(search: Any, start: str, end: str) -> list[dict[str, Any]]:
    conversations, following = [], None
    while True:
        page = orjson.loads(search(start, end, following).body)
        assert len(page["conversations"]) <= LARGEST_PAGE
        conversations += page["conversations"]
        following = page["pages"].get("next", {}).get("starting_after")
        if not following:
            return conversations


def test_a_search_pages_to_everything_that_moved_and_gives_no_parts(search: Any, company: Company) -> None:
    everything = found(search, "2026-10-26T00:00:00Z", "2026-11-10T00:00:00Z")
    assert {one["id"] for one in everything} == {line["id"] for line in company.desks["intercom"]} - {DELETED}
    assert not any("conversation_parts" in one for one in everything)
    early = {one["id"] for one in found(search, "2026-10-26T00:00:00Z", "2026-10-28T12:00:00Z")}
    assert (ASSISTANT_ALONE in early, OPENED_AGAIN in early) == (True, False)


def test_a_conversation_grows_is_redacted_and_is_deleted_at_its_time(get: Any, post: Any) -> None:
    def told(now: str, number: str) -> dict[str, Any]:
        post("/_sample/clock", {"now": now})
        return orjson.loads(get(f"/intercom/conversations/{number}", LOGIN).body)  # type: ignore[no-any-return]

    before, after = told("2026-11-02T01:00:00Z", OPENED_AGAIN), told("2026-11-03T06:00:00Z", OPENED_AGAIN)
    assert (before["state"], before["conversation_parts"]["total_count"]) == ("closed", 4)
    assert (after["state"], after["conversation_parts"]["total_count"]) == ("open", 5)
    before, after = told("2026-11-04T07:09:59Z", REDACTED), told("2026-11-04T07:10:00Z", REDACTED)
    assert "4111" in before["conversation_parts"]["conversation_parts"][1]["body"]
    part = after["conversation_parts"]["conversation_parts"][1]
    assert (part["body"], part["redacted"]) == ("<p><i>This message was deleted</i></p>", True)
    assert part["updated_at"] == after["updated_at"]
    assert told("2026-11-02T08:00:00Z", PUT_OFF)["state"] == "snoozed"
    assert told("2026-11-05T08:29:59Z", DELETED)["id"] == DELETED
    post("/_sample/clock", {"now": "2026-11-05T08:30:00Z"})
    assert get(f"/intercom/conversations/{DELETED}", LOGIN).status == 404


def test_an_assistant_may_bear_the_name_of_staff(get: Any) -> None:
    conversation = orjson.loads(get(f"/intercom/conversations/{ASSISTANT_ALONE}", LOGIN).body)
    answer = conversation["conversation_parts"]["conversation_parts"][0]
    assert (answer["author"]["type"], answer["author"]["from_ai_agent"]) == ("admin", True)


def test_only_a_token_reads_and_belongs_to_a_workspace(get: Any, search: Any) -> None:
    assert get("/intercom/me", {"authorization": "Bearer else"}).status == 401
    assert orjson.loads(get("/intercom/me", LOGIN).body)["app"]["id_code"] == WORKSPACE
    assert search("2026-10-26T00:00:00Z", "2026-11-10T00:00:00Z", "nonsense").status == 400
