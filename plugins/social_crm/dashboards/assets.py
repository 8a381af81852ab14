"""Names, identifiers and the format that all files in `bi/` share."""

from pathlib import Path
from typing import Any, Final
from uuid import UUID, uuid5

import yaml

from social_crm.settings import PROJECT_ROOT

# Fixed for ever: another value would make every asset a new one, beside the old ones.
NAMESPACE: Final = UUID("6f0d8f0e-5e0b-4d53-9f0a-3d0c6f1f6b1a")
ASSET_VERSION: Final = "1.0.0"
BI_DIR: Final = PROJECT_ROOT / "bi"
DATABASE: Final = "warehouse"
SCHEMA: Final = "bi"
ABBREVIATIONS: Final = ("frt", "sla", "usd")


def asset_uuid(kind: str, name: str) -> str:
    """Return the identifier of a database, dataset, chart or dashboard, which never changes."""
    return str(uuid5(NAMESPACE, f"{kind}/{name}"))


def dataset_file(name: str) -> Path:
    """Return where the dataset with this name is stored."""
    return BI_DIR / "datasets" / DATABASE / f"{name}.yaml"


# What the words of a column's name would not tell whoever has not read the glossary.
HEADINGS: Final = {
    "care_compound": "Care score, −1 to 1",
    "expected_author_count": "People expected",
    "hole_count": "Missing spans",
    "hole_from": "First missing from",
    "hole_until": "First missing until",
    "is_stale": "Is overdue",
    "month_start_date": "Month",
    "peak_author_count": "People at the peak",
    "text_excerpt": "Words, masked",
    "text_masked": "Words, masked",
}


def heading(column: str) -> str:
    """Return the name of a column as people read it: `sla_due_at` is "SLA due at", `month_start_date` "Month"."""
    if column in HEADINGS:
        return HEADINGS[column]
    words = column.removesuffix("_date").split("_")
    first, *others = [word.upper() if word in ABBREVIATIONS else word for word in words]
    return " ".join([first[:1].upper() + first[1:], *others])


def to_yaml(content: dict[str, Any]) -> str:
    """Return an asset as YAML, with keys in the order of creation and SQL on separate lines."""
    return yaml.dump(content, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=120)


class _Dumper(yaml.SafeDumper):
    """Writes multi-line texts as blocks, and repeats equal parts in full."""

    def ignore_aliases(self, data: Any) -> bool:
        """Never refer to an earlier part."""
        return True


def _text(dumper: yaml.SafeDumper, value: str) -> yaml.Node:
    return dumper.represent_scalar("tag:yaml.org,2002:str", value, style="|" if "\n" in value else None)


_Dumper.add_representer(str, _text)
