"""A small client of Airflow's own REST API, for the demo and the tests that drive a real scheduler."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx

UNFINISHED = ("queued", "running")


@dataclass(frozen=True)
class Run:
    """One DAG run, as far as the demo needs it."""

    dag_id: str
    run_id: str
    state: str
    day: str  # the last day of its window, or ""

    @property
    def is_finished(self) -> bool:
        """Tell whether the run is over, so that nothing more happens by itself."""
        return self.state not in UNFINISHED

    @property
    def is_of_a_day(self) -> bool:
        """Tell whether no other run can do what this one failed to do."""
        return self.dag_id.startswith("ingest_")


class AirflowApi:
    """Signed in as one user; a token is valid for a day."""

    def __init__(self, url: str, user: str, password: str) -> None:
        """Sign in."""
        self._client = httpx.Client(base_url=url, timeout=60)
        answer = self._client.post("/auth/token", json={"username": user, "password": password})
        answer.raise_for_status()
        self._client.headers["Authorization"] = f"Bearer {answer.json()['access_token']}"

    def dag_ids(self) -> set[str]:
        """Return the DAGs that Airflow has read."""
        return {dag["dag_id"] for dag in self._get("/api/v2/dags", limit=100)["dags"]}

    def import_errors(self) -> list[str]:
        """Return what kept DAG files from being read."""
        return [error["stack_trace"] for error in self._get("/api/v2/importErrors")["import_errors"]]

    def unpause(self, dag_id: str) -> None:
        """Let a DAG run."""
        self._send("PATCH", f"/api/v2/dags/{dag_id}", {"is_paused": False})

    def backfill(self, dag_id: str, first: datetime, last: datetime, runs_at_once: int) -> None:
        """Create a run for each day from `first` to `last`, both included."""
        body = {"dag_id": dag_id, "from_date": _iso(first), "to_date": _iso(last), "max_active_runs": runs_at_once}
        self._send("POST", "/api/v2/backfills", body)

    def is_backfilling(self) -> bool:
        """Tell whether any backfill is still running; a DAG takes one at a time."""
        backfills = self._get("/ui/backfills", limit=100)["backfills"]
        return any(backfill["completed_at"] is None for backfill in backfills)

    def trigger_day(self, dag_id: str, day: datetime, since: datetime | None = None) -> None:
        """Start the run of one day's window, or of a window that begins on an earlier day."""
        window = {"data_interval_start": _iso(since or day), "data_interval_end": _iso(day + timedelta(days=1))}
        self._send("POST", f"/api/v2/dags/{dag_id}/dagRuns", {"logical_date": _iso(day), **window})

    def trigger(self, dag_id: str) -> str:
        """Start a run without a window and return its id."""
        return str(self._send("POST", f"/api/v2/dags/{dag_id}/dagRuns", {"logical_date": None})["dag_run_id"])

    def clear(self, dag_id: str, run_id: str) -> None:
        """Clear the failed tasks of a run, so that they run again."""
        body = {"dag_run_id": run_id, "only_failed": True, "dry_run": False}
        self._send("POST", f"/api/v2/dags/{dag_id}/clearTaskInstances", body)

    def runs(self, dag_id: str = "~", **filters: str) -> list[Run]:
        """Return the newest hundred runs of one DAG or of all, by state and so on."""
        answer = self._get(f"/api/v2/dags/{dag_id}/dagRuns", limit=100, order_by="-run_after", **filters)
        return [
            Run(run["dag_id"], run["dag_run_id"], run["state"], _last_day(run["data_interval_end"]))
            for run in answer["dag_runs"]
        ]

    def tasks(self, dag_id: str = "~", run_id: str = "~", **filters: str) -> list[dict[str, Any]]:
        """Return task instances of a run, or of all, by state and so on."""
        path = f"/api/v2/dags/{dag_id}/dagRuns/{run_id}/taskInstances"
        return list(self._get(path, limit=100, **filters)["task_instances"])

    def _get(self, path: str, **params: Any) -> dict[str, Any]:
        return self._send("GET", path, None, params)

    def _send(self, method: str, path: str, body: Any = None, params: Any = None) -> dict[str, Any]:
        answer = self._client.request(method, path, json=body, params=params)
        if answer.is_error:
            raise RuntimeError(f"Airflow refused {method} {path}: {answer.status_code} {answer.text[:300]}")
        return dict(answer.json())


def newest_of_each_dag(runs: list[Run]) -> list[Run]:
    """Return the newest run of each DAG, from runs sorted newest first."""
    return list({run.dag_id: run for run in reversed(runs)}.values())


def _last_day(window_end: str | None) -> str:
    """Return the day of the last moment before a window's end."""
    return f"{datetime.fromisoformat(window_end) - timedelta(microseconds=1):%F}" if window_end else ""


def _iso(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%FT%TZ")
