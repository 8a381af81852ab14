"""Runs under a real scheduler: the DAGs, Airflow's database, the sample server, the warehouse."""

import itertools
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import psutil
import psycopg
import pytest

from servers.mail_server import MailServer
from social_crm.local import processes, stack
from social_crm.local.airflow_api import AirflowApi, Run
from social_crm.local.connections import company_connections
from social_crm.local.environment import Demo, child_environment, open_demo
from social_crm.local.postgres import EmbeddedServer
from social_crm.sources import SOURCES

DAY = datetime(2026, 10, 29, tzinfo=UTC)
DEAD_TOKEN = "dead-canary-5f1e9c"  # not a real one: the sample server refuses it
EXTRACT, VALIDATE = "land.extract_and_load", "land.validate"


@dataclass
class Deployment:
    """A running Airflow and what it works on."""

    demo: Demo
    server: EmbeddedServer
    api: AirflowApi
    mail: MailServer

    def rows(self, database: str, query: str) -> list[tuple[Any, ...]]:
        """Return the rows of a query on one of the two databases."""
        with psycopg.connect(self.server.url(database)) as connection:
            return connection.execute(query).fetchall()  # type: ignore[call-overload,no-any-return]

    def run(self, dag_id: str, seconds: float = 240) -> tuple[Run, dict[tuple[str, str], dict[str, Any]]]:
        """Run one DAG for the day and return the run with its tasks by id and resource."""
        self.api.unpause(dag_id)
        self.api.trigger_day(dag_id, DAY)
        return self.wait(dag_id, seconds)

    def wait(self, dag_id: str, seconds: float = 240) -> tuple[Run, dict[tuple[str, str], dict[str, Any]]]:
        """Wait until the newest run of a DAG is over, and return it with its tasks."""
        processes.wait_until(f"{dag_id} ends", lambda: self._newest(dag_id).is_finished, seconds, pause=1)
        run = self._newest(dag_id)
        tasks = self.api.tasks(dag_id, run.run_id)
        return run, {(task["task_id"], task["rendered_map_index"] or ""): task for task in tasks}

    def _newest(self, dag_id: str) -> Run:
        return self.api.runs(dag_id)[0]


@pytest.fixture(scope="module")
def deployment() -> Iterator[Deployment]:
    # Not below pytest's own folder: as root, the server is another user, to whom that is closed.
    directory = tempfile.TemporaryDirectory(prefix="warehouse-tests-", ignore_cleanup_errors=True)
    demo = open_demo(Path(directory.name) / "demo")
    server = stack.start_postgres(demo)
    stack.prepare_warehouse(demo, server)
    variables = child_environment(demo, server)
    connections = company_connections(demo)
    # A wait of any length gives the worker's slot back; a token that was revoked.
    connections["x_api"]["extra"]["wait_in_place_seconds"] = 0
    connections["zendesk_api"]["password"] = DEAD_TOKEN
    mail = MailServer()
    connections["mail_smtp"] = {"conn_type": "smtp", "host": "127.0.0.1", "port": mail.port, "extra": mail.extra}
    variables |= {f"AIRFLOW_CONN_{name.upper()}": json.dumps(fields) for name, fields in connections.items()}
    # Once is enough: nobody edits a DAG here.
    variables["AIRFLOW__DAG_PROCESSOR__MIN_FILE_PROCESS_INTERVAL"] = "3600"
    try:
        stack.start_sample_server(demo, variables)
        with mail:
            yield Deployment(demo, server, stack.start_airflow(demo, variables, print), mail)
    finally:
        stack.stop(demo.root)
        directory.cleanup()


