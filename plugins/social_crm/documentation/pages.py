"""The pages of the site: an index, the repository's own documents, dbt's site and where each table comes from."""

import re
from html import escape
from importlib.resources import files
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING

from social_crm.documentation import lineage
from social_crm.settings import PROJECT_ROOT

if TYPE_CHECKING:
    from markdown_it.token import Token

DBT_SITE = "dbt/index.html"
_DOCUMENTS = ("README.md", "CONTRIBUTING.md", "CHANGELOG.md", "expectations/README.md", "bi/README.md")
_PICTURES = (".png", ".svg")
_PAGE = """<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8"><title>{title}</title><style>{style}</style></head><body>
{home}{body}
</body></html>"""
_HOME = '<p><a href="{address}index.html">Documentation</a></p>\n'
_INDEX = """<h1>Social CRM Warehouse</h1>
<h2>For who asks questions</h2>
<table>
<tr><td><a href="docs/guide-bi.md">Guide for BI users</a></td><td>ten questions, each in SQL and in clicks</td></tr>
<tr><td><a href="docs/metrics.md">Metrics</a></td><td>what each number means, and what it leaves out</td></tr>
<tr><td><a href="docs/glossary.md">Glossary</a></td><td>every table and column of bi</td></tr>
<tr><td><a href="CHANGELOG.md">Changelog</a></td><td>what appeared, changed or went</td></tr>
</table>
<h2>For who keeps it running</h2>
<table>
<tr><td><a href="docs/guide-data-engineer.md">Guide for data engineers</a></td>
<td>add a source, a metric, a dashboard; backfill; what to do at 3 a.m.</td></tr>
<tr><td><a href="docs/architecture.md">Architecture</a></td><td>the whole in one page</td></tr>
{runbooks}
</table>
<h2>What the machine wrote</h2>
<table>
<tr><td><a href="../data-docs/index.html">Data Docs</a></td><td>the latest check of each table</td></tr>
<tr><td>{dbt}</td><td>every model, its columns, its SQL and the graph</td></tr>
<tr><td><a href="lineage.html">Lineage</a></td><td>what each table of bi is made from, and OpenLineage events</td></tr>
</table>"""
_LINEAGE = """<h1>Lineage</h1>
<p>What each table of bi is made from, as the models stand. The events themselves, with every column, in the
<a href="{events}">OpenLineage format</a>.</p>
<table><tr><th>Table</th><th>Made from</th></tr>
{rows}</table>"""


def page(documentation_dir: Path, path: str) -> str | Path | None:
    """Return a page as HTML, another file of the site as its path, or None for what is not part of the site."""
    if path in ("", "index.html"):
        return _page("Documentation", _index(documentation_dir))
    if path == "lineage.html":
        return _page("Lineage", _lineage(documentation_dir), _HOME.format(address=""))
    if path in (DBT_SITE, lineage.EVENTS):
        return found if (found := documentation_dir / path).is_file() else None
    file = (PROJECT_ROOT / path).resolve()
    if not file.is_file() or not _is_document(file):
        return None
    if file.suffix in _PICTURES:
        return file
    return _page(file.stem, _html(file.read_text()), _HOME.format(address="../" * path.count("/")))


def _is_document(file: Path) -> bool:
    if not file.is_relative_to(PROJECT_ROOT):
        return False
    path = file.relative_to(PROJECT_ROOT)
    return path.as_posix() in _DOCUMENTS or (path.parts[0] == "docs" and path.suffix in (".md", *_PICTURES))


def _index(documentation_dir: Path) -> str:
    runbooks = [
        f'<tr><td><a href="docs/runbooks/{file.name}">{escape(_title(file))}</a></td><td>runbook</td></tr>'
        for file in sorted((PROJECT_ROOT / "docs/runbooks").glob("*.md"))
    ]
    written = (documentation_dir / DBT_SITE).is_file()
    dbt = f'<a href="{DBT_SITE}">Models</a>' if written else "Models (written by maintain_warehouse)"
    return _INDEX.format(runbooks="\n".join(runbooks), dbt=dbt)


def _title(document: Path) -> str:
    return document.read_text().splitlines()[0].lstrip("# ")


def _lineage(documentation_dir: Path) -> str:
    rows = [
        f"<tr><td>{escape(table)}</td><td>{escape(', '.join(sources))}</td></tr>"
        for table, sources in lineage.origins(documentation_dir).items()
    ]
    if not rows:
        return "<h1>Lineage</h1><p>Not written yet: maintain_warehouse writes it each night.</p>"
    return _LINEAGE.format(rows="\n".join(rows), events=lineage.EVENTS)


def _html(text: str) -> str:
    """Return a document as HTML, its headings with the anchors that links between our documents use."""
    from markdown_it import MarkdownIt

    markdown = MarkdownIt("commonmark", {"html": False}).enable("table")
    tokens = markdown.parse(text)
    for heading, content in pairwise(tokens):
        if heading.type == "heading_open":
            heading.attrSet("id", _anchor(content))
    return str(markdown.renderer.render(tokens, markdown.options, {}))


def _anchor(content: "Token") -> str:
    """Return a heading's anchor as code forges make it: lower case, blanks as dashes, nothing else but letters."""
    return re.sub(r"[^\w\- ]", "", content.content.lower()).replace(" ", "-")


def _page(title: str, body: str, home: str = "") -> str:
    style = files("social_crm.quality").joinpath("data_docs.css").read_text()
    return _PAGE.format(title=escape(title), style=style, home=home, body=body)
