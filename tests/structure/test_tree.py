"""The house rules that concern files: where they are, how long they may be, what they may be called."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = ROOT / "plugins/social_crm"

ALLOWED_AT_ROOT = {
    ".ci", ".dockerignore", ".env.example", ".gitignore", ".pre-commit-config.yaml", ".sqlfluff", ".yamllint",
    "CHANGELOG.md", "CONTRIBUTING.md", "Dockerfile", "LICENSE", "Makefile", "README.md",
    "benchmarks", "bi", "dags", "dbt_project", "docker-compose.yml", "docs", "expectations", "plugins",
    "pyproject.toml", "requirements-production.lock", "requirements.lock", "sample", "tests",
}  # fmt: skip

# (glob, most lines): the hard limits of the house style. The first glob that matches a file counts.
LIMITS = [
    ("dags/*.py", 80),
    ("plugins/social_crm/sources/*.py", 150),
    ("plugins/**/*.py", 300),
    # These two fill the contract: joins, and thirty columns (docs/decisions/0005).
    ("dbt_project/models/staging/**/stg_*__interactions.sql", 130),
    ("dbt_project/models/staging/**/stg_*__case_events.sql", 130),
    ("dbt_project/models/staging/**/*.sql", 80),
    ("dbt_project/models/intermediate/**/*.sql", 130),
    ("dbt_project/models/marts/**/*.sql", 130),
    ("dbt_project/models/**/*.yml", 150),
    ("expectations/**/*.yml", 80),
    ("docs/decisions/*.md", 60),
]


def tracked_files() -> list[Path]:
    """Return every file git tracks, or would if asked to add it."""
    listing = subprocess.run(
        ["git", "ls-files", "-co", "--exclude-standard"], cwd=ROOT, capture_output=True, text=True, check=True
    )
    return [ROOT / line for line in listing.stdout.splitlines() if (ROOT / line).is_file()]


def test_nothing_unexpected_lies_at_the_root() -> None:
    names = {path.relative_to(ROOT).parts[0] for path in tracked_files()}
    assert names <= ALLOWED_AT_ROOT


@pytest.mark.parametrize(("pattern", "most_lines"), LIMITS)
def test_no_file_is_over_its_limit(pattern: str, most_lines: int) -> None:
    earlier = {path for glob, _ in LIMITS[: LIMITS.index((pattern, most_lines))] for path in ROOT.glob(glob)}
    files = set(ROOT.glob(pattern)) - earlier
    assert files, f"{pattern} matches nothing: the rule guards an empty room"
    lengths = {str(path.relative_to(ROOT)): len(path.read_text().splitlines()) for path in files}
    assert {name: length for name, length in lengths.items() if length > most_lines} == {}


def test_no_module_shadows_the_standard_library() -> None:
    names = {path.stem for path in PACKAGE.rglob("*.py")} - {"__init__", "__main__"}
    assert names & set(sys.stdlib_module_names) == set()


def test_airflow_is_told_not_to_import_the_package_as_plugins() -> None:
    assert "social_crm/" in (ROOT / "plugins/.airflowignore").read_text().split()


def test_no_folder_is_empty() -> None:
    folders = {parent for path in tracked_files() for parent in path.parents if ROOT in parent.parents}
    on_disk = {
        path
        for top in ("dags", "dbt_project", "plugins", "expectations", "tests", "docs", "benchmarks", "sample")
        for path in (ROOT / top).rglob("*")
        if path.is_dir() and not re.search(r"__pycache__|/target|/logs|egg-info|\.pytest_cache", str(path))
    }
    assert sorted(str(path.relative_to(ROOT)) for path in on_disk - folders) == []


def test_everything_but_orchestration_imports_without_airflow() -> None:
    modules = [
        ".".join(path.relative_to(ROOT / "plugins").with_suffix("").parts).removesuffix(".__init__")
        for path in PACKAGE.rglob("*.py")
        if "orchestration" not in path.parts and path.name != "__main__.py"
    ]
    program = (
        "import sys, importlib\n"
        "sys.modules['airflow'] = None\n"
        f"for name in {modules!r}: importlib.import_module(name)\n"
    )
    done = subprocess.run([sys.executable, "-c", program], cwd=ROOT / "plugins", capture_output=True, text=True)
    assert done.returncode == 0, done.stderr[-2000:]


def test_no_link_in_the_documents_is_dead() -> None:
    dead = []
    for page in [path for path in tracked_files() if path.suffix == ".md"]:
        for target in re.findall(r"\]\(([^)#\s]+)[^)]*\)", page.read_text()):
            if "://" not in target and not target.startswith("mailto:") and not (page.parent / target).exists():
                dead.append(f"{page.relative_to(ROOT)} → {target}")
    assert dead == []


def test_every_command_that_a_document_names_is_there() -> None:
    commands = {
        name
        for page in tracked_files()
        if page.suffix in (".md", ".py", ".sql", ".yml")
        for name in re.findall(r"python -m social_crm\.([a-z_.]*[a-z])", page.read_text())
    }
    assert len(commands) > 10
    files = {name: PACKAGE / name.replace(".", "/") for name in commands}
    runnable = {name: [file.with_suffix(".py"), file / "__main__.py"] for name, file in files.items()}
    assert {name for name, places in runnable.items() if not any(place.is_file() for place in places)} == set()
