"""Data Docs as a site that needs no other server: its own index, and pages that load nothing from elsewhere.

Great Expectations' pages load scripts and styles from six public servers, and its index is empty without them: of no
use offline, and more than anyone else should learn about our checks.
"""

import json
import re
from html import escape
from importlib.resources import files
from pathlib import Path
from urllib.parse import quote

_FROM_ELSEWHERE = re.compile(r"<(script|link|img)\b[^>]*?(?:src|href)=\"https?://[^>]*>(?:\s*</script>)?", re.I)
_INDEX = """<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8"><title>Data Docs</title><style>{style}</style></head><body>
<h1>Data Docs</h1>
<p>The latest check of each table. The front door looks at what has just landed in raw; the gate looks at the star
before readers of bi see it.</p>
{tables}
</body></html>"""
_TABLE = """<h2>{title}</h2><table>
<tr><th>Table</th><th>Checked</th><th>As of</th><th class="number">Rules</th><th class="number">Failed</th></tr>
{rows}</table>"""


def index(root: Path) -> str:
    """Return the page that lists the latest check of each table."""
    doors: dict[str, list[str]] = {"The gate": [], "The front door": []}
    for result in sorted((root / ".results").rglob("*.json")):
        try:
            row = _index_row(root, result)
        except (OSError, ValueError):  # being written or deleted at this moment
            continue
        doors["The gate" if result.stem.startswith("marts.") else "The front door"].append(row)
    tables = "".join(_TABLE.format(title=title, rows="\n".join(rows)) for title, rows in doors.items() if rows)
    return _INDEX.format(style=_style(), tables=tables or "<p>Nothing has been checked yet.</p>")


def page(root: Path, path: str) -> str | Path | None:
    """Return a page as HTML, another file of the site as its path, or None for what is not part of the site."""
    if path in ("", "index.html"):
        return index(root)
    file = (root / path).resolve()
    if not file.is_relative_to(root.resolve()) or not file.is_file():
        return None
    if any(part.startswith(".") for part in file.relative_to(root.resolve()).parts):
        return None
    if file.suffix != ".html":
        return file
    own = _FROM_ELSEWHERE.sub("", file.read_text())
    return own.replace("</head>", f"<style>{_style()}</style></head>", 1)


def _style() -> str:
    return files("social_crm.quality").joinpath("data_docs.css").read_text()


def _index_row(root: Path, result: Path) -> str:
    found = json.loads(result.read_text())
    run, statistics = found["meta"]["run_id"], found["statistics"]
    failed = statistics["unsuccessful_expectations"]
    address = quote(f"validations/{result.relative_to(root / '.results').with_suffix('.html')}")
    mark = f'<td class="number failed">{failed}</td>' if failed else '<td class="number passed">✓</td>'
    return (
        f'<tr><td><a href="{address}">{escape(result.stem)}</a></td><td>{escape(run["run_name"])}</td>'
        f"<td>{escape(run['run_time'][:16].replace('T', ' '))}</td>"
        f'<td class="number">{statistics["evaluated_expectations"]}</td>{mark}</tr>'
    )
