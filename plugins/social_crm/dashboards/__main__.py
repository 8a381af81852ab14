"""`make generate`: rewrite `bi/` and the catalogue of metrics."""

import sys
from pathlib import Path

from social_crm.command import run_command
from social_crm.dashboards import datasets, places
from social_crm.dashboards.assets import BI_DIR, DATABASE
from social_crm.dashboards.customer import CUSTOMER
from social_crm.dashboards.executive import EXECUTIVE
from social_crm.dashboards.semantics import read_semantics
from social_crm.dashboards.servicing import SERVICING
from social_crm.dashboards.teams import TEAMS
from social_crm.dashboards.voice import VOICE
from social_crm.dashboards.work_queue import WORK_QUEUE

DASHBOARDS = (EXECUTIVE, SERVICING, TEAMS, VOICE, CUSTOMER, WORK_QUEUE)
FOLDERS = ("databases", f"datasets/{DATABASE}", "datasets/places", "charts", "dashboards")


def generated_files() -> dict[Path, str]:
    """Return every file except the datasets of facts, with its text."""
    files = places.files()
    for dashboard in DASHBOARDS:
        files |= dashboard.files()
    return {BI_DIR / name: text for name, text in files.items()}


def main() -> None:
    """Write every file, and delete files that are no longer generated."""
    files = datasets.generated_files(read_semantics()) | generated_files()
    for folder in FOLDERS:
        for old in (BI_DIR / folder).glob("*.yaml"):
            if old not in files:
                old.unlink()
    for path, text in files.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)


if __name__ == "__main__":
    sys.exit(run_command(main))
