"""The generated half of `bi/` and the catalogue are what the dbt project says now."""

import re

import yaml

from social_crm.dashboards.assets import BI_DIR, asset_uuid, dataset_file
from social_crm.dashboards.catalogue import catalogue
from social_crm.dashboards.datasets import generated_files
from social_crm.dashboards.semantics import Semantics

FACTS = {"unit", "event_date", "agent", "denominator", "when_null"}
# What makes a measure: with one of them, a metric tells in its name what it counts in.
UNITS_IN_NAMES = {"minutes": "_minutes", "hours": "_hours", "US dollars": "_usd"}


def test_what_is_committed_is_what_the_command_writes(semantics: Semantics) -> None:
    outdated = [
        str(path) for path, text in generated_files(semantics).items() if not path.exists() or path.read_text() != text
    ]
    assert outdated == [], "run: make generate"


def test_no_dataset_is_left_over(semantics: Semantics) -> None:
    assert set(dataset_file("any").parent.glob("*.yaml")) <= set(generated_files(semantics))


def test_every_metric_says_all_that_a_number_needs(semantics: Semantics) -> None:
    assert len(semantics.metrics) > 100
    silent = [name for name, metric in semantics.metrics.items() if set(metric.facts) != FACTS]
    assert silent == []
    undescribed = [name for name, metric in semantics.metrics.items() if len(metric.description) < 15]
    assert undescribed == []


def test_the_catalogue_credits_no_first_replier_with_what_a_case_took(semantics: Semantics) -> None:
    kinds = "(first|final)_resolution|handling|resolved_rate|reopen"
    ends = [name for name in semantics.metrics if re.match(kinds, name)]
    assert len(ends) >= 9
    rows = [row for row in catalogue(semantics).splitlines() if any(f"`{name}`" in row for name in ends)]
    assert [row for row in rows if "**Agent** none" not in row] == []
    assert len(rows) == len(ends)


def test_a_quantity_that_has_a_unit_names_it(semantics: Semantics) -> None:
    unnamed = [
        name
        for name, metric in semantics.metrics.items()
        if (ending := UNITS_IN_NAMES.get(metric.facts["unit"])) and not name.endswith(ending)
    ]
    assert unnamed == []


def test_a_time_says_its_unit_where_people_read_it() -> None:
    endings = {"_minutes": "(min)", "_hours": "(h)"}
    headings = {
        metric["metric_name"]: metric["verbose_name"]
        for path in dataset_file("any").parent.glob("*.yaml")
        for metric in yaml.safe_load(path.read_text())["metrics"]
    }
    times = {name: sign for name in headings for ending, sign in endings.items() if name.endswith(ending)}
    assert len(times) > 20
    assert [name for name, sign in times.items() if not headings[name].endswith(sign)] == []


def test_no_metric_averages(semantics: Semantics) -> None:
    averages = [m["name"] for model in semantics.models.values() for m in model["measures"] if m["agg"] == "average"]
    assert averages == []


def test_a_column_named_a_count_of_people_counts_people(semantics: Semantics) -> None:
    people = {f"{kind}_count" for kind in ("agent", "author", "customer", "peer")}
    found = [
        (table, name, column["description"])
        for table, held in semantics.tables.items()
        for name, column in held["columns"].items()
        if name in people
    ]
    assert len(found) > 5
    assert [one for one in found if re.search("utterance|message", one[2], re.IGNORECASE)] == []


def test_every_dataset_of_a_fact_can_be_filtered_by_place() -> None:
    placeless = set()
    for path in dataset_file("any").parent.glob("*.yaml"):
        dataset = yaml.safe_load(path.read_text())
        columns = {column["column_name"] for column in dataset["columns"]}
        placeless |= (
            set() if not dataset["sql"] or {"market_code", "market", "region", "world"} <= columns else {path.stem}
        )
    # An author, a customer's month and a customer's account span every market in which they spoke.
    assert placeless == {"bridge_customer_identities", "customer_months", "dim_author"}


def test_identifiers_never_change_and_are_unique() -> None:
    assert asset_uuid("databases", "warehouse") == "1272c86f-1bae-50e7-a894-bb55c9799ef9"
    found = [re.findall(r"^uuid: (.*)$", path.read_text(), re.MULTILINE) for path in BI_DIR.rglob("*.yaml")]
    identifiers = [identifier for group in found for identifier in group]
    assert len(identifiers) == len(set(identifiers))
