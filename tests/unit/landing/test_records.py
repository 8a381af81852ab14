"""Records become rows whose bytes Postgres takes, whose hash ignores key order, and whose escapes can be undone."""

import json
import re
import struct
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from social_crm.landing.records import ESCAPE_MARK, Row, Unstorable, encode, escape_text, microseconds, quarantined
from social_crm.sources.model import Resource
from social_crm.sources.people import People

NOTES = Resource(
    name="notes",
    extract=lambda _: iter(()),
    key=lambda record: record.get("id"),
    event_at=lambda record: record.get("at"),
    version_at=lambda record: record["changed"],
    description="Notes.",
    deletions="none",
)
# Every code point, lone surrogates and NUL among them, and the mark itself more often than chance would have it.
texts = st.text(st.one_of(st.characters(exclude_categories=()), st.sampled_from(["\x00", "\ud83d", ESCAPE_MARK, "\\"])))
values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | texts,
    lambda inner: st.lists(inner) | st.dictionaries(texts, inner),
    max_leaves=8,
)


def payload_of(row: Row) -> bytes:
    """Return the JSON in a COPY row: what follows the version byte of its last field."""
    position = 2
    for _ in range(7):
        (length,) = struct.unpack_from(">i", row.copied, position)
        position += 4 + max(length, 0)
    (length,) = struct.unpack_from(">i", row.copied, position)
    assert position + 4 + length == len(row.copied)
    return row.copied[position + 5 :]


def unescape(value: Any) -> Any:
    """Undo escape_text everywhere in a JSON value."""
    if isinstance(value, str):
        return re.sub(f"{ESCAPE_MARK}([0-9a-f]{{4}})", _unescaped_character, value)
    if isinstance(value, list):
        return [unescape(item) for item in value]
    if isinstance(value, dict):
        return {unescape(name): unescape(item) for name, item in value.items()}
    return value


def _unescaped_character(found: "re.Match[str]") -> str:
    return ESCAPE_MARK if found[1] == "fffd" else chr(int(found[1], 16))


def is_escaped(row: Row) -> bool:
    return row.copied[-(len(payload_of(row)) + 6)] == 1


@given(values)
def test_every_json_value_is_kept_and_can_be_read_back(value: Any) -> None:
    row = encode(NOTES, {"id": "1", "value": value}, 1, 1)
    text = payload_of(row).decode()  # strict UTF-8: no surrogate is left
    assert not re.search(r"(?<!\\)(\\\\)*\\u0000", text)
    read = json.loads(text)
    assert (unescape(read) if is_escaped(row) else read) == {"id": "1", "value": value}


@given(texts)
def test_an_escape_can_be_undone(text: str) -> None:
    assert unescape(escape_text(text)) == text


@given(st.dictionaries(texts, values, min_size=2))
def test_the_hash_ignores_the_order_of_keys(fields: dict[str, Any]) -> None:
    record = {**fields, "id": "1"}
    turned = dict(reversed(record.items()))
    assert encode(NOTES, record, 1, 1).digest == encode(NOTES, turned, 2, 2).digest


@given(values, values)
def test_different_content_has_a_different_hash(one: Any, other: Any) -> None:
    same_text = json.dumps(one, sort_keys=True) == json.dumps(other, sort_keys=True)
    hashes = [encode(NOTES, {"id": "1", "value": value}, 1, 1).digest for value in (one, other)]
    assert same_text or hashes[0] != hashes[1] or one == other


def test_ordinary_text_is_not_marked_as_escaped() -> None:
    assert not is_escaped(encode(NOTES, {"id": "1", "body": "naïve 👩‍👩‍👧 \u202e \x01"}, 1, 1))


@pytest.mark.parametrize(
    ("record", "reason"),
    [
        ({}, "missing_key"),
        ({"id": "  "}, "missing_key"),
        ({"id": 7}, "missing_key"),
        ({"id": "ü" * 251}, "key_too_long"),
        ({"id": "1", "x": float("-inf")}, "not_json"),
        ({"id": "1", "x": [{"y": float("nan")}]}, "not_json"),
        ({"id": "1", "x": datetime(2026, 1, 1, tzinfo=UTC)}, "not_json"),
        ({"id": "1", "x": {1: 2}}, "not_json"),
        ({"id": "1", "x": 10**5000}, "not_json"),
        ({"id": "1", "x": "y" * 4_194_304}, "too_large"),
        ("text", "not_an_object"),
    ],
)
def test_what_cannot_be_stored_is_refused_with_its_reason(record: Any, reason: str) -> None:
    with pytest.raises(Unstorable) as caught:
        encode(NOTES, record, 1, 1)
    assert caught.value.reason == reason


@pytest.mark.parametrize(("depth", "is_stored"), [(250, True), (300, False), (100_000, False)])
@pytest.mark.parametrize("leaf", ["plain", "nul \x00"])
def test_nesting_has_one_limit_whatever_the_text(depth: int, is_stored: bool, leaf: str) -> None:
    value: Any = leaf
    for _ in range(depth):
        value = [value]
    if is_stored:
        encode(NOTES, {"id": "1", "value": value}, 1, 1)
        return
    with pytest.raises(Unstorable) as caught:
        encode(NOTES, {"id": "1", "value": value}, 1, 1)
    assert caught.value.reason == "too_deep"
    assert quarantined(NOTES, {"id": "1", "value": value}, caught.value).position == "key 1"


@pytest.mark.parametrize("sent", [{}, {"id": "1"}])
def test_quarantine_says_in_which_line_of_a_file_a_record_stood(sent: dict[str, str]) -> None:
    record = sent | {"_file": "notes_2026-10-05.csv", "_line": 17}
    kept = quarantined(NOTES, record, Unstorable("missing_key", ""))
    assert kept.position == "notes_2026-10-05.csv line 17"


def test_two_large_records_that_begin_alike_stay_apart_in_quarantine() -> None:
    problem = Unstorable("too_large", "")
    kept = [quarantined(NOTES, {"id": "1", "body": "x" * 200_000 + end}, problem).content for end in "ab"]
    assert kept[0] != kept[1]
    assert max(map(len, kept)) < 101_000


def test_a_time_without_a_zone_counts_as_utc() -> None:
    versions = {
        encode(NOTES, {"id": "1", "changed": text}, 1, 1).moment
        for text in ("2026-10-05T12:00:00", "2026-10-05T12:00:00Z", "2026-10-05T17:30:00+05:30")
    }
    assert versions == {microseconds(datetime(2026, 10, 5, 12, tzinfo=UTC))}


def test_a_leap_second_has_a_time_which_a_front_door_may_ask_for() -> None:
    row = encode(NOTES, {"id": "1", "changed": "2016-12-31T23:59:60.000Z"}, 1, 1)
    assert row.moment == microseconds(datetime(2017, 1, 1, tzinfo=UTC))


def test_what_a_resource_omits_is_in_no_row_and_no_quarantine() -> None:
    notes = replace(NOTES, people=People(omits="quoted by.name absent.part"))
    record = {"id": "1", "quoted": [{"text": "secretword"}], "by": {"name": "secretword", "age": 7}, "absent": None}
    kept = {"id": "1", "by": {"age": 7}, "absent": None}
    row = encode(notes, record, 1, 1)
    assert json.loads(payload_of(row)) == kept
    assert row.digest == encode(NOTES, kept, 1, 1).digest
    assert json.loads(quarantined(notes, record, Unstorable("too_deep", "")).content) == kept
