"""Suites of expectations: hand-written YAML, run by Great Expectations on exactly the rows asked for."""

import logging
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import psycopg
import yaml

from social_crm.errors import SuiteUnusable, WarehouseFailed
from social_crm.quality.file_messages import columns_of, example, expected_by

if TYPE_CHECKING:
    from great_expectations.core import ExpectationSuiteValidationResult
    from great_expectations.datasource.fluent.interfaces import Batch

SAMPLE_KEYS = 1_000
# Shares of so few rows say nothing: if a day brings one mail, either none or all of its mails lack a text.
FEW_ROWS = 2
_SEVERITIES = ("critical", "warning")
# What a result may show in Data Docs: counts, never a value of a row.
_SHOWN = ("element_count", "unexpected_count", "unexpected_percent", "missing_count", "missing_percent")
# What of an expectation is for our own messages and unknown to Great Expectations.
_OURS = ("expected", "quoted")
_POSTGRES_ERROR = re.compile(r"psycopg\.(?:errors\.)?([A-Z]\w+)")


@dataclass(frozen=True)
class Suite:
    """One YAML file of expectations."""

    name: str
    key: str  # the column that names a row in messages
    expectations: tuple[Mapping[str, Any], ...]
    columns: Mapping[str, str]  # name → SQL over a raw row, for tables whose content is in `payload`
    rows: str  # the SQL of the rows to check; "" if the caller gives it
    origin: tuple[str, ...] = ()  # columns with a dropped row's file and line, NULL if no file brought it
    meant: Mapping[str, Sequence[str]] = field(default_factory=dict)  # landing's column → what it is read from
    told_as: Callable[[str], Mapping[str, str]] = lambda file: {}  # our column → what a dropped file has for it


@dataclass(frozen=True)
class RuleResult:
    """What one expectation found."""

    table: str
    rule: str
    severity: str
    is_success: bool
    checked_count: int
    failed_count: int
    sample_keys: tuple[str, ...]
    reason: str
    expected: str = ""  # of dropped files: which columns should hold what

    @property
    def is_blocking(self) -> bool:
        """Tell whether this result keeps rows out."""
        return not self.is_success and self.severity == "critical"

    def __str__(self) -> str:
        """Name table, rule, count and three rows, by key or by file and line; never anybody's words."""
        keys = f", e.g. {', '.join(self.sample_keys[:3])}" if self.sample_keys else ""
        told = f"{keys} ({self.expected})" if self.expected else keys
        counts = f"{self.failed_count} of {self.checked_count} rows fail{told}" if self.failed_count else self.reason
        return f"{self.table}: {self.rule}: {counts}"


def read_suite(path: Path) -> Suite:
    """Return the suite in a YAML file; raises SuiteUnusable unless each expectation is complete."""
    if not path.is_file():
        raise SuiteUnusable(f"there is no suite {path}: write it (expectations/README.md)")
    content = yaml.safe_load(path.read_text()) or {}
    expectations = content.get("expectations") or []
    if not expectations:
        raise SuiteUnusable(f"{path} has no expectations: an empty suite would pass anything")
    for expectation in expectations:
        absent = [name for name in ("type", "kwargs", "severity", "notes") if not expectation.get(name)]
        if absent or expectation["severity"] not in _SEVERITIES:
            raise SuiteUnusable(f"{path}: {expectation.get('type')} needs {absent or 'severity critical or warning'}")
    if absent := [name for name in ("suite", "key") if not content.get(name)]:
        raise SuiteUnusable(f"{path} does not say its {' and '.join(absent)}")
    return Suite(
        name=content["suite"],
        key=content["key"],
        expectations=tuple(expectations),
        columns=content.get("columns", {}),
        rows=content.get("rows", ""),
    )


def rule_name(expectation: Mapping[str, Any]) -> str:
    """Return an expectation's name in messages and results: its type and columns, without words all types share."""
    kwargs = expectation["kwargs"]
    columns = [kwargs[name] for name in ("column", "column_A", "column_B") if name in kwargs]
    columns += kwargs.get("column_list", [])
    short = expectation["type"].removeprefix("expect_").removeprefix("column_").removeprefix("table_")
    return f"{short}({', '.join(columns)})" if columns else short


