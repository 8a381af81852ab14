"""What the demo's processes need to know: where things are, passwords made once, Airflow's settings."""

import json
import os
import secrets
import sys
from base64 import urlsafe_b64encode
from dataclasses import dataclass, replace
from pathlib import Path

from social_crm.local import postgres, processes
from social_crm.local.connections import ZENDESK_LOGIN, company_connections
from social_crm.settings import PROJECT_ROOT, Settings
from social_crm.sources import SOURCES

AIRFLOW_USER = "admin"
LAST_DAY = "2026-11-08"
# The period that dashboards open with, because the company's time stands still; its end is exclusive.
PERIODS = {"Last week": "2026-11-02 : 2026-11-09", "Last month": "2026-10-26 : 2026-11-09"}
SAMPLE_SECRETS = ("SAMPLE_X_TOKEN", "SAMPLE_ZENDESK_TOKEN", "SAMPLE_NETWORKS_SECRET")
# Which process listens where, and its preferred port.
PORTS = {
    "AIRFLOW_PORT": ("api-server", 8080),
    "SAMPLE_PORT": ("sample-api", 8090),
    "SAMPLE_IMAP_PORT": ("sample-api", 8143),
    "SUPERSET_PORT": ("superset", 8088),
}
# Settings that suit one machine with two cores; the reasons are in docs/decisions/0003-how-dbt-runs-in-airflow.md.
AIRFLOW_TUNING = {
    "AIRFLOW__CORE__PARALLELISM": "3",
    "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
    "AIRFLOW__CORE__EXECUTOR": "LocalExecutor",
    "AIRFLOW__SCHEDULER__SCHEDULER_IDLE_SLEEP_TIME": "0.5",
    "AIRFLOW__WORKERS__MIN_HEARTBEAT_INTERVAL": "1",
    "AIRFLOW__DAG_PROCESSOR__PARSING_PROCESSES": "1",
    "AIRFLOW__DAG_PROCESSOR__MIN_FILE_PROCESS_INTERVAL": "120",
    "AIRFLOW__LOGGING__DAG_PROCESSOR_LOG_TARGET": "stdout",
    "DO_NOT_TRACK": "1",
    "RUNTIME__DLTHUB_TELEMETRY": "false",
    "OPENBLAS_NUM_THREADS": "1",
}


@dataclass(frozen=True)
class Demo:
    """The demo's folder and what was decided once for it: passwords, keys and ports."""

    root: Path
    values: dict[str, str]

    @property
    def run_dir(self) -> Path:
        """Return the folder that records running processes."""
        return self.root / "run"

    @property
    def log_dir(self) -> Path:
        """Return the folder of all logs."""
        return self.root / "logs"

    @property
    def airflow_url(self) -> str:
        """Return Airflow's address for the browser."""
        return f"http://127.0.0.1:{self.values['AIRFLOW_PORT']}"

    @property
    def sample_url(self) -> str:
        """Return the address of the bundled company's APIs."""
        return f"http://127.0.0.1:{self.values['SAMPLE_PORT']}"

    @property
    def superset_url(self) -> str:
        """Return the dashboards' address for the browser."""
        return f"http://127.0.0.1:{self.values['SUPERSET_PORT']}"

    @property
    def env_file(self) -> Path:
        """Return the file that stores what was decided once."""
        return self.root / "demo.env"

    @property
    def company_dir(self) -> Path:
        """Return the folder in which the bundled company drops its files and keeps its CRM."""
        return self.root / "company"

    @property
    def password_file(self) -> Path:
        """Return the file in which Airflow keeps its user's password."""
        return self.root / "airflow-password.json"


def demo_root() -> Path:
    """Return the folder of the demo in this clone."""
    return PROJECT_ROOT / "var/demo"


def open_demo(root: Path) -> Demo:
    """Return the demo of a folder; create the passwords, keys and ports that it lacks."""
    file = root / "demo.env"
    known = dict(line.split("=", 1) for line in file.read_text().splitlines()) if file.exists() else {}
    values = _new_values() | known
    demo = Demo(root, values)
    if values != known:
        root.mkdir(parents=True, exist_ok=True)
        _keep(demo)
    if not demo.password_file.exists():
        _write_private(demo.password_file, json.dumps({AIRFLOW_USER: demo.values["AIRFLOW_PASSWORD"]}))
    return demo


def leave_taken_ports(demo: Demo, *names: str) -> Demo:
    """Return the demo with another port for each of these that somebody else is using by now."""
    taken = [name for name in names if not _is_ours_or_free(demo, name)]
    if not taken:
        return demo
    other = replace(demo, values=demo.values | {name: str(processes.free_port(PORTS[name][1])) for name in taken})
    _keep(other)
    return other


def _is_ours_or_free(demo: Demo, name: str) -> bool:
    port = int(demo.values[name])
    return processes.free_port(port) == port or processes.listens(demo.run_dir, PORTS[name][0], port)


