"""The demo's processes: Postgres, the sample server, Airflow; started in order, stopped together."""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import httpx
import psycopg

from social_crm import database
from social_crm.dashboards.spreadsheets import write_answers
from social_crm.database.preparation import prepare
from social_crm.local import postgres, processes
from social_crm.local.airflow_api import AirflowApi
from social_crm.local.environment import AIRFLOW_USER, PORTS, Demo, leave_taken_ports, warehouse_settings
from social_crm.sources import SOURCES

# The API server reads log files itself; log servers would offer them to every network.
COMPONENTS = {
    "api-server": [],
    "scheduler": ["--skip-serve-logs"],
    "dag-processor": [],
    "triggerer": ["--skip-serve-logs"],
}
EXPECTED_DAGS = frozenset(
    {f"ingest_{source.name}" for source in SOURCES}
    | {"activate", "maintain_warehouse", "notify_people", "report_executive", "transform"}
)
PATIENCE_SECONDS = 120
ENDING_SECONDS = 10
Say = Callable[[str], None]


def settle_ports(demo: Demo) -> Demo:
    """Return the demo with free ports; end processes that know its former ones."""
    settled = leave_taken_ports(demo, *PORTS)
    # Superset is only restarted for its own new address, when it is started.
    if any(settled.values[name] != demo.values[name] for name in PORTS if name != "SUPERSET_PORT"):
        for name in ("sample-api", *COMPONENTS):
            processes.stop(demo.run_dir, name)
    return settled


def start_postgres(demo: Demo) -> postgres.EmbeddedServer:
    """Start the embedded server, with the databases of Airflow and of the warehouse."""
    server = postgres.start(demo.root / "postgres" / "data")
    with psycopg.connect(server.url(), autocommit=True) as admin:
        there = {name for (name,) in admin.execute("select datname from pg_database")}
        for name in ("airflow", "warehouse"):
            if name not in there:
                admin.execute(psycopg.sql.SQL("create database {}").format(psycopg.sql.Identifier(name)))
        # The warehouse withholds some things from its readers, such as large objects, that another database would
        # allow.
        admin.execute("revoke all on database airflow, postgres, template1 from public")
    return server


def prepare_warehouse(demo: Demo, server: postgres.EmbeddedServer) -> None:
    """Create or update the warehouse's schemas, roles and raw tables."""
    prepare(warehouse_settings(demo, server), SOURCES)


def start_airflow(demo: Demo, variables: dict[str, str], say: Say) -> AirflowApi:
    """Start the parts of Airflow that are not running, and return its API once every DAG has been read."""
    if not all(processes.is_running(demo.run_dir, name) for name in COMPONENTS):
        say("Preparing Airflow's database")
        _migrate(demo, variables)
        say("Starting Airflow")
        for name, options in COMPONENTS.items():
            module = "social_crm.orchestration.preload" if name == "scheduler" else "airflow"
            command = [sys.executable, "-m", module, name, *options]
            _start(demo, name, command, variables)
    _wait_for(demo, "api-server", f"{demo.airflow_url}/api/v2/version")
    with watched(demo):
        api = AirflowApi(demo.airflow_url, AIRFLOW_USER, demo.values["AIRFLOW_PASSWORD"])
        wait_until(demo, "Airflow has read the DAGs", lambda: _has_read_dags(api), PATIENCE_SECONDS)
    return api


def wait_until(demo: Demo, condition: str, is_true: Callable[[], bool], seconds: float, pause: float = 0.3) -> None:
    """Wait for something that the demo's processes do; raises ProcessStopped as soon as one of them has ended."""

    def is_true_or_never() -> bool:
        _refuse_stopped(demo)
        return is_true()

    processes.wait_until(condition, is_true_or_never, seconds, pause)


