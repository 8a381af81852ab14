"""The demo speaks to the processes that it started, on ports that they got, and says which of them stopped."""

import http.server
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from threading import Thread

import httpx
import pytest

from social_crm.local import processes, stack
from social_crm.local.environment import PORTS, Demo, open_demo

SLEEPING = "import time; time.sleep(600)"
SERVING = "import http.server as s, sys; s.HTTPServer((sys.argv[1], int(sys.argv[2])), s.SimpleHTTPRequestHandler).serve_forever()"  # noqa: E501
AGAIN = "`make demo` again continues"


@pytest.fixture
def demo(tmp_path: Path) -> Iterator[Demo]:
    """Return a demo of which nothing runs yet."""
    demo = open_demo(tmp_path)
    yield demo
    processes.stop_all(demo.run_dir)


@pytest.fixture
def others_port() -> Iterator[int]:
    """Return a port on which somebody else answers, who was there first."""
    with http.server.HTTPServer(("127.0.0.1", 0), http.server.SimpleHTTPRequestHandler) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        yield server.server_port
        server.shutdown()


def start(demo: Demo, name: str, program: str, port: int = 0) -> None:
    command = [sys.executable, "-c", program, "127.0.0.1", str(port)]
    processes.start(demo.run_dir, name, command, {}, demo.log_dir / f"{name}.log")


def wait_for(demo: Demo, name: str, port: int, seconds: float = 20) -> None:
    log = demo.log_dir / f"{name}.log"
    processes.wait_until_it_serves(demo.run_dir, name, f"http://127.0.0.1:{port}/", seconds, log)


def start_all(demo: Demo, absent: str = "") -> None:
    for name in ("sample-api", *stack.COMPONENTS):
        start(demo, name, "" if name == absent else SLEEPING)
    if absent:
        processes.wait_until(f"{absent} ends", lambda: not processes.is_running(demo.run_dir, absent), 10)


def test_ours_is_waited_for_until_it_answers(demo: Demo) -> None:
    port = processes.free_port()
    start(demo, "api-server", SERVING, port)
    wait_for(demo, "api-server", port)
    assert processes.answers(f"http://127.0.0.1:{port}/")


def test_whoever_else_answers_in_place_of_ours_is_not_taken_for_it(demo: Demo, others_port: int) -> None:
    start(demo, "api-server", SLEEPING)
    with pytest.raises(TimeoutError):
        wait_for(demo, "api-server", others_port, seconds=1)


def test_what_ended_for_a_taken_port_is_named_with_its_log(demo: Demo, others_port: int) -> None:
    start(demo, "api-server", SERVING, others_port)
    with pytest.raises(processes.ProcessStopped, match=AGAIN) as stopped:
        wait_for(demo, "api-server", others_port)
    assert "api-server has stopped" in str(stopped.value)
    assert str(demo.log_dir / "api-server.log") in str(stopped.value)


def test_ports_are_kept_while_they_are_free_or_ours(demo: Demo) -> None:
    assert stack.settle_ports(demo).values == demo.values
    start(demo, "api-server", SERVING, int(demo.values["AIRFLOW_PORT"]))
    wait_for(demo, "api-server", int(demo.values["AIRFLOW_PORT"]))
    assert stack.settle_ports(demo).values == demo.values
    assert processes.is_running(demo.run_dir, "api-server")


@pytest.mark.parametrize("name", PORTS)
def test_a_port_that_somebody_else_holds_is_given_up_for_good(demo: Demo, others_port: int, name: str) -> None:
    start(demo, "scheduler", SLEEPING)
    settled = stack.settle_ports(replace(demo, values=demo.values | {name: str(others_port)}))
    assert settled.values[name] != str(others_port)
    assert {**settled.values, name: ""} == {**demo.values, name: ""}
    assert open_demo(demo.root) == settled
    # What was told of the former address does not live on; of Superset's, no other process knows.
    assert processes.is_running(demo.run_dir, "scheduler") is (name == "SUPERSET_PORT")


@pytest.mark.parametrize("error", [httpx.ConnectError("refused"), RuntimeError("Airflow refused GET: 401")])
def test_a_failure_because_a_process_ended_names_the_process(demo: Demo, error: Exception) -> None:
    start_all(demo, "api-server")
    with pytest.raises(processes.ProcessStopped, match=rf"api-server .*api-server\.log.*{AGAIN}"), stack.watched(demo):
        raise error


def test_other_failures_stay_what_they_are(demo: Demo, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stack, "ENDING_SECONDS", 0.1)
    start_all(demo)
    with pytest.raises(httpx.ReadTimeout), stack.watched(demo):
        raise httpx.ReadTimeout("slow")


def test_nothing_is_waited_for_that_an_ended_process_was_to_bring_about(demo: Demo) -> None:
    start_all(demo, "scheduler")
    with pytest.raises(processes.ProcessStopped, match="scheduler"):
        stack.wait_until(demo, "all landed", lambda: False, 60)
