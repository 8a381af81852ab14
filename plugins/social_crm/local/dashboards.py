"""Superset beside the demo: its database, its installation, its one server process."""

import hashlib
import json
import os
import subprocess
from urllib.parse import quote

import psycopg
from psycopg import sql

from social_crm.local import postgres, processes
from social_crm.local.environment import LAST_WEEK, Demo
from social_crm.settings import PROJECT_ROOT

BI_DIR = PROJECT_ROOT / "bi"
BIN_DIR = PROJECT_ROOT / ".venv-bi/bin"
# What a running server has read, beside its environment: the seed says who connects as which role.
READ_BY_SERVER = ("bi/**/*.py", "bi/**/*.yaml", "bi/requirements.lock", "dbt_project/seeds/market_entitlements.csv")
PATIENCE_SECONDS = 180
# Who may look, beside the administrator: what a BI user may do, and whose rows they see.
DEMO_USERS = {"global_lead": ("BI reader", "Customer 360", "bi_global"), "india_lead": ("BI reader", "bi_india")}


def dashboards_environment(demo: Demo, server: postgres.EmbeddedServer) -> dict[str, str]:
    """Return the whole environment of Superset's processes: of the warehouse it knows the reader alone."""
    values = demo.values
    users = [
        {"username": name, "password": values["SUPERSET_USERS_PASSWORD"], "roles": list(roles)}
        for name, roles in DEMO_USERS.items()
    ]
    return {
        "PATH": f"{BIN_DIR}{os.pathsep}{os.environ.get('PATH', '')}",
        "HOME": str(demo.root),
        "LANG": "C.UTF-8",
        "PYTHONUNBUFFERED": "1",
        "FLASK_APP": "superset",
        "SUPERSET_CONFIG_PATH": str(BI_DIR / "superset_config.py"),
        "SUPERSET_HOME": str(demo.root / "superset"),
        "SUPERSET_SECRET_KEY": values["SUPERSET_SECRET_KEY"],
        "SUPERSET_DATABASE_URL": server.url("superset", "superset", quote(values["SUPERSET_DATABASE_PASSWORD"])),
        "SUPERSET_ADMIN_PASSWORD": values["SUPERSET_ADMIN_PASSWORD"],
        "SUPERSET_USERS": json.dumps(users),
        "SUPERSET_PUBLIC_URL": demo.superset_url,
        "SUPERSET_DEFAULT_PERIOD": LAST_WEEK,
        "WAREHOUSE_BI_SECRET": values["BI_SECRET"],
        "WAREHOUSE_READER_URL": server.url("warehouse", "bi_reader", values["READER_PASSWORD"]),
    }


def start(demo: Demo, server: postgres.EmbeddedServer, variables: dict[str, str]) -> None:
    """Install what `bi/` says, unless it is, and serve it; a server that has read something else is started anew."""
    ensure_database(server, demo.values["SUPERSET_DATABASE_PASSWORD"])
    install(demo, variables)
    command = server_command(int(demo.values["SUPERSET_PORT"]))
    log, read = demo.log_dir / "superset.log", demo.run_dir / "superset.read"
    reads = fingerprint(variables)
    if not read.exists() or read.read_text() != reads:
        processes.stop(demo.run_dir, "superset")
    processes.start(demo.run_dir, "superset", command, variables, log)
    read.write_text(reads)
    url = f"{demo.superset_url}/health"
    processes.wait_until_it_serves(demo.run_dir, "superset", lambda: processes.answers(url), PATIENCE_SECONDS, log)


def fingerprint(variables: dict[str, str]) -> str:
    """Return what changes with anything that a running server would not see changed."""
    files = sorted({path for pattern in READ_BY_SERVER for path in PROJECT_ROOT.glob(pattern)})
    parts = [*sorted(variables.items()), *((str(path), path.read_bytes().hex()) for path in files)]
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()


def server_command(port: int) -> list[str]:
    """Return what serves the dashboards: one worker with threads, for each worker costs 300 MB."""
    workers = ["--workers", "1", "--worker-class", "gthread", "--threads", "8", "--timeout", "120"]
    return [str(BIN_DIR / "gunicorn"), *workers, "--bind", f"127.0.0.1:{port}", "superset.app:create_app()"]


def ensure_database(server: postgres.EmbeddedServer, password: str) -> None:
    """Create Superset's own database, and the role that owns it and sees no other."""
    with psycopg.connect(server.url(), autocommit=True) as admin:
        role = admin.execute("select 1 from pg_roles where rolname = 'superset'").fetchone()
        verb = sql.SQL("alter" if role else "create")
        admin.execute(sql.SQL("{} role superset with login password {}").format(verb, sql.Literal(password)))
        if not admin.execute("select 1 from pg_database where datname = 'superset'").fetchone():
            admin.execute("create database superset owner superset")
            admin.execute("revoke all on database superset from public")


def install(demo: Demo, variables: dict[str, str]) -> None:
    """Run `bi/install.py`; raises RuntimeError with what it says is wrong."""
    log = demo.log_dir / "superset-install.log"
    log.parent.mkdir(parents=True, exist_ok=True)
    command = [str(BIN_DIR / "python"), str(BI_DIR / "install.py")]
    with log.open("ab") as output:
        done = subprocess.run(command, env=variables, stdout=output, stderr=subprocess.PIPE, text=True, check=False)
        output.write(done.stderr.encode())
    if done.returncode:
        raise RuntimeError(f"{done.stderr.rpartition('dashboards are not installed:')[2].strip()[-2000:]}\nsee {log}")
