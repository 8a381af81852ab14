"""The documentation's site: what it shows, and that it shows nothing else."""

import re
from pathlib import Path

import pytest

from social_crm.documentation.pages import page
from social_crm.settings import PROJECT_ROOT


def links_of(html: str) -> list[str]:
    return [link for link in re.findall(r'href="([^"#]+)', html) if "://" not in link]


def test_every_link_of_the_index_leads_somewhere(tmp_path: Path) -> None:
    (tmp_path / "dbt").mkdir()
    (tmp_path / "dbt/index.html").write_text("models")
    html = page(tmp_path, "index.html")
    assert isinstance(html, str)
    links = [link for link in links_of(html) if not link.startswith("../data-docs/")]
    assert len(links) > 8
    assert [link for link in links if page(tmp_path, link) is None] == []


def test_a_document_reaches_its_pictures_and_its_own_headings(tmp_path: Path) -> None:
    html = page(tmp_path, "docs/metrics.md")
    assert isinstance(html, str)
    anchors = set(re.findall(r'href="#([^"]+)', html))
    assert "first-reply" in anchors
    assert anchors <= set(re.findall(r'id="([^"]+)', html))
    assert page(tmp_path, "docs/images/flow.svg") == PROJECT_ROOT / "docs/images/flow.svg"


def test_models_are_no_link_until_they_are_written(tmp_path: Path) -> None:
    html = page(tmp_path, "")
    assert isinstance(html, str)
    assert "dbt/index.html" not in html
    assert "maintain_warehouse" in html


def test_a_page_asks_no_other_server_for_anything(tmp_path: Path) -> None:
    for path in ("index.html", "lineage.html", "README.md"):
        html = page(tmp_path, path)
        assert isinstance(html, str)
        assert re.findall(r"<(?:script|link|img)[^>]*https?://", html) == []


@pytest.mark.parametrize(
    "path", ["pyproject.toml", "docs/../pyproject.toml", ".env.example", "../README.md", "/etc/passwd", "docs", "x.md"]
)
def test_nothing_but_documents_is_served(tmp_path: Path, path: str) -> None:
    assert page(tmp_path, path) is None
