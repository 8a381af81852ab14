"""What Airflow does about each error, and what it says."""

import logging
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import psycopg
import pytest
from airflow.sdk.exceptions import AirflowFailException, AirflowRescheduleException, AirflowSkipException

from social_crm import errors
from social_crm.activation.model import RunFailure
from social_crm.enrichment.classification.model import ModelRefused
from social_crm.enrichment.classification.rules import RulesRefused
from social_crm.orchestration import failures
from social_crm.orchestration.failures import airflow_outcomes, report_failed_run, report_failure
from social_crm.seeds import SeedRefused
from social_crm.settings import SettingMissing
from social_crm.sources.web.answers import RequestRefused
from social_crm.transform.dbt_runner import RowsRefused

# Whatever is done again gets the same answer: a person must act first.
HOPELESS = [
    *(errors.ConnectionUnusable, errors.ContractBroken, errors.CredentialRefused, errors.ErasureUnenforceable),
    *(
        errors.FileRefused,
        errors.FrontDoorRefused,
        errors.GateRefused,
        errors.MatchingForbidden,
        errors.PolicyUnenforceable,
    ),
    *(errors.PseudonymKeyChanged, errors.PublicationDamaged, errors.PublicationRefused, errors.RetentionOverdue),
    errors.SuiteUnusable,
    *(errors.TransformRefused, errors.WindowMissing, errors.WindowRefused, errors.WindowUnavailable, RequestRefused),
    *(ModelRefused, RowsRefused, RulesRefused, SeedRefused, SettingMissing),
]
LATER = datetime(2026, 11, 1, 12, 0, tzinfo=UTC)
EXAMPLES = {
    errors.RateLimited: errors.RateLimited("x.posts: wait", LATER),
    RequestRefused: RequestRefused("x.posts: refused", 400, {}),
    errors.WindowUnavailable: errors.WindowUnavailable("x.posts: gone", LATER, LATER),
}


def every_error() -> list[type[errors.WarehouseError]]:
    found, waiting = [], [errors.WarehouseError]
    while waiting:
        subclasses = waiting.pop().__subclasses__()
        found += subclasses
        waiting += subclasses
    return [error for error in found if error.__module__.startswith("social_crm.")]


def raised(error: BaseException) -> BaseException:
    with pytest.raises(BaseException) as caught, airflow_outcomes():  # noqa: PT011
        raise error
    return caught.value


def test_a_rate_limit_is_rescheduled_for_the_moment_the_source_named() -> None:
    outcome = raised(EXAMPLES[errors.RateLimited])
    assert isinstance(outcome, AirflowRescheduleException)
    assert outcome.reschedule_date == LATER


@pytest.mark.parametrize("kind", HOPELESS, ids=lambda kind: kind.__name__)
def test_what_a_retry_cannot_mend_fails_at_once_with_our_message(kind: type[errors.WarehouseError]) -> None:
    error = EXAMPLES.get(kind) or kind("zendesk.tickets: no")
    assert error.is_hopeless
    outcome = raised(error)
    assert isinstance(outcome, AirflowFailException)
    assert str(outcome) == str(error)
    assert outcome.__cause__ is error


@pytest.mark.parametrize(
    "error",
    [
        errors.SourceUnavailable("x: down"),
        errors.LoadInProgress("x: busy"),
        # The next try restarts the window.
        errors.CursorRejected("x: cursor unknown"),
    ],
)
def test_everything_else_is_left_to_airflows_retries(error: Exception) -> None:
    assert raised(error) is error


def test_an_unexpected_error_is_logged_by_its_place_and_not_its_text(caplog: pytest.LogCaptureFixture) -> None:
    outcome = raised(ValueError("invalid literal for int() with base 10: 'erika@example.com'"))
    assert isinstance(outcome, errors.Unexpected)
    assert str(outcome).startswith("ValueError in test_failures.py, line ")
    assert outcome.__suppress_context__
    assert not outcome.is_hopeless
    assert "raise error" in caplog.text
    assert "erika" not in f"{outcome}{caplog.text}"
    assert str(raised(OSError(28, "No space left on device", "/erika"))).startswith(
        "OSError (No space left on device) in"
    )


def test_what_airflow_itself_raises_stays_as_it_is() -> None:
    skipped = AirflowSkipException("nothing to do")
    assert raised(skipped) is skipped


def test_a_bare_error_of_postgres_becomes_ours_without_its_text() -> None:
    outcome = raised(psycopg.errors.UniqueViolation("Key (email)=(erika@example.com) already exists."))
    assert isinstance(outcome, errors.WarehouseFailed)
    assert "UniqueViolation (SQLSTATE 23505)" in str(outcome)
    assert "erika" not in str(outcome)
    assert outcome.__suppress_context__


@pytest.mark.parametrize("wrap", [False, True], ids=["bare", "as a cause"])
def test_the_text_of_an_unexpected_error_is_not_repeated(wrap: bool, caplog: pytest.LogCaptureFixture) -> None:
    error: Exception = KeyError("erika@example.com")
    if wrap:
        failure = RuntimeError("erika@example.com")
        failure.__cause__ = error
        error = failure
    ti = SimpleNamespace(dag_id="ingest_crm", task_id="validate", map_index=-1, try_number=1, run_id="r")
    with caplog.at_level(logging.ERROR):
        report_failure({"ti": ti, "exception": error})
    assert "KeyError" in caplog.records[-1].getMessage()
    assert "erika" not in caplog.records[-1].getMessage()


