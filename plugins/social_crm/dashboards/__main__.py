"""`make generate`: write `bi/` and the catalogue of metrics anew."""

from social_crm.dashboards import datasets, places
from social_crm.dashboards.assets import BI_DIR
from social_crm.dashboards.customer import CUSTOMER
from social_crm.dashboards.executive import EXECUTIVE
from social_crm.dashboards.servicing import SERVICING
from social_crm.dashboards.teams import TEAMS
from social_crm.dashboards.voice import VOICE
from social_crm.dashboards.work_queue import WORK_QUEUE

DASHBOARDS = (EXECUTIVE, SERVICING, TEAMS, VOICE, CUSTOMER, WORK_QUEUE)
FOLDERS = ("databases", "datasets/places", "charts", "dashboards")


def generated_files() -> dict[str, str]:
    """Return what is here beside datasets of facts, by its path below `bi/`."""
    files = places.files()
    for dashboard in DASHBOARDS:
        files |= dashboard.files()
    return files


def main() -> None:
    """Write every file, and delete what nothing makes any more."""
    datasets.write()
    files = generated_files()
    for folder in FOLDERS:
        for old in (BI_DIR / folder).glob("*.yaml"):
            if str(old.relative_to(BI_DIR)) not in files:
                old.unlink()
    for name, text in files.items():
        path = BI_DIR / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)


if __name__ == "__main__":
    main()
