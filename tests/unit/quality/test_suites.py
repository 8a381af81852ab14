"""Suites as data: what is refused before anything runs, and that every suite of ours is complete."""

from pathlib import Path

import pytest

from social_crm.errors import SuiteUnusable
from social_crm.quality.suites import is_of_server, read_suite, rule_name
from social_crm.settings import PROJECT_ROOT
from social_crm.sources import SOURCES

EXPECTATIONS = PROJECT_ROOT / "expectations"
RULE = "{type: expect_column_values_to_not_be_null, kwargs: {column: a}, severity: critical, notes: why}"


@pytest.mark.parametrize("path", sorted(EXPECTATIONS.rglob("*.yml")), ids=lambda path: path.stem)
def test_every_suite_is_complete_and_lies_where_its_name_says(path: Path) -> None:
    suite = read_suite(path)
    folder = path.parent.relative_to(EXPECTATIONS).parts
    schema = f"raw_{folder[1]}" if len(folder) == 2 else {"raw": "raw", "bi": "marts"}[folder[0]]
    assert suite.name == f"{schema}.{path.stem}"
    assert bool(suite.rows) == (folder[0] == "bi")
    assert all(len(expectation["notes"].split()) >= 6 for expectation in suite.expectations)


def test_every_registered_resource_has_a_suite() -> None:
    wanted = {f"{source.name}/{name}" for source in SOURCES for name in source.resource_names}
    found = {f"{path.parent.name}/{path.stem}" for path in (EXPECTATIONS / "raw").glob("*/*.yml")}
    assert wanted <= found


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "has no expectations"),
        ("suite: s\nkey: k\nexpectations: []\n", "has no expectations"),
        (f"suite: s\nkey: k\nexpectations: [{RULE.replace('critical', 'fatal')}]", "severity critical or warning"),
        (f"suite: s\nkey: k\nexpectations: [{RULE.replace(', notes: why', '')}]", "notes"),
        (f"key: k\nexpectations: [{RULE}]", "suite"),
    ],
)
def test_an_incomplete_suite_is_refused(text: str, words: str, tmp_path: Path) -> None:
    path = tmp_path / "suite.yml"
    path.write_text(text)
    with pytest.raises(SuiteUnusable, match=words):
        read_suite(path)


def test_a_missing_suite_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SuiteUnusable, match=r"there is no suite .*absent\.yml"):
        read_suite(tmp_path / "absent.yml")


def test_a_rule_is_named_by_its_type_and_columns() -> None:
    between = {"type": "expect_column_values_to_be_between", "kwargs": {"column": "likes", "min_value": 0}}
    assert rule_name(between) == "values_to_be_between(likes)"
    pair = {"type": "expect_column_pair_values_to_be_equal", "kwargs": {"column_A": "a", "column_B": "b"}}
    assert rule_name(pair) == "pair_values_to_be_equal(a, b)"
    assert rule_name({"type": "expect_table_row_count_to_be_between", "kwargs": {}}) == "row_count_to_be_between"


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        ("QueryCanceled", True),
        ("DiskFull", True),
        ("OperationalError", True),
        ("TransactionTimeout", True),
        ("StatementTooComplex", False),
        ("UndefinedColumn", False),
        ("error in the expectation", False),
    ],
)
def test_of_errors_of_a_check_the_server_is_told_from_the_rule(error: str, expected: bool) -> None:
    assert is_of_server(error) is expected