@contextmanager
def watched(demo: Demo) -> Iterator[None]:
    """Raise ProcessStopped instead of the original error if a process of the demo has ended."""
    try:
        yield
    except (httpx.HTTPError, RuntimeError) as error:
        if isinstance(error, httpx.TransportError):
            # A server stops listening a moment before it ends.
            with suppress(TimeoutError):
                processes.wait_until("a process has ended", lambda: _stopped(demo), ENDING_SECONDS)
        _refuse_stopped(demo)
        raise


def _refuse_stopped(demo: Demo) -> None:
    for name in _stopped(demo)[:1]:
        raise processes.ProcessStopped(name, _log(demo, name))


def _stopped(demo: Demo) -> list[str]:
    return [name for name in ("sample-api", *COMPONENTS) if not processes.is_running(demo.run_dir, name)]


def start_sample_server(demo: Demo, variables: dict[str, str]) -> None:
    """Start the bundled company's APIs."""
    options = ["--port", demo.values["SAMPLE_PORT"], "--imap-port", demo.values["SAMPLE_IMAP_PORT"]]
    options += ["--state", str(demo.company_dir)]
    command = [sys.executable, "-m", "social_crm.local.sample_api", *options]
    _start(demo, "sample-api", command, variables)
    _wait_for(demo, "sample-api", f"{demo.sample_url}/_sample/clock")


def stop(demo_root: Path) -> None:
    """Stop everything that was started from this folder."""
    processes.stop_all(demo_root / "run")
    postgres.stop(demo_root / "postgres" / "data")


def remove(demo_root: Path) -> None:
    """Delete everything that the demo wrote."""
    if demo_root.exists():
        shutil.rmtree(demo_root)


def ask(demo: Demo, server: postgres.EmbeddedServer, query: str | None) -> int:
    """Open psql as bi_reader, or print the answer of a query as CSV; returns the exit code."""
    url = server.url("warehouse", "bi_reader", demo.values["READER_PASSWORD"])
    # Anything that only psql can do is left to it.
    if query and not query.lstrip().lower().startswith(("\\", "copy")):
        try:
            with database.connect(url) as reader:
                write_answers(reader, query, sys.stdout)
        except psycopg.Error as error:
            print(error, file=sys.stderr)
            return 1
        return 0
    command = [
        str(postgres.BIN_DIR / "psql"),
        "--no-psqlrc",
        *(["--csv", "--quiet", "--command", query] if query else []),
    ]
    # The URL contains the password; other users of the machine cannot read the environment.
    return subprocess.run(command, env=os.environ | _libpq(url), check=False).returncode


def _libpq(url: str) -> dict[str, str]:
    parts = psycopg.conninfo.conninfo_to_dict(url)
    names = {"host": "PGHOST", "port": "PGPORT", "user": "PGUSER", "password": "PGPASSWORD", "dbname": "PGDATABASE"}
    return {variable: str(parts[name]) for name, variable in names.items()}


def _start(demo: Demo, name: str, command: list[str], variables: dict[str, str]) -> None:
    processes.start(demo.run_dir, name, command, variables, _log(demo, name))


def _wait_for(demo: Demo, name: str, url: str) -> None:
    processes.wait_until_it_serves(demo.run_dir, name, url, PATIENCE_SECONDS, _log(demo, name))


def _log(demo: Demo, name: str) -> Path:
    return demo.log_dir / f"{name}.log"


def _migrate(demo: Demo, variables: dict[str, str]) -> None:
    log = demo.log_dir / "migrate.log"
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("ab") as output:
        command = [sys.executable, "-m", "airflow", "db", "migrate"]
        done = subprocess.run(command, env=variables, stdout=output, stderr=output, check=False)
    if done.returncode:
        raise RuntimeError(f"Airflow's database could not be prepared; see {log}")


def _has_read_dags(api: AirflowApi) -> bool:
    if errors := api.import_errors():
        raise RuntimeError(f"Airflow cannot read the DAGs:\n{errors[0]}")
    return api.dag_ids() >= EXPECTED_DAGS
