"""Runs the dbt project in this process, with everything it needs from the settings."""

import hashlib
import json
import logging
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast
from urllib.parse import unquote, urlsplit

from social_crm.database import MAY_IDLE, escape_option
from social_crm.errors import WarehouseError, WarehouseFailed
from social_crm.garbage_collection import rare_garbage_collection
from social_crm.settings import PROJECT_ROOT, Settings, environment, load_settings

if TYPE_CHECKING:
    from dbt.cli.main import dbtRunnerResult
    from dbt.contracts.graph.manifest import Manifest

DBT_PROJECT_DIR = PROJECT_ROOT / "dbt_project"
# What models call from this package: SQL functions, created by `prepare`.
FUNCTIONS = [PROJECT_ROOT / "plugins/social_crm/database" / name for name in ("pseudonyms.sql", "texts.sql")]
FAILED = ("error", "fail", "runtime error")
# Nobody reads a run's artifacts, and writing them takes longer than many a model.
NO_ARTIFACTS = "--no-write-json"
# Names in our own SQL are not values, if they come before the first quoted value.
_OF_OURS = re.compile(r'\b(column|relation|constraint|schema|table|index|file) "([a-z_][a-z0-9_./]*)"')
# The server or its machine ran short of something, or ended a session: no model is at fault. dbt keeps no SQLSTATE.
_OF_SERVER = re.compile(
    "server closed the connection|connection already closed|terminating connection|connection to server|"
    "SSL connection has been closed|SSL SYSCALL error|the database system is|canceling statement|deadlock detected|"
    "connection slots|too many (clients|connections)|no space left|temporary file size exceeds|out of (shared )?memory|"
    "could not (extend|write|create|open|fsync|receive|send)",
    re.IGNORECASE,
)
# Errors of models that share a session with the model that gives the reason.
_OF_ANOTHER = re.compile("connection already closed|current transaction is aborted")
_NOT_THE_MODEL = (
    "No model is at fault: once the server answers and has room, clear this task, which goes on from there."
)
_QUOTED = re.compile(r"[\"'(].*")
log = logging.getLogger(__name__)


class ModelFailed(WarehouseError):
    """A model, seed or test of the dbt project failed; the message names it, its file and dbt's reason."""

    kind = "model_failed"
    is_of_lines = True
    next_step = "fix the named model, then run transform again"


class RowsRefused(ModelFailed):
    """A test, which transforms only run on seeds, found rows; it fails the same way every time."""

    next_step = "fix the seed that the message names, then run transform again"
    is_hopeless = True


@dataclass(frozen=True)
class NodeResult:
    """The result of one node of the dbt project."""

    node: str
    status: str
    seconds: float


def load_seeds(select: Sequence[str] = (), full_refresh: bool = False) -> list[NodeResult]:
    """Load the selected seeds, or all without a selection; raises ModelFailed."""
    return run_dbt(["seed", NO_ARTIFACTS, *_chosen(select, full_refresh)])


def run_models(select: Sequence[str], full_refresh: bool = False, *, exclude: Sequence[str] = ()) -> list[NodeResult]:
    """Build the selected models in order; raises ModelFailed.

    Not with `dbt build`: whatever it builds, it puts all tests into its graph, which costs more than many models.
    """
    left_out = ["--exclude", *exclude] if exclude else []
    return run_dbt(["run", NO_ARTIFACTS, *_chosen(select, full_refresh), *left_out])


def project_version() -> str:
    """Return a fingerprint of all files that the warehouse is built from: the dbt project and functions it calls."""
    digest = hashlib.sha256(b"".join(file.read_bytes() for file in FUNCTIONS))
    for path in sorted(DBT_PROJECT_DIR.rglob("*")):
        name = path.relative_to(DBT_PROJECT_DIR)
        # Files that dbt writes when somebody runs it by hand are not part of the project.
        if path.suffix in (".sql", ".yml", ".csv") and name.parts[0] not in ("target", "logs"):
            content = path.read_bytes()
            digest.update(f"{name} {len(content)} ".encode() + content)
    return digest.hexdigest()


def run_tests(select: list[str]) -> list[NodeResult]:
    """Run the data and unit tests that need only the selected nodes; raises ModelFailed naming what failed."""
    return run_dbt(["test", NO_ARTIFACTS, "--indirect-selection", "cautious", "--select", *select])


def parse_project(settings: Settings) -> None:
    """Write the manifest into the target directory without touching the database; a deprecation raises ModelFailed."""
    run_dbt(["--warn-error-options", '{"error": ["Deprecations"]}', "parse", "--show-all-deprecations"], settings)


def parse_without_warehouse(target_dir: Path) -> Path:
    """Parse the project as it stands, without a server, and return the manifest's path."""
    nowhere = "postgresql://nobody:nothing@127.0.0.1:1/nowhere"
    parse_project(Settings("", nowhere, nowhere, nowhere, "none", target_dir, target_dir))
    return target_dir / "manifest.json"


def write_dbt_site(settings: Settings) -> dict[str, Any]:
    """Write dbt's own site, a single file that contacts no server, and return the manifest it was made from.

    In a target directory of its own: the running transform has its own state in the usual one.
    """
    own = replace(settings, dbt_target_dir=settings.dbt_target_dir / "site")
    parse_project(own)
    run_dbt(["docs", "generate", "--static", "--no-compile"], own)
    site = settings.documentation_dir / "dbt/index.html"
    site.parent.mkdir(parents=True, exist_ok=True)
    (own.dbt_target_dir / "static_index.html").replace(site)
    return dict(json.loads((own.dbt_target_dir / "manifest.json").read_text()))


