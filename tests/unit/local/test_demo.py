"""What a demo that was interrupted starts again, and what it leaves to Airflow."""

import json
from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
import pytest

from social_crm.local import demo, environment, postgres, stack
from social_crm.local.airflow_api import AirflowApi, Run
from social_crm.local.environment import child_environment, open_demo
from social_crm.local.processes import ProcessStopped
from social_crm.local.progress import Progress
from social_crm.sources import SOURCES


class Unpaused(Exception):
    """Raised where a story begins to land something."""


class FakeAirflow(AirflowApi):
    """Airflow with these runs; it notes what it is asked for."""

    def __init__(self, runs: list[Run]) -> None:
        self.there, self.asked = runs, list[tuple[Any, ...]]()

    def runs(self, dag_id: str = "~", **filters: str) -> list[Run]:
        states = filters.values() or {run.state for run in self.there}
        return [run for run in self.there if dag_id in ("~", run.dag_id) and run.state in states]

    def clear(self, dag_id: str, run_id: str) -> None:
        self.asked.append(("clear", run_id))

    def trigger(self, dag_id: str) -> str:
        self.asked.append(("trigger", dag_id))
        return "new"

    def unpause(self, dag_id: str) -> None:
        raise Unpaused

    def is_backfilling(self) -> bool:
        return False

    def backfill(self, dag_id: str, first: Any, last: Any, runs_at_once: int) -> None:
        self.asked.append(("backfill", f"{first:%F}", f"{last:%F}"))

    def trigger_day(self, dag_id: str, day: Any, since: Any = None) -> None:
        self.asked.append(("trigger", f"{day:%F}"))


def runs(*states: str) -> list[Run]:
    return [Run("ingest_x", str(day), state, f"{day:%F}") for day, state in zip(demo.DAYS, states, strict=False)]


@pytest.mark.parametrize(
    ("states", "asked"),
    [
        ([], [("backfill", "2026-10-26", "2026-11-01")]),
        (["success"] * 6 + ["running"], []),
        (["success", *["queued"] * 6], []),
        (["success"] * 6, [("trigger", "2026-11-01")]),
        (["success"] * 7, []),
    ],
    ids=["nothing", "the last under way", "six under way", "one was never made", "all"],
)
def test_only_runs_that_there_are_not_are_asked_for(
    states: list[str], asked: list[tuple[str, ...]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    api = FakeAirflow(runs(*states))

    def until(_demo: object, _condition: str, is_true: Callable[[], bool], *_: float) -> None:
        api.there = runs(*["success"] * 7)
        assert is_true()

    monkeypatch.setattr(httpx, "post", lambda *_, **__: httpx.Response(200, request=httpx.Request("POST", "http://x")))
    monkeypatch.setattr(stack, "wait_until", until)
    demo._land(open_demo(tmp_path), api, ["x"], demo.DAYS[:7], "the first week", Progress())
    assert api.asked == asked


def test_what_failed_in_an_earlier_demo_is_done_again(tmp_path: Path) -> None:
    # The newest come first.
    told = ["transform failed", "activate success", "activate failed", "ingest_x failed", "ingest_x success"]
    runs = [
        Run(dag_id, f"{dag_id} {number}", state, "")
        for number, line in enumerate(told)
        for dag_id, state in [line.split()]
    ]
    api = FakeAirflow(runs)
    opened, server = open_demo(tmp_path), postgres.EmbeddedServer(tmp_path, 1, "secret")
    with pytest.raises(Unpaused):
        demo._tell_the_story(opened, server, api, Progress())
    assert api.asked == [("trigger", "transform"), ("clear", "ingest_x 3")]


@pytest.mark.parametrize(
    ("states", "is_refused"), [(["running", "failed"], False), (["failed", "success"], True), (["success"], False)]
)
def test_a_transform_that_failed_is_forgiven_once_there_is_a_newer_one(states: list[str], is_refused: bool) -> None:
    api = FakeAirflow([])
    api.tasks = lambda *_, **__: [{"task_id": "stage"}]  # type: ignore[method-assign]
    runs = [Run("transform", str(number), state, "") for number, state in enumerate(states)]
    with pytest.raises(demo.DemoFailed, match="runs it again") if is_refused else nullcontext():
        demo._refuse_failures(api, runs)


def test_a_source_that_the_shell_names_is_read_instead_and_nothing_is_sent_elsewhere(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    server = postgres.EmbeddedServer(tmp_path, 1, "secret")
    for name in ("X", "PHONE", "HELPDESK", "CRM_NOTES"):
        monkeypatch.setenv(f"AIRFLOW_CONN_{name}_API", "")
    usual = child_environment(open_demo(tmp_path), server)
    for name in ("PHONE_API", "HELPDESK_API", "CRM_NOTES_API", "MAIL_SMTP", "HELPDESK_REQUEST_TRACKER_API"):
        monkeypatch.setenv(f"AIRFLOW_CONN_{name}", "mine")
    told = child_environment(open_demo(tmp_path), server)
    assert json.loads(told["AIRFLOW_CONN_X_API"])["host"].startswith("http://127.0.0.1:")
    assert told == {**usual, "AIRFLOW_CONN_PHONE_API": "mine"}


def test_a_source_that_the_bundled_company_has_not_is_read_as_the_shell_names_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    server = postgres.EmbeddedServer(tmp_path, 1, "secret")
    opened = open_demo(tmp_path)
    monkeypatch.setenv("AIRFLOW_CONN_KIOSKS_API", "mine")
    assert "AIRFLOW_CONN_KIOSKS_API" not in child_environment(opened, server)
    monkeypatch.setattr(environment, "SOURCES", [replace(SOURCES[0], name="kiosks")])
    assert child_environment(opened, server)["AIRFLOW_CONN_KIOSKS_API"] == "mine"


@pytest.mark.parametrize("crashes", [0, 2, 3])
def test_what_crashes_is_started_again_twice(
    crashes: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    begun = []

    def run_through(*_: object) -> None:
        begun.append(1)
        if len(begun) <= crashes:
            raise ProcessStopped("api-server", tmp_path / "api-server.log")

    monkeypatch.setattr(demo, "demo_root", lambda: tmp_path)
    for name in ("settle_ports", "start_postgres", "prepare_warehouse"):
        monkeypatch.setattr(stack, name, lambda *given: given[0])
    monkeypatch.setattr(demo, "show_summary", lambda *_: print("summary"))
    monkeypatch.setattr(demo, "_run_through", run_through)
    if crashes > demo.MOST_RESTARTS:
        with pytest.raises(ProcessStopped, match="`make demo` again continues"):
            demo.up()
    else:
        demo.up()
    said = capsys.readouterr().out
    assert said.count("api-server has stopped") == min(crashes, 2)
    assert ("summary" in said) is (crashes <= 2)
    assert len(begun) == min(crashes, 2) + 1


def test_what_gave_no_answer_is_named_with_what_to_do(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def asked_in_vain(arguments: object) -> int:
        raise httpx.ReadTimeout("timed out", request=httpx.Request("GET", "http://127.0.0.1:1/api/v2/dags"))

    monkeypatch.setattr(demo, "_run", asked_in_vain)
    monkeypatch.setattr("sys.argv", ["demo", "up"])
    assert demo.main() == 1
    told = capsys.readouterr().err
    assert told == "\nhttp://127.0.0.1:1/api/v2/dags gave no answer, `make demo` again continues: timed out\n"
