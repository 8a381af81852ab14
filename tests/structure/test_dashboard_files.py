"""Dashboards are generated, and what is committed is what the generator writes."""

import csv

import pytest
import yaml

from social_crm.dashboards.__main__ import DASHBOARDS, generated_files
from social_crm.dashboards.assets import BI_DIR
from social_crm.dashboards.charts import EVERY_PART, Chart
from social_crm.dashboards.layout import AGES, LABEL_COLOURS, Dashboard
from social_crm.dashboards.semantics import Node
from social_crm.settings import PROJECT_ROOT

CHARTS = {chart.key: chart.params for dashboard in DASHBOARDS for chart in dashboard.charts()}
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
    questions = rows[1:]
    assert len(questions) == 20
    titles = titles_by_place()
    for _, dashboard, tab, charts in questions:
        for named in charts.split(" · "):
            title, _, elsewhere = named.partition(" (")
            there = elsewhere.removesuffix("*)").rpartition(", *")
            place = (there[0], there[2]) if elsewhere else (dashboard, tab)
            assert any(held.startswith(title) for held in titles[place]), (named, place)


def titles_by_place() -> dict[tuple[str, str], list[str]]:
    """Return the titles of charts by those of their dashboard and tab."""
    return {
        (dashboard.title, title): [item.title for row in rows for item in row if isinstance(item, Chart)]
        for dashboard in DASHBOARDS
        for title, rows in [("", dashboard.rows), *((tab.title, tab.rows) for tab in dashboard.tabs)]
    }


def test_no_two_charts_share_a_key() -> None:
    keys = [chart.key for dashboard in DASHBOARDS for chart in dashboard.charts()]
    assert len(keys) == len(set(keys))


def test_every_lying_bar_has_its_name() -> None:
    lying = {key: params for key, params in CHARTS.items() if params.get("orientation") == "horizontal"}
    assert lying
    assert [key for key, params in lying.items() if params["xAxisLabelInterval"] != "0"] == []


# What there may be of each category that bars are named after, by the seed that lists it.
SEEDS = {"channel": ("channels", "channel"), "site_type": ("channels", "site_type"), "market": ("markets", "market")}


@pytest.mark.parametrize("category", SEEDS)
def test_no_bar_falls_off_a_chart_for_want_of_room(category: str) -> None:
    # The longest bars come first: with a limit, blogs and forums would be left out where kinds of site are compared.
    seed, column = SEEDS[category]
    with (PROJECT_ROOT / f"dbt_project/seeds/{seed}.csv").open() as file:
        values = {row[column] for row in csv.DictReader(file)}
    charts = {key: params for key, params in CHARTS.items() if params.get("x_axis") == category}
    assert charts
    assert [key for key, params in charts.items() if params["row_limit"] <= len(values)] == []


def test_no_bar_loses_a_part() -> None:
    in_parts = {key: params for key, params in CHARTS.items() if "orientation" in params and params["groupby"]}
    assert in_parts
    assert [key for key, params in in_parts.items() if params["row_limit"] < EVERY_PART] == []


def test_a_chart_that_a_filter_does_not_reach_says_so() -> None:
    silent = []
    for dashboard in DASHBOARDS:
        of_all = "whatever the period" if "whatever the period" in dashboard.header else ""
        places = [(dashboard.rows, dashboard.header), *((tab.rows, of_all) for tab in dashboard.tabs)]
        for rows, said in places:
            items = [item for row in rows for item in row]
            said = " ".join([said, *(item for item in items if isinstance(item, str))])
            for chart in items:
                if isinstance(chart, Chart):
                    told = f"{chart.title} {said}".lower()
                    silent += [(chart.key, name) for name in unreached(dashboard, chart) if name not in told]
    assert silent == []


def unreached(dashboard: Dashboard, chart: Chart) -> set[str]:
    """Return the filters of a dashboard that its chart does not follow: Superset leaves them out without a word."""
    [path] = (BI_DIR / "datasets").glob(f"*/{chart.dataset}.yaml")
    columns = {column["column_name"] for column in yaml.safe_load(path.read_text())["columns"]}
    has_period = any(rule.get("operator") == "TEMPORAL_RANGE" for rule in chart.params["adhoc_filters"])
    absent = set(dashboard.filters) - {"period"} - columns
    return {name.replace("region", "market") for name in absent} | (set() if has_period else {"period"})


