"""What is said of a rule that failed on a dropped file."""

from typing import Any

import pytest

from social_crm.quality.file_messages import columns_of, example, expected_by
from social_crm.quality.suites import read_suite
from social_crm.settings import PROJECT_ROOT
from social_crm.sources import SOURCES

DROPPED = [
    (source.name, resource.name)
    for source in SOURCES
    for resource in source.resources
    if resource.order.startswith("files by name")
]


def rule(column: str = "a", **said: Any) -> dict[str, Any]:
    return {"kwargs": {"column": column, "value_set": said.pop("value_set", [])}, "notes": "Why  it is so."} | said


def test_a_rule_names_the_columns_that_its_sql_reads() -> None:
    said = "case payload ->> '_part' when 'reply' then payload ->> 'replied_at' else payload ->> 'Reviewed at' end"
    columns, meant = {"said_at": said, "late": "_event_at - _extracted_at"}, {"_event_at": ["reviewed_at"]}
    assert columns_of(rule("said_at"), columns, meant) == ["replied_at", "reviewed_at"]
    assert columns_of(rule("_event_at"), columns, meant) == ["reviewed_at"]
    assert columns_of(rule("late"), columns, meant) == ["reviewed_at"]
    assert columns_of(rule("window_end"), columns, meant) == ["window_end"]


@pytest.mark.parametrize(
    ("said", "words"),
    [
        ({"expected": "a whole number", "value_set": ["1"]}, "expected a whole number"),
        ({"value_set": ["app", "site"]}, "expected one of app, site"),
        ({"value_set": [False]}, "Why it is so."),
        ({}, "Why it is so."),
    ],
)
def test_what_is_expected_is_said_in_words(said: dict[str, Any], words: str) -> None:
    assert expected_by(rule(**said)) == words


@pytest.mark.parametrize(
    ("value", "is_quoted", "shown"),
    [
        ("fax", True, " 'fax'"),
        ("csat 1 7", True, " 'csat 1 7'"),
        ("fax", False, ""),
        ("+4930999888", True, ""),
        ("4930999888", True, ""),
        ("erika@example.org", True, ""),
        ("Erika asked about her divorce", True, ""),
        ("my dog died", True, ""),
        ("Jane Doe", True, ""),
        ("415-555-0132", True, ""),
        ("0171 234 56 78", True, ""),
        ("123-45-6789", True, ""),
        ("12.03.1981", True, ""),
        ("6 of 1 to 5", True, " '6 of 1 to 5'"),
        ("1 10", True, " '1 10'"),
        (7, True, ""),
    ],
)
def test_only_what_can_be_nothing_but_a_code_is_shown(value: Any, is_quoted: bool, shown: str) -> None:
    row = {"_file": "x.csv", "_line": "7", "a": value}
    assert example(row, rule(quoted=is_quoted)) == f"x.csv line 7{shown}"


def test_a_row_is_named_by_what_its_file_has_for_our_columns() -> None:
    row = {"_file": "x.csv", "_line": "7", "a": "fax"}
    told = ["column start", "by option layouts", "by option layouts"]
    assert example(row, rule(quoted=True), told) == "x.csv line 7 column start by option layouts 'fax'"


def test_json_is_counted_in_records() -> None:
    assert example({"_file": "x.json.gz", "_line": "7"}, rule()) == "x.json.gz record 7"


@pytest.mark.parametrize(("source", "resource"), DROPPED)
def test_no_rule_on_dropped_files_leaves_a_pattern_unexplained(source: str, resource: str) -> None:
    suite = read_suite(PROJECT_ROOT / f"expectations/raw/{source}/{resource}.yml")
    unsaid = [said["kwargs"] for said in suite.expectations if "expected" not in said]
    assert [kwargs for kwargs in unsaid if "regex" in kwargs or kwargs["column"] == "_event_at"] == []
