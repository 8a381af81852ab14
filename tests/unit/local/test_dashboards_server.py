"""The dashboards' server is restarted when it would not see what changed, and only then."""

import sys
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from social_crm.local import dashboards, processes

Started = Any


@pytest.fixture
def start(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Started]:
    """Start a server that only sleeps, beside a warehouse that is none, and return its number."""
    sleeping = [sys.executable, "-c", "import time; time.sleep(600)"]
    monkeypatch.setattr(dashboards, "ensure_database", lambda *_: None)
    monkeypatch.setattr(dashboards, "install", lambda *_: None)
    monkeypatch.setattr(dashboards, "server_command", lambda _: sleeping)
    monkeypatch.setattr(processes, "listens", lambda *_: True)
    monkeypatch.setattr(processes, "answers", lambda _: True)
    monkeypatch.setattr(dashboards, "PROJECT_ROOT", tmp_path)
    (tmp_path / "bi/charts").mkdir(parents=True)
    demo = SimpleNamespace(
        run_dir=tmp_path / "run",
        log_dir=tmp_path / "logs",
        superset_url="http://127.0.0.1:1",
        values={"SUPERSET_PORT": "1", "SUPERSET_DATABASE_PASSWORD": "none"},
    )

    def started(**variables: str) -> str:
        dashboards.start(demo, None, variables)  # type: ignore[arg-type]
        return (demo.run_dir / "superset.pid").read_text()

    yield started
    processes.stop_all(demo.run_dir)


def test_a_running_server_stays_while_nothing_it_reads_changes(start: Started) -> None:
    assert start(KEY="a") == start(KEY="a")


@pytest.mark.parametrize("changed", ["bi/superset_config.py", "bi/people.html", "bi/charts/one.yaml", "environment"])
def test_a_server_that_read_something_else_is_started_anew(start: Started, tmp_path: Path, changed: str) -> None:
    before = start(KEY="a")
    if changed != "environment":
        (tmp_path / changed).write_text("changed")
    after = start(KEY="b" if changed == "environment" else "a")
    assert after != before
    assert start(KEY="b" if changed == "environment" else "a") == after


def test_what_a_server_read_is_kept_without_its_secrets(start: Started, tmp_path: Path) -> None:
    start(SUPERSET_SECRET_KEY="canary")
    assert "canary" not in (tmp_path / "run/superset.read").read_text()
