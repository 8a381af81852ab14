"""The pages of sources tell what a connection may say; those of dropped files, what these must hold."""

import re

import pytest

from social_crm.documentation.sources import doc_page
from social_crm.quality.suites import read_suite
from social_crm.settings import PROJECT_ROOT
from social_crm.sources import SOURCES
from social_crm.sources.fields import described
from social_crm.sources.model import Resource, Source
from social_crm.sources.youtube import YOUTUBE

DROPPED = [(source, resource) for source in SOURCES for resource in source.resources if resource.columns]
each_kind_of_file = pytest.mark.parametrize(
    ("source", "resource"), DROPPED, ids=[f"{source.name}.{resource.name}" for source, resource in DROPPED]
)


def test_every_kind_of_dropped_file_has_a_table_and_nothing_else_has() -> None:
    by_file = {(source.name, made.name) for source in SOURCES for made in source.resources if "file" in made.order}
    assert {(source.name, resource.name) for source, resource in DROPPED} == by_file
    assert "| Column of" not in doc_page(YOUTUBE)


@pytest.mark.parametrize("source", SOURCES, ids=lambda source: source.name)
def test_the_page_says_what_each_option_of_the_connection_is(source: Source) -> None:
    [table] = re.findall(r"^\| Option in its `extra` .+", doc_page(source), re.S | re.M)
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in table.strip().splitlines()[2:]]
    assert rows == [[f"`{name}`", says] for name, says in source.options.items()]
    assert min(len(says) for _, says in rows) > 10


def test_a_key_that_says_nothing_of_itself_stops_no_page() -> None:
    # One source without a docstring would take the DAGs of all with it.
    assert described(lambda record: None) == ""


@each_kind_of_file
def test_the_page_has_a_row_for_each_column(source: Source, resource: Resource) -> None:
    [table] = re.findall(rf"^\| Column of {resource.name} .+?\n\n", doc_page(source), re.S | re.M)
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in table.strip().splitlines()[2:]]
    assert rows == [[f"`{name}`", kind, holds] for name, kind, holds in resource.columns]
    assert {kind for _, kind, _ in rows} <= {"required", "optional"}
    assert all(holds for _, _, holds in rows)


@each_kind_of_file
def test_every_column_that_staging_reads_is_told(source: Source, resource: Resource) -> None:
    paths = (PROJECT_ROOT / "dbt_project/models/staging" / source.name).glob("*.sql")
    models = [path.read_text() for path in paths]
    lists = [re.findall(r"jsonb_to_record(?:set)?\(.+?\) as \w+ \((.+?)\)", model, re.S) for model in models]
    read = {name for found in lists for names in found for name in re.findall(r"\"?(\w+)\"? text", names)}
    read |= {name.lower() for model in models for name in re.findall(r"payload ->> '([a-zA-Z]\w*)'", model)}
    assert read
    assert read <= {name for made in source.resources for name, _, _ in made.columns}


@each_kind_of_file
def test_every_word_that_the_front_door_allows_is_told(source: Source, resource: Resource) -> None:
    suite = read_suite(PROJECT_ROOT / f"expectations/raw/{source.name}/{resource.name}.yml")
    told = {name: re.findall(r"`([^`]+)`", holds) for name, _, holds in resource.columns}
    for rule in suite.expectations:
        column, allowed = rule["kwargs"]["column"], rule["kwargs"].get("value_set", [])
        if column in told and allowed:
            assert set(allowed) <= set(told[column]), column