def test_what_landed_starts_a_transform_that_publishes_it_though_a_source_beside_it_is_dead(
    deployment: Deployment,
) -> None:
    for dag_id in ("transform", "ingest_zendesk"):
        deployment.api.unpause(dag_id)
    deployment.api.trigger_day("ingest_zendesk", DAY)
    run, tasks = deployment.run("ingest_phone")
    assert (run.state, run.day) == ("success", "2026-10-29")
    steps_of_both = itertools.product((EXTRACT, VALIDATE), ("calls", "transcripts"))
    assert {key: task["try_number"] for key, task in tasks.items()} == dict.fromkeys(steps_of_both, 1)

    processes.wait_until(
        "an event starts the transform",
        lambda: any(run.run_id.startswith("asset_triggered") for run in deployment.api.runs("transform")),
        60,
    )
    transform, steps = deployment.wait("transform", 400)
    assert transform.state == "success", [key for key, task in steps.items() if task["state"] == "failed"]
    landed = deployment.rows("warehouse", "select count(distinct _record_key) from raw_phone.calls")
    published = deployment.rows(
        "warehouse", "select count(distinct source_conversation_id) from bi.fct_interactions where source = 'phone'"
    )
    assert published == landed != [(0,)]
    freshness = "select source, last_status, last_error_kind, is_stale from bi.rpt_source_freshness group by 1, 2, 3, 4"
    assert sorted(deployment.rows("warehouse", freshness)) == [
        ("phone", "checked", None, False),
        ("zendesk", "failed", "credential_refused", True),
    ]


def test_a_transform_with_nothing_pending_skips_all_its_steps(deployment: Deployment) -> None:
    deployment.api.unpause("transform")
    before = deployment.rows("warehouse", "select count(*) from bi.publications")
    deployment.api.trigger("transform")
    run, steps = deployment.wait("transform")
    assert run.state == "success"
    assert {task["state"] for task in steps.values()} == {"skipped"}
    assert deployment.rows("warehouse", "select count(*) from bi.publications") == before


def test_a_rate_limit_waits_outside_a_worker_slot_and_goes_on_in_the_same_attempt(deployment: Deployment) -> None:
    limit = {"rate_limit_after_n": 2, "rate_limit_seconds": 8, "only": "/2/tweets"}
    httpx.post(f"{deployment.demo.sample_url}/_sample/faults", json=limit).raise_for_status()
    run, tasks = deployment.run("ingest_x")
    httpx.post(f"{deployment.demo.sample_url}/_sample/faults", json={}).raise_for_status()

    assert run.state == "success"
    assert {task["try_number"] for task in tasks.values()} == {1}
    waits = deployment.rows(
        "airflow",
        "select ti.task_id, r.reschedule_date - r.end_date from task_reschedule r"
        " join task_instance ti on ti.id = r.ti_id where ti.dag_id = 'ingest_x'",
    )
    assert waits
    assert {task_id for task_id, _ in waits} == {EXTRACT}
    attempts = deployment.rows(
        "warehouse",
        "select status, error_kind from raw.load_ledger where source = 'x' and resource = 'posts' order by attempt",
    )
    assert attempts[0] == ("interrupted", "rate_limited")
    assert attempts[-1] == ("checked", None)
    # The other resource did not wait for it.
    assert tasks[VALIDATE, "users"]["end_date"] < tasks[EXTRACT, "posts"]["end_date"]


def test_a_run_that_is_late_is_noted_by_a_worker_of_airflow(deployment: Deployment) -> None:
    limit = {"rate_limit_after_n": 0, "rate_limit_seconds": 25, "only": "/2/tweets"}
    httpx.post(f"{deployment.demo.sample_url}/_sample/faults", json=limit).raise_for_status()
    deployment.api.unpause("ingest_x")
    deployment.api.trigger_day("ingest_x", DAY + timedelta(days=1))
    # A transform of what an earlier test landed may run beside, under a deadline of its own.
    ours = "dag_run.id = deadline.dagrun_id and dag_run.dag_id = 'ingest_x' and not missed"
    deadlines = f"select deadline_time - queued_at from deadline, dag_run where {ours}"
    processes.wait_until("the run has a deadline", lambda: bool(deployment.rows("airflow", deadlines)), 60)
    assert deployment.rows("airflow", deadlines) == [(timedelta(hours=6),)]
    with psycopg.connect(deployment.server.url("airflow")) as airflow:
        airflow.execute(f"update deadline set deadline_time = now() from dag_run where {ours}".encode())
    noted = "select incident, dag_id, error_kind, failure_count from ops.run_failures where incident = 'late_run'"
    processes.wait_until("the worker has noted it", lambda: bool(deployment.rows("warehouse", noted)), 90)
    httpx.post(f"{deployment.demo.sample_url}/_sample/faults", json={}).raise_for_status()
    assert deployment.rows("warehouse", noted) == [("late_run", "ingest_x", "late", 1)]
    assert deployment.wait("ingest_x")[0].state == "success"


