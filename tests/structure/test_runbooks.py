"""The runbook that a failure names knows the error, for whoever is woken by it."""

import ast
import re
from functools import cache
from pathlib import Path

import pytest

from social_crm.errors import WarehouseFailed
from social_crm.orchestration.failures import LOAD_RUNBOOK, RUNBOOKS
from social_crm.settings import SettingMissing

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = ROOT / "plugins/social_crm"
WEB = ("sources/web/answers.py", "sources/web/guarded_session.py", "sources/web/network.py", "sources/web/rest.py")
SENDING = ("activation/journal.py", "activation/sending.py")
# Where what fails a task of a DAG is raised.
RAISED_IN = {
    "ingest": ("sources/**/*.py", "landing/*.py", "quality/*.py", "orchestration/steps.py"),
    "transform": (
        *("transform/*.py", "seed*.py", "quality/*.py"),
        *("enrichment/**/*.py", "privacy/pseudonyms.py", "privacy/source_policies.py", "publishing/publication.py"),
    ),
    "activate": (
        *("activation/cases.py", "activation/zendesk.py", "activation/crm_notes.py", "activation/request_tracker.py"),
        *("orchestration/activation_steps.py", *SENDING, *WEB),
    ),
    "maintain_warehouse": (
        *("privacy/retention.py", "privacy/erasure.py", "privacy/erasure_sweep.py", "privacy/pseudonyms.py"),
        *("transform/dbt_runner.py", "documentation/lineage.py", "publishing/comparison.py"),
    ),
    "notify_people": (
        "seeds.py",
        "activation/incidents.py",
        "activation/mail.py",
        "activation/chat.py",
        *SENDING,
        *WEB,
    ),
    "report_executive": ("activation/report.py", "activation/mail.py", *SENDING),
}
# Raised there by what another DAG, or nobody, calls.
ELSEWHERE = {
    ("ingest", "gate_refused"),
    ("ingest", "publication_refused"),
    ("transform", "front_door_refused"),
    # What the command of erasures is given, and no task.
    ("maintain_warehouse", "identifier_refused"),
    # Nothing is resumed while something is sent.
    ("activate", "cursor_rejected"),
    ("notify_people", "cursor_rejected"),
}
# Run by hand: they print the error.
COMMANDS = (
    "publishing/entitlements.py", "privacy/logins.py", "holidays.py", "identities.py", "labels.py", "database/",
    "dashboards/", "local/",
)  # fmt: skip


@cache
def kinds() -> dict[str, str]:
    """Return the kind of each error of ours, by its class's name."""
    classes = [
        node
        for file in PACKAGE.rglob("*.py")
        for node in ast.walk(ast.parse(file.read_text()))
        if isinstance(node, ast.ClassDef) and node.bases
    ]
    found = {"WarehouseError": "error"}
    while more := {
        node.name: kind
        for node in classes
        if node.name not in found and (kind := _own_kind(node) or found.get(ast.unparse(node.bases[0])))
    }:
        found |= more
    return found


def _own_kind(node: ast.ClassDef) -> str | None:
    named = re.search(r"^ {4}kind = '(\w+)'$", ast.unparse(node), re.M)
    return named.group(1) if named else None


@cache
def raised_in(file: Path) -> set[str]:
    """Return the kinds of the errors that a module raises or hands to who does."""
    calls = [node for node in ast.walk(ast.parse(file.read_text())) if isinstance(node, ast.Call)]
    return {kinds()[name] for call in calls if (name := ast.unparse(call.func)) in kinds()}


def test_errors_are_found_where_they_are_raised() -> None:
    assert raised_in(PACKAGE / "transform/runs.py") == {"transform_in_progress", "transform_refused"}
    assert "model_failed" in raised_in(PACKAGE / "transform/dbt_runner.py")


@pytest.mark.parametrize("dag", RAISED_IN)
def test_the_runbook_of_a_dag_knows_every_error_of_its_tasks(dag: str) -> None:
    files = {file for pattern in RAISED_IN[dag] for file in PACKAGE.glob(pattern)}
    assert all([*PACKAGE.glob(pattern)] for pattern in RAISED_IN[dag])
    # A bare error of Postgres becomes one of ours, whatever the task, and each may lack a setting.
    found = {kind for file in files for kind in raised_in(file)} | {WarehouseFailed.kind, SettingMissing.kind}
    runbook = (ROOT / RUNBOOKS.get(dag, LOAD_RUNBOOK)).read_text()
    known = set(re.findall(r"`([a-z_]+)`", runbook))
    assert {kind for kind in found - known if (dag, kind) not in ELSEWHERE} == set()


def test_every_module_that_raises_belongs_to_a_dag_or_to_a_command() -> None:
    assigned = {file for patterns in RAISED_IN.values() for pattern in patterns for file in PACKAGE.glob(pattern)}
    raising = {file for file in PACKAGE.rglob("*.py") if raised_in(file)}
    others = [str(file.relative_to(PACKAGE)) for file in raising - assigned]
    # Where Airflow's connections are, where what runs too long is known, where all tasks pass, and what all need.
    assert sorted(name for name in others if not name.startswith(COMMANDS)) == [
        "orchestration/connections.py",
        "orchestration/deadlines.py",
        "orchestration/failures.py",
        "settings.py",
    ]


def test_every_runbook_that_a_dag_names_is_there() -> None:
    assert [name for name in (*RUNBOOKS.values(), LOAD_RUNBOOK) if not (ROOT / name).exists()] == []
    assert set(RUNBOOKS) | {"ingest"} == set(RAISED_IN)
