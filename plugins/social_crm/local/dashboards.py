"""Superset beside the demo: its database, its installation and its server process."""

import hashlib
import json
import os
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path
from urllib.parse import quote

import psycopg

from social_crm.dashboards.assets import BI_DIR
from social_crm.local import postgres, processes
from social_crm.local.environment import PERIODS, Demo
from social_crm.publishing.entitlements import ensure_login
from social_crm.settings import PROJECT_ROOT

BIN_DIR = PROJECT_ROOT / ".venv-bi/bin"
# Files that a running server has read, beside its environment: the seed says who connects as which role.
READ_BY_SERVER = (
    *("bi/**/*.py", "bi/**/*.html", "bi/**/*.yaml", "bi/requirements.lock"),
    "dbt_project/seeds/market_entitlements.csv",
)
PATIENCE_SECONDS = 180
# Users beside the administrator: what a BI user may do, and whose rows each sees.
DEMO_USERS = {"global_lead": ("BI reader", "Customer 360", "bi_global"), "india_lead": ("BI reader", "bi_india")}


def dashboards_environment(demo: Demo, server: postgres.EmbeddedServer) -> dict[str, str]:
    """Return the whole environment of Superset's processes: its only way to the warehouse is the reader."""
    values = demo.values
    of_any = environment_of(
        demo.root,
        server.url("superset", "superset", quote(values["SUPERSET_DATABASE_PASSWORD"])),
        server.url("warehouse", "bi_reader", values["READER_PASSWORD"]),
        {name: (values["SUPERSET_USERS_PASSWORD"], roles) for name, roles in DEMO_USERS.items()},
        PERIODS,
    )
    return of_any | {
        "SUPERSET_SECRET_KEY": values["SUPERSET_SECRET_KEY"],
        "SUPERSET_ADMIN_PASSWORD": values["SUPERSET_ADMIN_PASSWORD"],
        "SUPERSET_PUBLIC_URL": demo.superset_url,
        "WAREHOUSE_BI_SECRET": values["BI_SECRET"],
    }


def environment_of(
    home: Path,
    database_url: str,
    reader_url: str,
    users: Mapping[str, tuple[str, Sequence[str]]],
    periods: Mapping[str, str],
) -> dict[str, str]:
    """Return what any Superset on a warehouse needs to know except its secrets; `users` gives passwords and roles."""
    people = [{"username": name, "password": password, "roles": roles} for name, (password, roles) in users.items()]
    return {
        "PATH": f"{BIN_DIR}{os.pathsep}{os.environ.get('PATH', '')}",
        "HOME": str(home),
        "LANG": "C.UTF-8",
        "PYTHONUNBUFFERED": "1",
        "FLASK_APP": "superset",
        "SUPERSET_CONFIG_PATH": str(BI_DIR / "superset_config.py"),
        "SUPERSET_HOME": str(home / "superset"),
        "SUPERSET_DATABASE_URL": database_url,
        "SUPERSET_USERS": json.dumps(people),
        "SUPERSET_PERIODS": json.dumps(periods),
        "WAREHOUSE_READER_URL": reader_url,
    }


def start(demo: Demo, server: postgres.EmbeddedServer, variables: dict[str, str]) -> None:
    """Install what is in `bi/`, unless it is installed, and serve it; restart a server that has read something else."""
    ensure_database(server, demo.values["SUPERSET_DATABASE_PASSWORD"])
    install(demo.log_dir, variables)
    read, reads = demo.run_dir / "superset.read", fingerprint(variables)
    if not read.exists() or read.read_text() != reads:
        processes.stop(demo.run_dir, "superset")
    serve(demo.run_dir, int(demo.values["SUPERSET_PORT"]), demo.log_dir, variables)
    read.write_text(reads)


def serve(run_dir: Path, port: int, log_dir: Path, variables: dict[str, str]) -> str:
    """Serve what is installed, unless it is already served, and return the address once it answers."""
    log, url = log_dir / "superset.log", f"http://127.0.0.1:{port}"
    processes.start(run_dir, "superset", server_command(port), variables, log)
    processes.wait_until_it_serves(run_dir, "superset", f"{url}/health", PATIENCE_SECONDS, log)
    return url


def fingerprint(variables: dict[str, str]) -> str:
    """Return a value that changes with anything that a running server would not notice."""
    files = sorted({path for pattern in READ_BY_SERVER for path in PROJECT_ROOT.glob(pattern)})
    parts = [*sorted(variables.items()), *((str(path), path.read_bytes().hex()) for path in files)]
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()


def server_command(port: int) -> list[str]:
    """Return the command that serves the dashboards: one worker with threads, because each worker costs 300 MB."""
    workers = ["--workers", "1", "--worker-class", "gthread", "--threads", "8", "--timeout", "120"]
    return [str(BIN_DIR / "gunicorn"), *workers, "--bind", f"127.0.0.1:{port}", "superset.app:create_app()"]


def ensure_database(server: postgres.EmbeddedServer, password: str) -> None:
    """Create Superset's own database, and the role that owns it and can see no other."""
    with psycopg.connect(server.url(), autocommit=True) as admin:
        ensure_login(admin, "superset", password)
        if not admin.execute("select 1 from pg_database where datname = 'superset'").fetchone():
            admin.execute("create database superset owner superset")
            admin.execute("revoke all on database superset from public")


def install(log_dir: Path, variables: dict[str, str]) -> None:
    """Run `bi/install.py`; raises RuntimeError with its message if something is wrong."""
    log = log_dir / "superset-install.log"
    log.parent.mkdir(parents=True, exist_ok=True)
    command = [str(BIN_DIR / "python"), str(BI_DIR / "install.py")]
    with log.open("ab") as output:
        done = subprocess.run(command, env=variables, stdout=output, stderr=subprocess.PIPE, text=True, check=False)
        output.write(done.stderr.encode())
    if done.returncode:
        raise RuntimeError(f"{done.stderr.rpartition('dashboards are not installed:')[2].strip()[-2000:]}\nsee {log}")