class Examination:
    """One suite on one set of rows: a quick pass that only says yes or no, then details of the failures."""

    def __init__(self, suite: Suite, batch: "Batch", row_count: int) -> None:
        """Number the expectations, so that their results can be found again."""
        self._suite, self._batch, self._row_count = suite, batch, row_count
        self._numbered = [
            {name: said for name, said in expectation.items() if name not in _OURS} | {"meta": {"number": number}}
            for number, expectation in enumerate(suite.expectations)
        ]

    def run(self) -> tuple[list[RuleResult], "ExpectationSuiteValidationResult"]:
        """Return each result in the suite's order, and all for Data Docs; raises SuiteUnusable if one was refused."""
        validation = self._validate(self._numbered, "BOOLEAN_ONLY")
        failed = [_number(result) for result in validation.results if not result.success]
        details = self._details(failed) if failed else {}
        found: dict[int, RuleResult] = {}
        for result in validation.results:
            number = _number(result)
            detail = details.get(number)
            found[number] = self._rule_result(number, bool(result.success), detail)
            _keep_counts_only(result, detail)
        validation.meta.pop("batch_markers", None)  # type: ignore[misc]  # when the batch was read: noise in a page
        return [found[number] for number in sorted(found)], validation

    def _validate(self, expectations: list[dict[str, Any]], form: Any) -> "ExpectationSuiteValidationResult":
        import great_expectations as gx

        suite = gx.ExpectationSuite(name=self._suite.name, expectations=expectations)
        # The library only logs an expectation that it cannot read, and continues without it.
        if len(suite.expectations) != len(expectations):
            wrong = [one for one in expectations if not gx.ExpectationSuite("one", expectations=[one]).expectations]
            names = ", ".join(rule_name(one) for one in wrong)
            raise SuiteUnusable(f"{self._suite.name}: Great Expectations does not take {names}: check type and kwargs")
        validation = self._batch.validate(suite, result_format=form)
        # If the server ended a session or ran out of space, that says nothing about the rows or the rule.
        for result in validation.results:
            if is_of_server(error := _error_of(result)):
                rule = rule_name(self._suite.expectations[_number(result)])
                cause = f"the warehouse failed with {error} at {rule}"
                raise WarehouseFailed(f"{self._suite.name}: {not_checked(cause)}")
        return validation

    def _details(self, failed: list[int]) -> dict[int, Any]:
        form = {
            "result_format": "SUMMARY",
            "unexpected_index_column_names": [self._suite.key, *self._suite.origin],
            "partial_unexpected_count": SAMPLE_KEYS,
            "include_unexpected_rows": False,
        }
        validation = self._validate([self._numbered[number] for number in failed], form)
        return {_number(result): result for result in validation.results}

    def _rule_result(self, number: int, is_success: bool, detail: Any) -> RuleResult:
        expectation = self._suite.expectations[number]
        outcome = detail.result if detail else {}
        error = _error_of(detail) if detail else ""
        rows = outcome.get("partial_unexpected_index_list") or []
        is_dropped = any(row.get("_file") for row in rows)
        columns = columns_of(expectation, self._suite.columns, self._suite.meant) if is_dropped else []
        keys = (self._example(row, expectation, columns) if is_dropped else str(row[self._suite.key]) for row in rows)
        return RuleResult(
            table=self._suite.name,
            rule=rule_name(expectation),
            severity=_severity(expectation, outcome.get("unexpected_count", 0), error),
            is_success=is_success,
            checked_count=self._row_count,
            failed_count=outcome.get("unexpected_count", 0),
            sample_keys=tuple(dict.fromkeys(keys)),
            reason=f"cannot be evaluated ({error})" if error else " ".join(expectation["notes"].split()),
            expected=f"{', '.join(columns)}: {expected_by(expectation)}" if is_dropped else "",
        )

    def _example(self, row: Mapping[str, Any], expectation: Mapping[str, Any], columns: Sequence[str]) -> str:
        told_as = self._suite.told_as(row["_file"])
        return example(row, expectation, [told_as[column] for column in columns if column in told_as])


def _severity(expectation: Mapping[str, Any], failed_count: int, error: str) -> str:
    if error:
        return "critical"  # a rule that cannot be evaluated says nothing about the rows, so they do not pass
    is_share = "mostly" in expectation["kwargs"]
    return "warning" if is_share and 0 < failed_count <= FEW_ROWS else str(expectation["severity"])


def _number(result: Any) -> int:
    """Return which expectation of the suite a result belongs to: Great Expectations returns them in its own order."""
    return int(result.expectation_config.meta["number"])


def _error_of(result: Any) -> str:
    """Name the error with which an expectation ended, or ""; its text may quote a row."""
    info = result.exception_info or {}
    if not info or info.get("raised_exception") is False:
        return ""
    found = _POSTGRES_ERROR.search(str(info))
    return found[1] if found else "error in the expectation"


def is_of_server(name: str) -> bool:
    """Tell by a psycopg error's name whether the server or its machine ran short of something, or ended the session."""
    error = getattr(psycopg.errors, name, None) or getattr(psycopg, name, None)
    if not isinstance(error, type) or not issubclass(error, psycopg.Error):
        return False
    # A query beyond Postgres' limits (class 54) fails every time; limits on transactions are not operational errors.
    is_limit = error in (psycopg.errors.TransactionTimeout, psycopg.errors.IdleInTransactionSessionTimeout)
    return is_limit or (issubclass(error, psycopg.OperationalError) and not (error.sqlstate or "").startswith("54"))


def not_checked(cause: str) -> str:
    """Return the words for a check that the server did not complete."""
    return (
        f"nothing was checked: {cause}. No rule need be at fault: clear this task once the server answers and has room"
    )


def _keep_counts_only(result: Any, detail: Any) -> None:
    """Keep in a result for Data Docs only what is safe to show: counts, and the name of an error."""
    if detail is not None:
        result.result = {name: detail.result[name] for name in _SHOWN if name in detail.result}
    if error := _error_of(result):
        result.exception_info = {"raised_exception": True, "exception_message": error, "exception_traceback": ""}


def quiet() -> None:
    """Keep Great Expectations' log out of ours: it is long, and an SQL error in it may quote a row."""
    logging.getLogger("great_expectations").setLevel(logging.CRITICAL)
