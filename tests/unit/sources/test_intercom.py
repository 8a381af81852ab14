"""Intercom: what is read of a conversation that moved, again after it was closed, and what cannot be given."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml

from acceptance import LATER
from harnesses.intercom import FakeIntercom, conversation, part, stamp
from servers.fake_api import Answer, Asked, FakeApi
from servers.fake_sources import HASTE, SECRET, START, WINDOW, read, read_in_attempts
from social_crm.errors import (
    ContractBroken,
    CredentialRefused,
    CursorRejected,
    RateLimited,
    SourceUnavailable,
    WarehouseError,
)
from social_crm.sources.intercom import INTERCOM
from social_crm.sources.model import Connection, Page

PARTS, STEPS = INTERCOM.resource("conversation_parts"), INTERCOM.resource("conversation_steps")
NOON = START + timedelta(hours=12)


@pytest.fixture
def server(fake_api: FakeApi) -> FakeIntercom:
    server = FakeIntercom()
    fake_api.respond = server
    return server


def connect_to(api: FakeApi) -> Connection:
    return Connection(api.url, secret=SECRET, options=HASTE)


def keys(pages: list[Page]) -> list[str]:
    return [str(PARTS.key(record)) for page in pages for record in page.records]


def test_the_opening_message_and_all_parts_are_read_and_those_without_words_are_steps(
    fake_api: FakeApi, server: FakeIntercom
) -> None:
    said, closed = part(1, NOON), part(2, NOON, part_type="close", body=None)
    redacted = part(3, NOON, body=None, redacted=True)
    server.conversations = [conversation(7, NOON, said, closed, redacted)]
    assert keys(read(PARTS, connect_to(fake_api))) == ["7/source", "7/1", "7/3"]
    [page] = read(STEPS, connect_to(fake_api))
    assert keys([page]) == ["7/source", "7/1", "7/2", "7/3"]
    assert not any({"body", "subject", "attachments"} & record.keys() for record in page.records)
    assert {record["contact_external_id"] for record in page.records} == {"C-7"}
    assert {record["workspace"] for record in page.records} == {"acmepay1"}
    assert PARTS.event_at(page.records[0]) == NOON.isoformat()


def test_a_transcript_that_grew_after_it_was_closed_is_read_anew(fake_api: FakeApi, server: FakeIntercom) -> None:
    opened = WINDOW.start - timedelta(days=30)
    parts = [part(1, opened, part_type="close", body=None, state="closed"), part(2, NOON)]
    server.conversations = [conversation(7, opened, *parts, updated_at=stamp(NOON), state="closed")]
    assert keys(read(PARTS, connect_to(fake_api))) == ["7/source", "7/2"]


@pytest.mark.parametrize(
    ("moved_at", "is_read"),
    [
        (WINDOW.start - LATER, False),
        (WINDOW.start, True),
        (WINDOW.end + timedelta(days=1) - LATER, True),  # moves every night before the run
        (WINDOW.end + timedelta(days=1), False),
    ],
)
def test_a_window_takes_what_moved_in_it_or_a_day_after(
    moved_at: datetime, is_read: bool, fake_api: FakeApi, server: FakeIntercom
) -> None:
    server.conversations = [conversation(7, START - timedelta(days=9), updated_at=stamp(moved_at))]
    assert bool(keys(read(PARTS, connect_to(fake_api)))) is is_read


@pytest.mark.parametrize(("status", "error"), [(500, SourceUnavailable), (403, CredentialRefused)])
def test_a_conversation_that_holds_back_its_window_is_named(
    fake_api: FakeApi, server: FakeIntercom, naps: list[float], status: int, error: type[WarehouseError]
) -> None:
    server.conversations = [conversation(6, NOON), conversation(7, NOON)]
    fake_api.respond = lambda asked: Answer({}, status) if asked.path.endswith("/7") else server(asked)
    with pytest.raises(error, match=rf"{status}.*; met at conversation 7$") as caught:
        read(PARTS, connect_to(fake_api))
    assert "where conversation 7 is named each time" in caught.value.next_step


def test_ties_over_pages_are_all_read_and_a_stop_goes_on_within_a_page(
    fake_api: FakeApi, server: FakeIntercom, naps: list[float]
) -> None:
    server.conversations = [conversation(number, NOON) for number in range(1, 8)]
    pages = read(PARTS, connect_to(fake_api))
    assert keys(pages) == [f"{number}/source" for number in range(1, 8)]
    for done, page in enumerate(pages, 1):
        assert keys(read(PARTS, connect_to(fake_api), page.cursor)) == keys(pages[done:])


def test_a_conversation_deleted_since_the_search_is_counted_and_holds_back_none(
    fake_api: FakeApi, server: FakeIntercom
) -> None:
    server.conversations = [conversation(1, NOON), conversation(2, NOON)]
    fake_api.faults.extend([None, None, Answer({"errors": [{"code": "not_found"}]}, 404)])
    pages = read(PARTS, connect_to(fake_api))
    assert keys(pages) == ["2/source"]
    assert [rejected.reason for page in pages for rejected in page.rejected] == ["conversation_gone"]


def test_a_conversation_of_more_parts_than_are_given_says_so(fake_api: FakeApi, server: FakeIntercom) -> None:
    listed = {"conversation_parts": [part(1, NOON)], "total_count": 612}
    server.conversations = [conversation(7, NOON, conversation_parts=listed)]
    [page] = read(PARTS, connect_to(fake_api))
    assert (keys([page]), page.rejected[0].detail) == (["7/source", "7/1"], "1 of 612 given")


def test_a_long_rate_limit_is_reported_with_its_end(fake_api: FakeApi, server: FakeIntercom) -> None:
    reset = int(datetime.now(UTC).timestamp()) + 400
    fake_api.faults.append(
        Answer({"errors": [{"code": "rate_limit_exceeded"}]}, 429, {"X-RateLimit-Reset": str(reset)})
    )
    with pytest.raises(RateLimited) as limited:
        read(PARTS, connect_to(fake_api))
    assert abs(limited.value.resume_at.timestamp() - reset) < 5


def test_a_cursor_that_is_not_taken_any_more_starts_the_window_again(fake_api: FakeApi, server: FakeIntercom) -> None:
    fake_api.faults.extend([None, Answer({"errors": [{"code": "parameter_invalid"}]}, 400)])
    with pytest.raises(CursorRejected):
        read(PARTS, connect_to(fake_api), "gone|7")


@pytest.mark.parametrize("missing", ["source", "conversation_parts", "created_at"])
def test_a_changed_version_of_the_api_is_noticed(missing: str, fake_api: FakeApi, server: FakeIntercom) -> None:
    server.conversations = [conversation(7, NOON)]
    whole = {name: value for name, value in server.conversations[0].items() if name != missing}
    fake_api.faults.extend([None, None, Answer(whole)])
    with pytest.raises(ContractBroken, match=missing):
        read(PARTS, connect_to(fake_api))


def test_nothing_is_read_of_an_unknown_workspace(fake_api: FakeApi, server: FakeIntercom) -> None:
    server.conversations = [conversation(7, NOON)]
    fake_api.faults.append(Answer({"type": "admin", "id": "1", "app": None}))
    with pytest.raises(ContractBroken, match="belongs to no workspace"):
        read(PARTS, connect_to(fake_api))


def test_an_outage_in_the_middle_loses_and_doubles_nothing(
    fake_api: FakeApi, server: FakeIntercom, naps: list[float]
) -> None:
    server.conversations = [conversation(number, NOON) for number in range(1, 6)]
    fake_api.faults.extend([None, None, None, *[Answer(status=503)] * 5])
    pages, attempts = read_in_attempts(PARTS, connect_to(fake_api), SourceUnavailable)
    assert (keys(pages), attempts) == ([f"{number}/source" for number in range(1, 6)], 2)


@pytest.fixture
def specification(shared_data: Path) -> dict[str, Any]:
    """Return Intercom's specification, with what may be null said as JSON Schema says it."""
    path = shared_data / "api_specs/intercom-2.15.yaml"
    if not path.is_file():
        pytest.skip(f"Intercom's specification is not present at {path}")
    found: dict[str, Any] = _with_nulls(yaml.load(path.read_text(), yaml.CSafeLoader))
    return found