def test_people_read_names_and_hours_rather_than_codes_and_seconds() -> None:
    read = {(key, name) for key, params in CHARTS.items() for name in shown(params)}
    assert len(read) > 100
    assert {one for one in read if one[1].endswith(("_code", "_seconds"))} == set()


def shown(params: Node) -> set[str]:
    """Return the columns whose values stand on a chart."""
    given = [params.get(part) or [] for part in ("groupby", "all_columns", "x_axis", "columns")]
    return {name for part in given for name in ([part] if isinstance(part, str) else part) if isinstance(name, str)}


def test_health_beside_public_mentions_is_of_public_words() -> None:
    # Of all that is said, e-mail and calls made a brand look worse than whoever reads about it could.
    beside = {key for key, params in CHARTS.items() if {"brand_mentions", "brand_health"} <= set(listed(params))}
    assert beside
    public = {"subject": "visibility", "comparator": ["public"]}
    for key in beside:
        assert any(public.items() <= rule.items() for rule in CHARTS[key]["adhoc_filters"]), key


def listed(params: Node) -> list[str]:
    """Return the metrics of the catalogue on a chart."""
    return [name for name in params.get("metrics", []) if isinstance(name, str)]


def test_the_backlog_by_day_says_when_a_day_appears() -> None:
    # Of the period that it opens with, the last day is missing while any market still has it.
    [tab] = [tab for dashboard in DASHBOARDS for tab in dashboard.tabs if tab.title == "Backlog"]
    assert "A day is here once it is over in every market" in " ".join(
        item.title for row in tab.rows for item in row if isinstance(item, Chart)
    )


def test_what_can_be_trusted_is_told_whatever_the_period() -> None:
    # A gate is of the night after the last day of the period: by period, its newest objections were nowhere.
    [tab] = [tab for dashboard in DASHBOARDS for tab in dashboard.tabs if tab.title == "Data trust"]
    rules = {rule.get("operator") for row in tab.rows for item in row for rule in filters_of(item)}
    assert "TEMPORAL_RANGE" not in rules


def filters_of(item: Chart | str) -> list[Node]:
    """Return the filters of a chart; a text has none."""
    return item.params["adhoc_filters"] if isinstance(item, Chart) else []


def test_no_name_of_an_issue_is_cut_off() -> None:
    # "Card, PIN or wallet does not work" had lost its first letter.
    margins = {key: params["left_margin"] for key, params in CHARTS.items() if params.get("groupby") == "issue"}
    assert margins
    assert "auto" not in margins.values()


def test_a_colour_means_one_thing() -> None:
    # Blue is social, and a case less than a day old was as blue beside it.
    others = {colour for name, colour in LABEL_COLOURS.items() if name not in AGES}
    assert len({LABEL_COLOURS[age] for age in AGES} - others) == len(AGES)


# What few promises, answers or assignments may stand behind.
SMALL_GROUPS = {"agent_id", "customer_tier", "sla_policy", "survey"}


def test_a_share_of_few_is_marked_where_groups_are_small() -> None:
    # A private banking client's promises on social media were three, and their bar as long as any.
    groups = {
        key: {name for name in [params.get("x_axis"), *params.get("groupby", [])] if isinstance(name, str)}
        for key, params in CHARTS.items()
        if not isinstance(params.get("groupby"), str)
    }
    small = {key: CHARTS[key] for key, names in groups.items() if names & SMALL_GROUPS}
    assert len(small) > 3
    unmarked = [
        key
        for key, params in small.items()
        if not any(isinstance(one, dict) and one["label"].startswith("Fewer than") for one in params["metrics"])
    ]
    assert unmarked == []


def test_series_stand_in_the_same_order_on_every_chart() -> None:
    drawn = {key: params for key, params in CHARTS.items() if "stack" in params}
    assert drawn
    assert [key for key, params in drawn.items() if params["sort_series_type"] != "name"] == []


def test_every_outcome_of_what_was_routed_is_counted() -> None:
    path = PROJECT_ROOT / "dbt_project/models/marts/activation/rpt_routing.yml"
    [model] = yaml.safe_load(path.read_text())["models"]
    [outcome] = [column for column in model["columns"] if column["name"] == "outcome"]
    [accepted] = [test["accepted_values"] for test in outcome["data_tests"] if "accepted_values" in test]
    counted = " ".join(one["sqlExpression"] for one in CHARTS["routed_teams"]["metrics"])
    assert [value for value in accepted["arguments"]["values"] if f"outcome = '{value}')" not in counted] == []
