"""The seeds of the dbt project as the files that they are, for what Python must know whether or not dbt loaded them."""

import csv
from pathlib import Path
from typing import Final

from social_crm.settings import PROJECT_ROOT

SEEDS: Final = PROJECT_ROOT / "dbt_project/seeds"


def read_seed(path: Path) -> list[dict[str, str]]:
    """Return the rows of a seed, in its order."""
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))
