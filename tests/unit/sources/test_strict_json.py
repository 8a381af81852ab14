"""JSON is read as Python's own parser reads it, and no object loses a key in silence."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from social_crm.landing.records import MAX_DEPTH
from social_crm.sources.strict_json import DOUBLED, MOST_NESTED, parse

Pairs = list[tuple[str, Any]]  # an object as it is written, a key perhaps twice
# What could hide a key or feign one: quotes, colons, backslashes; few letters, so that keys meet.
texts = st.text(st.sampled_from('ab":\\,{} \n\x00é😀'), max_size=4)
scalars = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | texts
values = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=4) | st.lists(st.tuples(texts, inner), max_size=4).map(tuple),
    max_leaves=12,
)


def written(value: Any, style: dict[str, Any]) -> str:
    """Write a value whose objects are tuples of pairs, as no serialiser would: with every pair."""
    colon = style["colon"]
    if isinstance(value, tuple):
        return "{" + ",".join(f"{written(name, style)}{colon}{written(item, style)}" for name, item in value) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(written(item, style) for item in value) + "]"
    text = json.dumps(value, ensure_ascii=style["ascii"])
    if not isinstance(value, str) or not style["quote"]:
        return text
    return '"' + text[1:-1].replace("\\\\", "\\u005c").replace('\\"', style["quote"]) + '"'


def expected(value: Any) -> Any:
    """Return what is to be read: the last value of each key, and which ones came twice."""
    if isinstance(value, tuple):
        names = [name for name, _ in value]
        doubled = {name for name in names if names.count(name) > 1}
        read = {name: expected(item) for name, item in value}
        return read | ({DOUBLED: ", ".join(sorted(doubled))} if doubled else {})
    return [expected(item) for item in value] if isinstance(value, list) else value


def told(value: Any) -> Any:
    """Return a parsed value with its marks as text."""
    if isinstance(value, dict):
        return {name: repr(item) if name == DOUBLED else told(item) for name, item in value.items()}
    return [told(item) for item in value] if isinstance(value, list) else value


styles = st.fixed_dictionaries(
    {
        "colon": st.sampled_from([":", ": ", " : ", "\n\t:"]),
        "ascii": st.booleans(),
        "quote": st.sampled_from(["", "\\u0022"]),
    }
)


@given(values, styles)
def test_all_is_read_and_every_doubled_key_is_told_however_it_is_written(value: Any, style: dict[str, Any]) -> None:
    assert told(parse(written(value, style).encode())) == expected(value)


@pytest.mark.parametrize(
    ("text", "doubled"),
    [
        ('{"id": 1, "id": 2}', "id"),
        ('{"id": "1", "id": "1"}', "id"),
        ('{"i\\u0064": 1, "id": 2}', "id"),
        ('{"a": 1, "a": "\\u0022"}', "a"),  # as many quotes as its last value alone has when it is written
        ('{"a": 1, "a": 12345678901234567890123}', "a"),
        ('{"a": 1, "a": "\\ud83d"}', "a"),
        ('{"a": 1, "a": NaN}', "a"),
        ('\ufeff{"a": 1, "b": 2, "b": 3, "a": 4}', "a, b"),
    ],
)
def test_a_doubled_key_is_told_whichever_parser_reads_it(text: str, doubled: str) -> None:
    assert repr(parse(text.encode())[DOUBLED]) == doubled


@pytest.mark.parametrize("text", ["[1,]", '{"a": 1,}', '{"a": 1} x', "{'a': 1}", '"\x01"', "01", "", "[1"])
def test_what_is_no_json_is_refused(text: str) -> None:
    with pytest.raises(json.JSONDecodeError):
        parse(text.encode())


@pytest.mark.parametrize(
    "text",
    ["NaN", "-Infinity", "1e400", "-0", "-0.0", "18446744073709551616", "5e-324", '"\\ud83d"', '"\\ud83d\\ude00"'],
)
def test_odd_values_are_what_pythons_parser_makes_of_them(text: str) -> None:
    assert repr(parse(f'{{"a": {text}}}'.encode())) == repr(json.loads(f'{{"a": {text}}}'))


def test_bytes_that_are_no_utf_8_stay_as_lone_surrogates() -> None:
    assert parse(b'{"a": "\xff"}') == {"a": "\udcff"}


@pytest.mark.parametrize(("opening", "closing"), [("[", "]"), ('{"a[": ', "}")])
@pytest.mark.parametrize("depth", [MOST_NESTED, 1_000, 100_000])
def test_what_is_nested_too_deep_for_any_parser_hides_nothing_beside_it(opening: str, closing: str, depth: int) -> None:
    deep = opening * depth + "1" + closing * depth
    first, second = parse(f'[{{"odd": {deep}, "text": "]}}\\"["}}, {{"text": "good"}}]'.encode())
    assert (first.pop("text"), second) == (']}"[', {"text": "good"})
    levels, value = 0, first["odd"]
    while isinstance(value, list | dict):
        levels, value = levels + 1, value[0] if isinstance(value, list) else value["a["]
    assert levels > MAX_DEPTH  # of a row, so that landing sets it aside


def test_what_is_nested_too_deep_and_cut_off_is_no_json() -> None:
    with pytest.raises(ValueError, match="cut off there"):
        parse(b"[" * 100_000)