def test_a_dead_token_is_not_retried_and_says_what_to_do(deployment: Deployment) -> None:
    run, tasks = deployment.wait("ingest_zendesk")  # as the first test triggered it
    assert run.state == "failed"
    extracts = [task for (task_id, _), task in tasks.items() if task_id == EXTRACT]
    assert {(task["state"], task["try_number"]) for task in extracts} == {("failed", 1)}
    assert {task["state"] for (task_id, _), task in tasks.items() if task_id == VALIDATE} == {"upstream_failed"}

    logs = sorted((deployment.demo.log_dir / "tasks/dag_id=ingest_zendesk").rglob("attempt=1.log"))
    blocks = [
        json.loads(line)["event"] for log in logs for line in log.read_text().splitlines() if "TASK FAILED" in line
    ]
    assert len(blocks) == len(extracts)
    for fact in ("ingest_zendesk", "2026-10-29", "credential_refused", "renew the connection", "docs/runbooks/"):
        assert fact in blocks[0]


def kill_attempt(deployment: Deployment, number: int) -> None:
    """Kill the processes of both resources of X while they wait in the middle of an answer, as the kernel does."""
    running = (
        "select pid from task_instance where dag_id = 'ingest_x' and state = 'running' and pid is not null"
        f" and task_id = '{EXTRACT}' and try_number = {number}"
    )
    processes.wait_until("both resources run", lambda: len(deployment.rows("airflow", running)) == 2, 90)
    for (pid,) in deployment.rows("airflow", running):
        os.kill(pid, signal.SIGKILL)


def test_a_task_that_is_killed_at_its_last_try_is_told_of_once(deployment: Deployment) -> None:
    faults = f"{deployment.demo.sample_url}/_sample/faults"
    httpx.post(faults, json={"slow_body": 50}).raise_for_status()
    deployment.api.unpause("ingest_x")
    deployment.api.trigger_day("ingest_x", DAY + timedelta(days=2))
    kill_attempt(deployment, 1)
    waiting = "select 1 from task_instance where dag_id = 'ingest_x' and state = 'up_for_retry'"
    processes.wait_until("both are to be tried again", lambda: len(deployment.rows("airflow", waiting)) == 2, 60)
    assert deployment.mail.subjects_of("ingest_x") == []
    with psycopg.connect(deployment.server.url("airflow")) as airflow:
        airflow.execute(
            "update task_instance set max_tries = 1, end_date = end_date - interval '1 hour'"
            " where dag_id = 'ingest_x' and state = 'up_for_retry'"
        )
    kill_attempt(deployment, 2)
    httpx.post(faults, json={}).raise_for_status()
    assert deployment.wait("ingest_x")[0].state == "failed"
    processes.wait_until("somebody is told", lambda: bool(deployment.mail.subjects_of("ingest_x")), 60)
    assert deployment.mail.subjects_of("ingest_x") == [f"Failed task: ingest_x {EXTRACT}, killed"]
    # What could tell itself was told of by nobody else.
    assert deployment.mail.subjects_of("ingest_zendesk") == [
        f"Failed task: ingest_zendesk {EXTRACT}, credential_refused"
    ]


