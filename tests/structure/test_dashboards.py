"""Dashboards are generated, and what is committed is what the generator writes."""

from pathlib import Path

from social_crm.dashboards.__main__ import generated_files
from social_crm.dashboards.bundle import BI_DIR

FOLDERS = ("databases", "charts", "dashboards")


def test_regenerating_changes_nothing() -> None:
    files = generated_files()
    outdated = [
        name for name, text in files.items() if not (BI_DIR / name).exists() or (BI_DIR / name).read_text() != text
    ]
    assert outdated == [], "run: python -m social_crm.dashboards"


def test_nothing_is_left_over() -> None:
    on_disk = {str(path.relative_to(BI_DIR)) for folder in FOLDERS for path in Path(BI_DIR / folder).glob("**/*.yaml")}
    assert on_disk
    assert on_disk <= set(generated_files())
