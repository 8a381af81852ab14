"""Data Docs without a network."""

import json
from pathlib import Path

import pytest

from social_crm.quality.data_docs_site import index, page

PAGE = """<html><head><link rel="stylesheet" href="https://cdn.example/b.css">
<script src="https://cdn.example/j.js"></script><script>let own = 1</script></head>
<body><img src="https://cdn.example/l.png"><a href="../x.html">x</a></body></html>"""


@pytest.fixture
def site(tmp_path: Path) -> Path:
    for suite, failed in (("marts.fct_interactions", 0), ("raw_x.posts", 2)):
        place = Path(*suite.split(".")) / "loads 7" / "20261109T000000.000000Z"
        result = {
            "meta": {"run_id": {"run_name": "loads 7", "run_time": "2026-11-09T00:00:00+00:00"}},
            "statistics": {"evaluated_expectations": 5, "unsuccessful_expectations": failed},
        }
        for folder, suffix, text in ((".results", "json", json.dumps(result)), ("validations", "html", PAGE)):
            file = tmp_path / folder / place / f"{suite}.{suffix}"
            file.parent.mkdir(parents=True)
            file.write_text(text)
    (tmp_path.parent / "outside.html").write_text("secret")
    return tmp_path


def test_the_index_lists_each_table_with_what_failed(site: Path) -> None:
    text = index(site)
    assert text.index("<h2>The gate") < text.index("marts.fct_interactions") < text.index("<h2>The front door")
    assert 'href="validations/raw_x/posts/loads%207/20261109T000000.000000Z/raw_x.posts.html"' in text
    assert '<td class="number failed">2</td>' in text
    assert text.count("✓") >= 1


def test_a_result_that_is_being_written_is_left_out(site: Path) -> None:
    half, gone = sorted((site / ".results").rglob("*.json"))[0].with_name("half.json"), site / ".results/gone.json"
    half.write_text('{"meta": {"run_id"')
    gone.symlink_to(site / "nowhere")
    text = index(site)
    assert "half" not in text
    assert "gone" not in text
    assert "raw_x.posts" in text


def test_a_page_asks_no_other_server_for_anything(site: Path) -> None:
    shown = page(site, "validations/raw_x/posts/loads 7/20261109T000000.000000Z/raw_x.posts.html")
    assert isinstance(shown, str)
    assert "https://" not in shown
    assert "let own = 1" in shown
    assert '<a href="../x.html">' in shown


@pytest.mark.parametrize("path", ["../outside.html", "/etc/passwd", "nowhere.html", ".results/marts"])
def test_nothing_but_the_site_is_served(site: Path, path: str) -> None:
    assert page(site, path) is None


def test_raw_results_are_not_served(site: Path) -> None:
    result = next((site / ".results").rglob("*.json"))
    assert page(site, str(result.relative_to(site))) is None


def test_an_empty_site_says_so(tmp_path: Path) -> None:
    assert "Nothing has been checked yet" in index(tmp_path)