def test_a_run_that_failed_is_done_again_once_it_is_cleared(deployment: Deployment) -> None:
    failed, _ = deployment.wait("ingest_zendesk")
    deployment.api.clear("ingest_zendesk", failed.run_id)
    again, tasks = deployment.wait("ingest_zendesk")
    assert (again.run_id, again.state) == (failed.run_id, "failed")  # the token is as dead as before
    assert {task["try_number"] for (task_id, _), task in tasks.items() if task_id == EXTRACT} == {2}


def test_no_secret_shows_in_logs_xcom_or_rendered_fields(deployment: Deployment) -> None:
    time.sleep(2)  # the last lines of the runs before
    secrets = {value for name, value in deployment.demo.values.items() if not name.endswith("_PORT")}
    secrets |= {deployment.server.password, DEAD_TOKEN}
    texts = {str(path): path.read_text(errors="replace") for path in deployment.demo.log_dir.rglob("*.log")}
    assert any("ingest_zendesk" in name for name in texts)
    for table in ("xcom", "rendered_task_instance_fields", "serialized_dag", "log", "dag_run", "task_instance"):
        texts[table] = "\n".join(str(row) for row in deployment.rows("airflow", f"select to_jsonb(t) from {table} t"))
    assert "land.validate" in texts["rendered_task_instance_fields"]
    assert [(name, secret[:4]) for name, text in texts.items() for secret in secrets if secret in text] == []


def test_nothing_but_numbers_is_passed_between_tasks(deployment: Deployment) -> None:
    values = deployment.rows("airflow", "select value from xcom where key = 'return_value'")
    assert values
    assert {type(value) for (value,) in values} == {int}


def test_data_docs_are_for_those_who_are_signed_in(deployment: Deployment) -> None:
    page = f"{deployment.demo.airflow_url}/data-docs/index.html"
    assert httpx.get(page).status_code == 401
    token = deployment.api._client.headers["Authorization"]
    found = httpx.get(page, headers={"Authorization": token})
    assert found.status_code == 200
    assert "Data Docs" in found.text
    escape = httpx.get(f"{deployment.demo.airflow_url}/data-docs/..%2Fdemo.env", headers={"Authorization": token})
    assert escape.status_code == 404


def test_the_doctor_finds_what_is_in_airflows_own_store(deployment: Deployment) -> None:
    fields = {"connection_id": "facebook_api", "conn_type": "http", "host": "http://127.0.0.1:9", "password": "stored"}
    deployment.api._client.post("/api/v2/connections", json=fields).raise_for_status()
    variables = child_environment(deployment.demo, deployment.server)
    environment = {name: value for name, value in variables.items() if not name.startswith("AIRFLOW_CONN_")}
    doctor = [sys.executable, "-m", "social_crm.orchestration.doctor"]
    said = subprocess.run(doctor, env=environment, capture_output=True, text=True, check=False).stdout
    # Nothing listens there.
    assert [line.split()[1] for line in said.splitlines() if line.startswith("FAILED")] == ["facebook"]
    assert said.count("not configured") == len(SOURCES) - 1


def test_nothing_listens_beyond_this_machine(deployment: Deployment) -> None:
    leaders = [psutil.Process(int(file.read_text().split()[0])) for file in deployment.demo.run_dir.glob("*.pid")]
    ours = {process.pid for leader in leaders for process in (leader, *leader.children(recursive=True))}
    listening = [each for each in psutil.net_connections("inet") if each.pid in ours and each.status == "LISTEN"]
    assert len(listening) >= 2
    assert {each.laddr.ip for each in listening} == {"127.0.0.1"}


def test_stopping_leaves_no_process_behind(deployment: Deployment) -> None:
    stack.stop(deployment.demo.root)
    assert not list(deployment.demo.run_dir.glob("*.pid"))
    with pytest.raises(httpx.TransportError):
        httpx.get(f"{deployment.demo.airflow_url}/api/v2/version")
    with pytest.raises(psycopg.OperationalError):
        psycopg.connect(deployment.server.url("warehouse"))
