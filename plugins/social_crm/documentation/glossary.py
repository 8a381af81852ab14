"""The glossary of `bi`: every table and column as the models describe them, in one page for BI users.

`make generate` writes docs/glossary.md; a structure test checks that it is current.
"""

import json
import sys
import tempfile
from collections.abc import Iterable
from pathlib import Path
from typing import Any, NamedTuple

from social_crm.command import run_command
from social_crm.settings import PROJECT_ROOT
from social_crm.transform.dbt_runner import parse_without_warehouse

GLOSSARY = PROJECT_ROOT / "docs/glossary.md"
_HEAD = """# Glossary

Every table and column that BI users see in `bi`, as the models describe them. `make generate` writes this page: fix a
word where it is defined, `dbt_project/models/marts/`. How numbers are made is in [metrics](metrics.md). `NULL` means
unknown, never 0; moments are UTC.
"""


class Term(NamedTuple):
    """A column name with one of its meanings."""

    name: str
    data_type: str
    meaning: str


def write(manifest: dict[str, Any]) -> str:
    """Return the page as Markdown, from dbt's manifest."""
    marts = sorted(
        (node for node in manifest["nodes"].values() if node["resource_type"] == "model" and node["fqn"][1] == "marts"),
        key=lambda node: node["name"],
    )
    return "\n".join([_HEAD, *_tables(marts), "", *_columns(marts), ""])


def _tables(marts: Iterable[dict[str, Any]]) -> list[str]:
    rows = [f"| `{node['name']}` | {node['fqn'][2]} | {_cell(node['description'])} |" for node in marts]
    return ["## Tables", "", "| Table | Area | What a row is |", "|---|---|---|", *rows]


def _columns(marts: Iterable[dict[str, Any]]) -> list[str]:
    tables: dict[Term, list[str]] = {}
    for node in marts:
        for column in node["columns"].values():
            term = Term(column["name"], column["data_type"], _cell(column["description"]))
            tables.setdefault(term, []).append(node["name"])
    lines = ["## Columns", "", "A column that means the same in several tables stands here once.", ""]
    lines += ["| Column | Type | Meaning | In |", "|---|---|---|---|"]
    for term in sorted(tables):
        shown = ", ".join(f"`{table}`" for table in tables[term])
        lines.append(f"| `{term.name}` | {term.data_type} | {term.meaning} | {shown} |")
    return lines


def _cell(text: str) -> str:
    return " ".join(text.replace("|", "\\|").split())


def main() -> None:
    """Write the page from the project as it stands."""
    with tempfile.TemporaryDirectory(prefix="glossary-") as directory:
        manifest = json.loads(parse_without_warehouse(Path(directory)).read_text())
    GLOSSARY.write_text(write(manifest))


if __name__ == "__main__":
    sys.exit(run_command(main))