def _with_nulls(node: Any) -> Any:
    if isinstance(node, list):
        return [_with_nulls(item) for item in node]
    if not isinstance(node, dict):
        return node
    node = {name: _with_nulls(value) for name, value in node.items()}
    if node.pop("nullable", False) is True:
        return {"anyOf": [node, {"type": "null"}]}
    return node


def valid(specification: dict[str, Any], schema: str, value: Any) -> None:
    jsonschema.validate(value, {"$ref": f"#/components/schemas/{schema}", "components": specification["components"]})


def test_what_we_ask_and_what_our_server_answers_is_as_the_specification_says(
    fake_api: FakeApi, server: FakeIntercom, specification: dict[str, Any]
) -> None:
    server.conversations = [conversation(number, NOON, part(number, NOON)) for number in range(1, 6)]
    answers: list[tuple[str, Any]] = []

    def respond(asked: Asked) -> Answer:
        answer = server(asked)
        answers.append((asked.path, answer.body))
        return answer

    fake_api.respond = respond
    INTERCOM.check(connect_to(fake_api))
    read(PARTS, connect_to(fake_api))
    searches = [asked.body for asked in fake_api.asked if asked.path.endswith("/search")]
    assert len(searches) == 3
    for search in searches:
        valid(specification, "search_request", search)
    for path, body in answers[1:]:
        valid(specification, "conversation_list" if path.endswith("/search") else "conversation", body)
    recorded = json.loads((Path(__file__).parents[2] / "fixtures/intercom/conversation_parts.json").read_text())
    valid(specification, "conversation_part", recorded[1])
    with pytest.raises(jsonschema.ValidationError):
        valid(specification, "conversation_part", recorded[1] | {"created_at": "2026-06-30"})