def test_every_error_of_ours_has_a_next_step_or_comes_back_by_itself() -> None:
    # No task runs these commands; other tests import them.
    names = ("dashboards", "holidays", "identities", "labels", "privacy.erasure", "privacy.logins")
    commands = tuple(f"social_crm.{name}" for name in names)
    kinds = {error.kind for error in every_error() if not error.__module__.startswith(commands)}
    assert len(kinds) > 10
    unsaid = errors.WarehouseError.next_step
    assert {error.kind for error in every_error() if error.kind in kinds and error.next_step == unsaid} == {
        "rate_limited"
    }
    assert {error for error in every_error() if error.is_hopeless} == set(HOPELESS)


def test_the_failure_block_names_everything_an_engineer_needs(caplog: pytest.LogCaptureFixture) -> None:
    cause = errors.CredentialRefused("zendesk.tickets: the token is dead")
    failure = AirflowFailException(str(cause))
    failure.__cause__ = cause
    ti = SimpleNamespace(
        dag_id="ingest_zendesk", task_id="land.extract_and_load", map_index=2, try_number=1, run_id="r"
    )
    with caplog.at_level(logging.ERROR):
        report_failure({"ti": ti, "exception": failure, "data_interval_start": LATER, "data_interval_end": LATER})
    block = caplog.records[-1].getMessage()
    for fact in (
        "ingest_zendesk",
        "land.extract_and_load[2] (attempt 1)",
        "2026-11-01 12:00",
        "credential_refused",
        "the token is dead",
        "renew the connection",
        "docs/runbooks/replay-a-failed-load.md",
    ):
        assert fact in block


def test_a_task_that_was_killed_is_reported_too(caplog: pytest.LogCaptureFixture) -> None:
    ti = SimpleNamespace(dag_id="transform", task_id="build", map_index=-1, try_number=2, run_id="r")
    with caplog.at_level(logging.ERROR):
        report_failure({"ti": ti})
    assert "ended without an error of its own" in caplog.records[-1].getMessage()
    assert "docs/runbooks/transform-failed.md" in caplog.records[-1].getMessage()


class EndedRun:
    """A task of a run that failed, as Airflow hands it to the run's callback."""

    def __init__(self, states: dict[str, list[str]], told: dict[str, int]) -> None:
        """Take the states of each task's instances, and how many of these told of themselves."""
        self.states, self.told = states, told

    def get_task_states(self, dag_id: str, task_ids: list[str], run_ids: list[str]) -> dict[str, Any]:
        return {run_ids[0]: {f"{task_ids[0]}_{n}": state for n, state in enumerate(self.states[task_ids[0]])}}

    def xcom_pull(self, task_ids: list[str], run_id: str, key: str) -> list[int | None]:
        return [1] * self.told.get(task_ids[0], 0) or [None]


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch) -> list[RunFailure]:
    """Return what people are told."""
    told: list[RunFailure] = []
    monkeypatch.setattr(failures, "_is_noted", lambda failure: told.append(failure) is None)
    monkeypatch.setattr(failures, "tell_at_once", lambda: None)
    return told


def end_run(reason: str, ti: EndedRun | None) -> None:
    dag = SimpleNamespace(dag_id="ingest_x", task_ids=list(ti.states if ti else ()), dagrun_timeout=timedelta(hours=20))
    report_failed_run({"dag": dag, "run_id": "r", "reason": reason, "ti": ti})


def test_a_failed_run_tells_of_the_tasks_that_could_not(told: list[RunFailure]) -> None:
    states = {
        "load": ["failed", "success", "failed"],
        "check": ["upstream_failed", "failed", "skipped"],
        "both": ["failed", "failed"],
    }
    end_run("task_failure", EndedRun(states, told={"load": 1, "check": 1}))
    assert [(failure.incident, failure.task_id, failure.error_kind) for failure in told] == [
        ("failed_task", "load", "killed"),
        ("failed_task", "both", "killed"),
    ]
    assert told[0].next_step.startswith("look whether its worker had memory")


@pytest.mark.parametrize("ti", [None, EndedRun({"load": ["skipped", "failed"]}, told={"load": 1})])
def test_a_run_that_airflow_ended_for_its_length_is_told(ti: EndedRun | None, told: list[RunFailure]) -> None:
    end_run("timed_out", ti)
    [failure] = told
    assert (failure.incident, failure.task_id, failure.error_kind) == ("late_run", None, "timed_out")
    assert "over 20 hours" in failure.message


@pytest.mark.parametrize(
    ("is_noted", "order"), [(True, ["mark told=1", "tell"]), (False, ["tell without it", "mark told=1"])]
)
def test_a_task_leaves_its_mark_once_its_failure_is_written_down_or_else_at_the_end(
    is_noted: bool, order: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    done: list[str] = []
    monkeypatch.setattr(failures, "_is_noted", lambda _: is_noted)
    # Airflow ends a process that tells for more than 20 seconds: the run's callback would call it killed.
    monkeypatch.setattr(failures, "tell_at_once", lambda: done.append("tell"))
    monkeypatch.setattr(failures, "tell_without_the_warehouse", lambda _: done.append("tell without it"))
    ti = SimpleNamespace(dag_id="transform", task_id="build", map_index=-1, try_number=2, run_id="r")
    ti.xcom_push = lambda key, value: done.append(f"mark {key}={value}")
    report_failure({"ti": ti, "exception": KeyError("x")})
    assert done == order


def test_a_failure_is_told_where_no_mark_may_be_left(told: list[RunFailure]) -> None:
    ti = SimpleNamespace(dag_id="transform", task_id="build", map_index=-1, try_number=2, run_id="r")
    report_failure({"ti": ti, "exception": KeyError("x")})
    report_failure({"ti": ti})
    assert [failure.error_kind for failure in told] == ["KeyError", "killed"]
