"""`python -m social_crm.dashboards`: write `bi/` anew."""

from social_crm.dashboards import places
from social_crm.dashboards.bundle import Files, frame, write
from social_crm.dashboards.executive import EXECUTIVE

DASHBOARDS = (EXECUTIVE,)


def generated_files() -> Files:
    """Return every file that this command writes, by its path below `bi/`."""
    files = frame() | places.files()
    for dashboard in DASHBOARDS:
        files |= dashboard.files()
    return files


if __name__ == "__main__":
    write(generated_files(), ("databases", "datasets", "charts", "dashboards"))
