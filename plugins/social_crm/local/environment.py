"""What the demo's processes need to know: where things are, passwords made once, Airflow's settings."""

import json
import os
import secrets
import socket
import sys
from base64 import urlsafe_b64encode
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from social_crm.local import postgres
from social_crm.local.sample_api import (
    bluesky_wire,
    discourse,
    feeds,
    graph,
    hubspot,
    linkedin,
    mastodon,
    reddit,
    request_tracker,
    salesforce,
    wordpress,
    youtube,
)
from social_crm.local.sample_api.drops import DROPS
from social_crm.settings import PROJECT_ROOT
from social_crm.sources import SOURCES

AIRFLOW_USER = "admin"
LAST_DAY = "2026-11-08"
LAST_WEEK = "2026-11-02 : 2026-11-09"  # the end is not part of it
X_ACCOUNTS = ("AcmeBank", "AcmeBankIN", "AcmeBankSG", "AcmePay", "AcmePayIN", "AcmePaySG")
# Sources that the demo reads once, on its last day, in one window of all days.
READ_ONCE = (
    "surveys",
    "analytics",
    "stores",
    "reviews",
    "forms",
    "facebook",
    "instagram",
    "youtube",
    "reddit",
    "mastodon",
    "discourse",
    "wordpress",
    "feeds",
    "bluesky",
    "stackexchange",
    "linkedin",
    "intercom",
    "request_tracker",
    "hubspot",
    "salesforce",
)
SAMPLE_SECRETS = ("SAMPLE_X_TOKEN", "SAMPLE_ZENDESK_TOKEN", "SAMPLE_NETWORKS_SECRET")
ZENDESK_LOGIN = "warehouse@acmebank.example.com"
# What one machine with two cores does best; the reasons are in docs/decisions/0003-how-dbt-runs-in-airflow.md.
AIRFLOW_TUNING = {
    "AIRFLOW__CORE__PARALLELISM": "3",
    "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
    "AIRFLOW__CORE__EXECUTOR": "LocalExecutor",
    "AIRFLOW__SCHEDULER__SCHEDULER_IDLE_SLEEP_TIME": "0.5",
    "AIRFLOW__WORKERS__MIN_HEARTBEAT_INTERVAL": "1",
    "AIRFLOW__DAG_PROCESSOR__PARSING_PROCESSES": "1",
    "AIRFLOW__DAG_PROCESSOR__MIN_FILE_PROCESS_INTERVAL": "120",
    "AIRFLOW__LOGGING__DAG_PROCESSOR_LOG_TARGET": "stdout",
    "AIRFLOW__USAGE_DATA_COLLECTION__ENABLED": "False",
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
        """Return where running processes are written down."""
        return self.root / "run"

    @property
    def log_dir(self) -> Path:
        """Return where every process logs."""
        return self.root / "logs"

    @property
    def airflow_url(self) -> str:
        """Return where the browser finds Airflow."""
        return f"http://127.0.0.1:{self.values['AIRFLOW_PORT']}"

    @property
    def sample_url(self) -> str:
        """Return where the bundled company's APIs answer."""
        return f"http://127.0.0.1:{self.values['SAMPLE_PORT']}"

    @property
    def superset_url(self) -> str:
        """Return where the browser finds the dashboards."""
        return f"http://127.0.0.1:{self.values['SUPERSET_PORT']}"

    @property
    def env_file(self) -> Path:
        """Return the file that keeps what was decided once."""
        return self.root / "demo.env"

    @property
    def company_dir(self) -> Path:
        """Return where the bundled company drops its files and keeps its CRM."""
        return self.root / "company"

    @property
    def password_file(self) -> Path:
        """Return the file in which Airflow keeps its user's password."""
        return self.root / "airflow-password.json"


def demo_root() -> Path:
    """Return the folder of the demo in this clone."""
    return PROJECT_ROOT / "var/demo"


def open_demo(root: Path) -> Demo:
    """Return the demo of a folder; make the passwords, keys and ports that it has not yet."""
    file = root / "demo.env"
    known = dict(line.split("=", 1) for line in file.read_text().splitlines()) if file.exists() else {}
    values = _new_values() | known
    if values != known:
        root.mkdir(parents=True, exist_ok=True)
        _write_private(file, "".join(f"{name}={value}\n" for name, value in values.items()))
    demo = Demo(root, values)
    if not demo.password_file.exists():
        _write_private(demo.password_file, json.dumps({AIRFLOW_USER: demo.values["AIRFLOW_PASSWORD"]}))
    return demo


def _new_values() -> dict[str, str]:
    names = ("LOADER_PASSWORD", "TRANSFORMER_PASSWORD", "READER_PASSWORD", "PSEUDONYM_KEY", "AIRFLOW_PASSWORD")
    values = {name: secrets.token_urlsafe(18) for name in (*names, *SAMPLE_SECRETS)}
    superset = ("SUPERSET_ADMIN_PASSWORD", "SUPERSET_USERS_PASSWORD", "SUPERSET_DATABASE_PASSWORD")
    values |= {name: secrets.token_urlsafe(18) for name in superset}
    keys = ("AIRFLOW_JWT_SECRET", "AIRFLOW_API_SECRET_KEY", "BI_SECRET", "SUPERSET_SECRET_KEY")
    values |= {name: secrets.token_urlsafe(48) for name in keys}
    values["AIRFLOW_FERNET_KEY"] = urlsafe_b64encode(secrets.token_bytes(32)).decode()
    values["AIRFLOW_PORT"], values["SAMPLE_PORT"] = str(free_port(8080)), str(free_port(8090))
    values["SUPERSET_PORT"] = str(free_port(8088))
    return values


def _write_private(file: Path, text: str) -> None:
    file.touch(mode=0o600)
    file.write_text(text)


def free_port(wanted: int) -> int:
    """Return the wanted loopback port if nobody listens there, else any free one."""
    for port in (wanted, 0):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return int(probe.getsockname()[1])
    raise RuntimeError("no loopback port is free")


def warehouse_environment(demo: Demo, server: postgres.EmbeddedServer) -> dict[str, str]:
    """Return the variables that `social_crm.settings` reads."""
    values = demo.values
    return {
        "WAREHOUSE_ADMIN_URL": server.url("warehouse"),
        "WAREHOUSE_LOADER_URL": server.url("warehouse", "loader", values["LOADER_PASSWORD"]),
        "WAREHOUSE_TRANSFORMER_URL": server.url("warehouse", "transformer", values["TRANSFORMER_PASSWORD"]),
        "WAREHOUSE_READER_URL": server.url("warehouse", "bi_reader", values["READER_PASSWORD"]),
        "WAREHOUSE_PSEUDONYM_KEY": values["PSEUDONYM_KEY"],
        "WAREHOUSE_BI_SECRET": values["BI_SECRET"],
        "WAREHOUSE_DATA_DOCS_DIR": str(demo.root / "data_docs"),
        "WAREHOUSE_DBT_TARGET_DIR": str(demo.root / "dbt"),
        "WAREHOUSE_LAST_INGEST_DATE": LAST_DAY,
    }


def company_connections(demo: Demo) -> dict[str, dict[str, Any]]:
    """Return Airflow's connections to the bundled company, by id."""
    folder, values = demo.company_dir, demo.values
    drop = {"conn_type": "generic", "extra": {"settle_seconds": 0}}
    x = {"host": demo.sample_url, "password": values["SAMPLE_X_TOKEN"], "extra": {"accounts": list(X_ACCOUNTS)}}
    zendesk = {"host": demo.sample_url, "login": ZENDESK_LOGIN, "password": values["SAMPLE_ZENDESK_TOKEN"]}
    crm = {"host": f"sqlite:///{folder / 'crm.sqlite'}", "extra": {"customers": "customers", "accounts": "accounts"}}
    site = {"host": f"sqlite:///{folder / 'site.sqlite'}", "extra": {"messages": "messages"}}
    return {
        "x_api": {"conn_type": "http", **x},
        "zendesk_api": {"conn_type": "http", **zendesk},
        **{f"{name}_api": {**drop, "host": str(folder / name)} for name in DROPS},
        "crm_api": {"conn_type": "generic", **crm},
        "forms_api": {"conn_type": "generic", **site},
        **{f"{name}_api": {"conn_type": "http", **fields} for name, fields in _networks(demo).items()},
        "helpdesk_api": {"conn_type": "http", **zendesk, "extra": {"per_minute": 600}},
        # Not in the CRM's own file, which the sample server writes anew as its clock moves.
        "crm_notes_api": {"conn_type": "generic", "host": f"sqlite:///{folder / 'crm_notes.sqlite'}"},
    }


def _networks(demo: Demo) -> dict[str, dict[str, Any]]:
    """Return what the connections to networks other than X hold."""
    secret, graph_url = demo.values["SAMPLE_NETWORKS_SECRET"], f"{demo.sample_url}/graph"
    reddit_url = f"{demo.sample_url}/reddit"
    lists = {"searches": ['"Acme Bank"', '"Acme Pay"'], "subreddits": ["acmebank"]}
    return {
        "facebook": {"host": graph_url, "password": graph.token_of(secret, graph.PAGE)},
        "instagram": {"host": graph_url, "password": graph.token_of(secret, graph.ACCOUNTS_PAGE)},
        "youtube": {"host": demo.sample_url, "password": secret, "extra": {"channels": [youtube.CHANNEL]}},
        "mastodon": {
            "host": f"{demo.sample_url}/mastodon",
            "password": secret,
            "extra": {"hashtags": [mastodon.HASHTAG]},
        },
        "discourse": {
            "host": f"{demo.sample_url}/discourse",
            "login": discourse.USER,
            "password": secret,
            "extra": {"site": discourse.SITE},
        },
        "wordpress": {"host": f"{demo.sample_url}/wordpress", "login": wordpress.USER, "password": secret},
        "feeds": {"host": demo.sample_url, "extra": {"feeds": list(feeds.FEEDS)}},
        "bluesky": {
            "host": f"{demo.sample_url}/bluesky",
            "login": bluesky_wire.HANDLE,
            "password": secret,
            "extra": {"searches": ["acme bank"]},
        },
        "linkedin": {
            "host": f"{demo.sample_url}/linkedin",
            "password": secret,
            "extra": {"organizations": [linkedin.ORGANIZATION]},
        },
        "hubspot": {
            "host": f"{demo.sample_url}/hubspot",
            "password": secret,
            "extra": {"contact_fields": hubspot.FIELDS},
        },
        "salesforce": {
            "host": f"{demo.sample_url}/salesforce",
            "login": salesforce.CLIENT,
            "password": secret,
            "extra": {"contact_fields": salesforce.FIELDS},
        },
        "request_tracker": {
            "host": f"{demo.sample_url}/request_tracker",
            "login": request_tracker.USER,
            "password": secret,
        },
        "intercom": {"host": f"{demo.sample_url}/intercom", "password": secret},
        "reddit": {
            "host": reddit_url,
            "login": reddit.APPLICATION,
            "password": secret,
            "extra": {"account": "acmebank", "door": reddit_url, **lists},
        },
    }


def company_sources(demo: Demo) -> list[str]:
    """Return the sources that the bundled company speaks through; the others are registered and not configured."""
    connections = company_connections(demo)
    return [source.name for source in SOURCES if f"{source.name}_api" in connections]


def child_environment(demo: Demo, server: postgres.EmbeddedServer) -> dict[str, str]:
    """Return the whole environment of the demo's processes."""
    values = demo.values
    airflow_database = server.url("airflow").replace("postgresql://", "postgresql+psycopg2://")
    return {
        **os.environ,
        **warehouse_environment(demo, server),
        **AIRFLOW_TUNING,
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', '')}",
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
        **{f"AIRFLOW_CONN_{name.upper()}": json.dumps(fields) for name, fields in company_connections(demo).items()},
        **{name: values[name] for name in SAMPLE_SECRETS},
        "SAMPLE_ZENDESK_EMAIL": ZENDESK_LOGIN,
    }
