"""Run an Airflow component whose task processes start with the heavy libraries imported.

`python -m social_crm.orchestration.preload scheduler` is `airflow scheduler`, but tasks of its LocalExecutor are forked
from a process that has imported them once: each task would otherwise spend 2 to 4 seconds of CPU on it. Nothing of
ours is among them, so that a task always runs the code as it is saved.
"""

import gc
import importlib
import logging
import sys

HEAVY = (
    "dbt.adapters.postgres",
    "dbt.cli.main",
    "dlt.sources.helpers.rest_client",
    "fastapi",
    "great_expectations",
    "pandas",
    "psycopg",
    "sqlalchemy",
)


def main() -> None:
    """Import the heavy libraries, then become `airflow` with the arguments given."""
    # Imported after Airflow has set up logging, Great Expectations would log hundreds of lines.
    logging.getLogger("great_expectations").setLevel(logging.WARNING)
    for name in HEAVY:
        importlib.import_module(name)
    # A child's garbage collector never touches frozen objects, so they stay in shared memory.
    gc.freeze()
    from airflow.__main__ import main as airflow

    sys.argv[0] = "airflow"
    airflow()  # type: ignore[no-untyped-call]


if __name__ == "__main__":
    main()