def _new_values() -> dict[str, str]:
    names = ("LOADER_PASSWORD", "TRANSFORMER_PASSWORD", "READER_PASSWORD", "PSEUDONYM_KEY", "AIRFLOW_PASSWORD")
    values = {name: secrets.token_urlsafe(18) for name in (*names, *SAMPLE_SECRETS)}
    superset = ("SUPERSET_ADMIN_PASSWORD", "SUPERSET_USERS_PASSWORD", "SUPERSET_DATABASE_PASSWORD")
    values |= {name: secrets.token_urlsafe(18) for name in superset}
    keys = ("AIRFLOW_JWT_SECRET", "AIRFLOW_API_SECRET_KEY", "BI_SECRET", "SUPERSET_SECRET_KEY")
    values |= {name: secrets.token_urlsafe(48) for name in keys}
    values["AIRFLOW_FERNET_KEY"] = urlsafe_b64encode(secrets.token_bytes(32)).decode()
    return values | {name: str(processes.free_port(wanted)) for name, (_, wanted) in PORTS.items()}


def _keep(demo: Demo) -> None:
    _write_private(demo.env_file, "".join(f"{name}={value}\n" for name, value in demo.values.items()))


def _write_private(file: Path, text: str) -> None:
    file.touch(mode=0o600)
    file.write_text(text)


def warehouse_settings(demo: Demo, server: postgres.EmbeddedServer) -> Settings:
    """Return how the demo's warehouse is reached."""
    values = demo.values
    return Settings(
        warehouse_admin_url=server.url("warehouse"),
        warehouse_loader_url=server.url("warehouse", "loader", values["LOADER_PASSWORD"]),
        warehouse_transformer_url=server.url("warehouse", "transformer", values["TRANSFORMER_PASSWORD"]),
        warehouse_reader_url=server.url("warehouse", "bi_reader", values["READER_PASSWORD"]),
        pseudonym_key=values["PSEUDONYM_KEY"],
        data_docs_dir=demo.root / "data_docs",
        dbt_target_dir=demo.root / "dbt",
        bi_secret=values["BI_SECRET"],
    )


def warehouse_environment(demo: Demo, server: postgres.EmbeddedServer) -> dict[str, str]:
    """Return the variables that `social_crm.settings` reads."""
    return {**warehouse_settings(demo, server).as_environment(), "WAREHOUSE_LAST_INGEST_DATE": LAST_DAY}


def child_environment(demo: Demo, server: postgres.EmbeddedServer) -> dict[str, str]:
    """Return the whole environment of the demo's processes."""
    values = demo.values
    airflow_database = server.url("airflow").replace("postgresql://", "postgresql+psycopg2://")
    return {
        **{name: value for name, value in os.environ.items() if not name.startswith("AIRFLOW_CONN_")},
        **warehouse_environment(demo, server),
        **AIRFLOW_TUNING,
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', '')}",
        "PYTHONFAULTHANDLER": "1",  # prints a traceback to the log if Python itself crashes
        "AIRFLOW_HOME": str(demo.root / "airflow"),
        "AIRFLOW__CORE__DAGS_FOLDER": str(PROJECT_ROOT / "dags"),
        "AIRFLOW__CORE__PLUGINS_FOLDER": str(PROJECT_ROOT / "plugins"),
        "AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_USERS": f"{AIRFLOW_USER}:admin",
        "AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_PASSWORDS_FILE": str(demo.password_file),
        "AIRFLOW__CORE__FERNET_KEY": values["AIRFLOW_FERNET_KEY"],
        "AIRFLOW__CORE__EXECUTION_API_SERVER_URL": f"{demo.airflow_url}/execution/",
        "AIRFLOW__API__HOST": "127.0.0.1",
        "AIRFLOW__API__PORT": values["AIRFLOW_PORT"],
        "AIRFLOW__API__BASE_URL": demo.airflow_url,
        "AIRFLOW__API__SECRET_KEY": values["AIRFLOW_API_SECRET_KEY"],
        "AIRFLOW__API_AUTH__JWT_SECRET": values["AIRFLOW_JWT_SECRET"],
        "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN": airflow_database,
        "AIRFLOW__LOGGING__BASE_LOG_FOLDER": str(demo.log_dir / "tasks"),
        **_connections(demo),
        **{name: values[name] for name in SAMPLE_SECRETS},
        "SAMPLE_ZENDESK_EMAIL": ZENDESK_LOGIN,
    }


def _connections(demo: Demo) -> dict[str, str]:
    """Return Airflow's connections: to a source that the shell names, its own, else the bundled company's.

    What the demo sends out goes to the bundled company alone, whatever the shell holds.
    """
    bundled = {f"AIRFLOW_CONN_{name.upper()}": json.dumps(told) for name, told in company_connections(demo).items()}
    variables = [f"AIRFLOW_CONN_{source.name.upper()}_API" for source in SOURCES]
    return bundled | {name: told for name in variables if (told := os.environ.get(name))}