def run_dbt(arguments: list[str], settings: Settings | None = None) -> list[NodeResult]:
    """Run one dbt command and return the result of each of its nodes; raises ModelFailed."""
    settings = settings or load_settings()
    answer = invoke_dbt(arguments, settings)
    nodes = list(getattr(answer.result, "results", None) or [])
    failures = [node for node in nodes if node.status in FAILED]
    if failures or not answer.success:
        # It repeats messages of Postgres, which may quote rows.
        (settings.dbt_target_dir / "run_results.json").unlink(missing_ok=True)
    if failures:
        # A failed test has a result; a test that could not run is an error.
        is_answered = any(node.status == "fail" for node in failures)
        told = [node for node in failures if not _OF_ANOTHER.search(str(node.message))] or failures
        message = "; ".join(_describe(node) for node in told[:3])
        if _OF_SERVER.search(str(told[0].message)):
            raise WarehouseFailed(f"{message}. {_NOT_THE_MODEL}")
        raise (RowsRefused if is_answered else ModelFailed)(message)
    _require_success(answer, arguments)
    for node in (node for node in nodes if node.status != "pass"):  # a passed test has no message
        log.info("%s %s in %.1f s", node.node.name, node.status, node.execution_time)
    return [NodeResult(node.node.name, str(node.status), node.execution_time) for node in nodes]


def read_project() -> "Manifest":
    """Return the project as dbt parsed it; the next command in this target directory need not parse it again."""
    arguments = ["parse", NO_ARTIFACTS]
    answer = invoke_dbt(arguments, load_settings())
    _require_success(answer, arguments)
    return cast("Manifest", answer.result)


def invoke_dbt(arguments: list[str], settings: Settings) -> "dbtRunnerResult":
    """Run one dbt command in this process and return its result, even if it failed."""
    from dbt.cli.main import dbtRunner
    from dbt.exceptions import ParsingError
    from dbt_common.exceptions import CompilationError

    command = [*arguments, "--project-dir", str(DBT_PROJECT_DIR), "--profiles-dir", str(DBT_PROJECT_DIR)]
    parsed = settings.dbt_target_dir / "partial_parse.msgpack"
    with environment(dbt_environment(settings)), rare_garbage_collection():
        answer = dbtRunner().invoke(command)
        if isinstance(answer.exception, CompilationError | ParsingError) and parsed.exists():
            # dbt's state of a former version may interfere: a unit test that moved to another file would exist twice.
            parsed.unlink()
            answer = dbtRunner().invoke(command)
        return answer


def _require_success(answer: "dbtRunnerResult", arguments: list[str]) -> None:
    if not answer.success:
        reason = reason_of(answer.exception or answer.result)
        if _OF_SERVER.search(reason):
            raise WarehouseFailed(f"dbt {arguments[0]}: {reason}. {_NOT_THE_MODEL}")
        raise ModelFailed(f"dbt could not run {' '.join(arguments)}: {reason}")


def _chosen(select: Sequence[str], full_refresh: bool) -> list[str]:
    """Return the options that select nodes without their tests."""
    return [
        *(["--select", *select] if select else []),
        *("--indirect-selection", "empty"),
        *(["--full-refresh"] if full_refresh else []),
    ]


def dbt_environment(settings: Settings) -> dict[str, str]:
    """Return the environment variables under which the dbt project reaches the warehouse as the transformer."""
    url = urlsplit(settings.warehouse_transformer_url)
    return {
        "WAREHOUSE_HOST": url.hostname or "",
        "WAREHOUSE_PORT": str(url.port or 5432),
        "WAREHOUSE_DBNAME": unquote(url.path.removeprefix("/")),
        "WAREHOUSE_USER": unquote(url.username or ""),
        "DBT_ENV_SECRET_WAREHOUSE_PASSWORD": unquote(url.password or ""),
        "PGOPTIONS": f"-c social_crm.pseudonym_key={escape_option(settings.pseudonym_key)} {MAY_IDLE} -c jit=off",
        "DBT_TARGET_PATH": str(settings.dbt_target_dir),
        "DBT_LOG_PATH": str(settings.dbt_target_dir / "logs"),
        "DBT_LOG_LEVEL": "none",
        "DBT_QUIET": "true",
        "DBT_SEND_ANONYMOUS_USAGE_STATS": "false",
        "DO_NOT_TRACK": "1",
    }


def _describe(node: Any) -> str:
    return f"{node.node.name} ({node.node.original_file_path}): {reason_of(node.message or '')}"


def reason_of(message: object) -> str:
    """Return dbt's message; from Postgres' part only the first line, up to where it may begin to quote a row."""
    lines = [line.strip() for line in str(message).strip().splitlines()]
    start = next((number for number, line in enumerate(lines) if "Database Error" in line), None)
    if start is None:
        return "\n".join(lines)
    said = _OF_OURS.sub(r"\1 \2", next(iter(lines[start + 1 :]), ""))
    return f"{lines[start]}: {_QUOTED.sub('…', said)}"
