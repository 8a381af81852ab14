"""What the environment says: read only here, except for Airflow's connections and what only a laptop needs."""

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

from social_crm.errors import WarehouseError

PROJECT_ROOT = Path(__file__).resolve().parents[2]


class SettingMissing(WarehouseError):
    """Raised when a required environment variable is absent; the message says where to set it."""

    kind = "setting_missing"
    next_step = "set the variable that the message names for every worker, then clear this task"
    is_hopeless = True


@dataclass(frozen=True)
class Settings:
    """Deployment facts. URLs are `postgresql://role:password@host:port/database`.

    The administrator's, and the secret of the BI roles' passwords, are empty wherever the warehouse is not prepared.
    """

    warehouse_admin_url: str
    warehouse_loader_url: str
    warehouse_transformer_url: str
    warehouse_reader_url: str
    pseudonym_key: str
    data_docs_dir: Path
    dbt_target_dir: Path
    bi_secret: str = ""

    @property
    def documentation_dir(self) -> Path:
        """Return the folder of the generated documentation."""
        return self.dbt_target_dir / "documentation"

    def as_environment(self) -> dict[str, str]:
        """Return the variables from which `load_settings` makes the same settings."""
        return {
            f"WAREHOUSE_{name.removeprefix('warehouse_').upper()}": str(value) for name, value in vars(self).items()
        }


def required(name: str, value: str) -> str:
    """Return the value of an environment variable; raises SettingMissing, naming the variable, if it is empty."""
    if not value:
        raise SettingMissing(f"{name} is not set: give it in the environment or .env (see .env.example)")
    return value


def _required(name: str) -> str:
    return required(name, os.environ.get(name, ""))


@cache
def load_settings() -> Settings:
    """Return the settings of this process; raises SettingMissing naming the absent variable."""
    return Settings(
        warehouse_admin_url=os.environ.get("WAREHOUSE_ADMIN_URL", ""),
        warehouse_loader_url=_required("WAREHOUSE_LOADER_URL"),
        warehouse_transformer_url=_required("WAREHOUSE_TRANSFORMER_URL"),
        warehouse_reader_url=_required("WAREHOUSE_READER_URL"),
        pseudonym_key=_required("WAREHOUSE_PSEUDONYM_KEY"),
        data_docs_dir=Path(os.environ.get("WAREHOUSE_DATA_DOCS_DIR", str(PROJECT_ROOT / "var/data_docs"))),
        dbt_target_dir=Path(os.environ.get("WAREHOUSE_DBT_TARGET_DIR", str(PROJECT_ROOT / "var/dbt"))),
        bi_secret=os.environ.get("WAREHOUSE_BI_SECRET", ""),
    )


def last_ingest_date() -> datetime | None:
    """Return the last day of daily runs, None for no end; read when a DAG is parsed, so it needs no other setting."""
    text = os.environ.get("WAREHOUSE_LAST_INGEST_DATE", "")
    return datetime.fromisoformat(text).replace(tzinfo=UTC) if text else None


def dashboards_url() -> str:
    """Return the dashboards' address, for links in messages; empty if it is not set."""
    return os.environ.get("SUPERSET_PUBLIC_URL", "").rstrip("/")


def chromium() -> Path:
    """Return the browser that draws the weekly report."""
    return Path(os.environ.get("CHROMIUM", "/usr/bin/chromium"))


def classifier_model() -> Path | None:
    """Return the folder of the trained classifier, None for rules alone; it needs no other setting."""
    folder = os.environ.get("WAREHOUSE_CLASSIFIER_MODEL", "")
    return Path(folder) if folder else None


@contextmanager
def environment(values: Mapping[str, str]) -> Iterator[None]:
    """Set environment variables for a library that has no other configuration, and restore them afterwards."""
    before = {name: os.environ.get(name) for name in values}
    os.environ.update(values)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value
