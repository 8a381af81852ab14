"""Bring Superset to what `bi/` says: schema, roles, users, assets, rules. Safe to repeat; quick when nothing changed.

Runs in Superset's own environment, so it imports nothing of `social_crm`. One process does all of it: each command of
Superset's own pays 6 to 17 seconds of start-up.
"""

import hashlib
import json
import os
import sys
from pathlib import Path

import psycopg2
from entitlements import SEED

BI_DIR = Path(__file__).resolve().parent
FOLDERS = ("databases", "datasets", "charts", "dashboards")
# A variable whose change must reach what was installed.
VARIABLES = (
    "SUPERSET_ADMIN_PASSWORD", "SUPERSET_USERS", "SUPERSET_PERIODS", "SUPERSET_SECRET_KEY",
    "WAREHOUSE_READER_URL", "WAREHOUSE_BI_SECRET",
)  # fmt: skip
Marks = dict[str, str]


class InstallFailed(RuntimeError):
    """Raised with what is wrong in which file, and nothing else."""


def read_bundle() -> dict[str, str]:
    """Return the asset files by their path below `bi/`."""
    paths = [BI_DIR / "metadata.yaml", *(path for folder in FOLDERS for path in (BI_DIR / folder).rglob("*.yaml"))]
    return {str(path.relative_to(BI_DIR)): path.read_text() for path in sorted(paths)}


def marks_of(bundle: dict[str, str]) -> Marks:
    """Return what the last installation must have had in common with this one to be skipped, by step."""
    code = [path.read_text() for path in (*sorted(BI_DIR.rglob("*.py")), SEED)]
    given = [os.environ.get(name, "") for name in VARIABLES]
    return {
        "schema": _hash([(BI_DIR / "requirements.lock").read_text(), (BI_DIR / "superset_config.py").read_text()]),
        "bundle": _hash([sorted(bundle.items()), code, given]),
    }


def read_marks() -> Marks:
    """Return the marks of the last complete installation."""
    with psycopg2.connect(os.environ["SUPERSET_DATABASE_URL"]) as connection, connection.cursor() as cursor:
        cursor.execute("create table if not exists installed_marks (step text primary key, mark text not null)")
        cursor.execute("select step, mark from installed_marks")
        return dict(cursor.fetchall())


def write_marks(marks: Marks) -> None:
    """Write down that everything these marks stand for is installed."""
    with psycopg2.connect(os.environ["SUPERSET_DATABASE_URL"]) as connection, connection.cursor() as cursor:
        cursor.execute("delete from installed_marks")
        cursor.executemany("insert into installed_marks values (%s, %s)", list(marks.items()))


def install(bundle: dict[str, str], is_schema_new: bool) -> None:
    """Do all steps, in the application of Superset; raises InstallFailed with what it refuses."""
    from superset.app import create_app

    with create_app().app_context():
        from installer import access, assets, chart_check

        if is_schema_new:
            access.migrate()
        problems = access.ensure_users(json.loads(os.environ.get("SUPERSET_USERS") or "[]"))
        if not problems:
            access.act_as_administrator()
            problems = assets.import_bundle(bundle, json.loads(os.environ.get("SUPERSET_PERIODS") or "{}"))
        if not problems:
            access.ensure_grants()
            problems = chart_check.problems()
    if problems:
        raise InstallFailed("\n".join(problems))


def main() -> int:
    """Install unless nothing changed; returns the exit code."""
    bundle = read_bundle()
    marks, before = marks_of(bundle), read_marks()
    if marks == before:
        print("dashboards: nothing changed since they were installed")
        return 0
    try:
        install(bundle, marks["schema"] != before.get("schema"))
    except InstallFailed as error:
        print(f"dashboards are not installed:\n{error}", file=sys.stderr)
        return 1
    write_marks(marks)
    print(f"dashboards: {sum(name.startswith('dashboards/') for name in bundle)} installed")
    return 0


def _hash(parts: object) -> str:
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()


if __name__ == "__main__":
    sys.exit(main())
