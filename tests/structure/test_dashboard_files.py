"""Dashboards are generated, and what is committed is what the generator writes."""

import csv

from social_crm.dashboards.__main__ import DASHBOARDS, generated_files
from social_crm.dashboards.assets import BI_DIR
from social_crm.settings import PROJECT_ROOT

FOLDERS = ("databases", "datasets/places", "charts", "dashboards")


def test_regenerating_changes_nothing() -> None:
    files = generated_files()
    outdated = [str(path) for path, text in files.items() if not path.exists() or path.read_text() != text]
    assert outdated == [], "run: make generate"


def test_nothing_is_left_over() -> None:
    on_disk = {path for folder in FOLDERS for path in (BI_DIR / folder).glob("**/*.yaml")}
    assert on_disk
    assert on_disk <= set(generated_files())


def test_every_question_has_its_chart() -> None:
    table = (BI_DIR / "README.md").read_text().split("## Which question")[1].split("\n## ")[0]
    rows = [[cell.strip() for cell in line.split("|")[1:-1]] for line in table.splitlines() if line.startswith("| ")]
    slugs = {dashboard.slug: {tab.title for tab in dashboard.tabs} for dashboard in DASHBOARDS}
    keys = {chart.key for dashboard in DASHBOARDS for chart in dashboard.charts()}
    questions = rows[1:]
    assert len(questions) == 20
    for _, slug, tab, charts in questions:
        assert slug in slugs
        assert not tab or tab in slugs[slug]
        assert {key.strip() for key in charts.split(",")} <= keys


def test_no_two_charts_share_a_key() -> None:
    keys = [chart.key for dashboard in DASHBOARDS for chart in dashboard.charts()]
    assert len(keys) == len(set(keys))


def test_every_lying_bar_has_its_name() -> None:
    charts = {chart.key: chart.params for dashboard in DASHBOARDS for chart in dashboard.charts()}
    lying = {key: params for key, params in charts.items() if params.get("orientation") == "horizontal"}
    assert lying
    assert [key for key, params in lying.items() if params["xAxisLabelInterval"] != "0"] == []


def test_no_channel_falls_off_the_chart_of_what_was_asked_and_what_was_found() -> None:
    # The longest bars come first: with a limit, the channels on which something was found would be the ones left out.
    with (PROJECT_ROOT / "dbt_project/seeds/channel_codes.csv").open() as file:
        channels = {row["channel_code"] for row in csv.DictReader(file)}
    [found] = [chart for dashboard in DASHBOARDS for chart in dashboard.charts() if chart.key == "serv_found"]
    assert found.params["row_limit"] >= len(channels) > 20
