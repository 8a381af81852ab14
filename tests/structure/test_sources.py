"""For each registered source, everything a newcomer would look for is where they would look."""

import csv
import re
from pathlib import Path

import pytest
import yaml

from social_crm.documentation.sources import generated_files
from social_crm.sources import SOURCES
from social_crm.sources.dropped.extraction import ORIGIN
from social_crm.sources.fields import described
from social_crm.sources.model import Resource, Source

ROOT = Path(__file__).resolve().parents[2]
REGISTRY = "plugins/social_crm/sources/__init__.py"
RESOURCES = [pytest.param(source, resource, id=f"{source.name}.{resource.name}") for source in SOURCES for resource in source.resources]  # fmt: skip  # noqa: E501


def test_the_registry_is_alphabetical_and_not_empty() -> None:
    names = [source.name for source in SOURCES]
    assert names
    assert names == sorted(names), f"sort SOURCES in {REGISTRY}"


@pytest.mark.parametrize("folder", ["dbt_project/models/staging", "expectations/raw", "tests/harnesses"])
def test_what_is_made_for_a_source_is_of_one_that_is_registered(folder: str) -> None:
    names = {path.stem for path in (ROOT / folder).glob("[!_]*") if path.is_dir() or path.suffix == ".py"}
    # Staging of what Python wrote and of what people decided.
    strangers = names - {source.name for source in SOURCES} - {"enriched", "ops"}
    assert strangers == set(), f"add them to SOURCES in {REGISTRY}, or remove {folder}/… of what is no source any more"


@pytest.mark.parametrize("source", SOURCES, ids=lambda source: source.name)
def test_a_source_has_its_module_sources_file_and_contract(source: Source) -> None:
    staging = ROOT / f"dbt_project/models/staging/{source.name}"
    tables = staging / f"_{source.name}__sources.yml"
    wanted = [ROOT / f"{folder}/{source.name}.py" for folder in ("plugins/social_crm/sources", "tests/harnesses")]
    missing = [str(path.relative_to(ROOT)) for path in (*wanted, tables) if not path.exists()]
    assert not missing, f"add {', '.join(missing)} (CONTRIBUTING.md, 'Add a source')"
    declared = {table["name"] for table in yaml.safe_load(tables.read_text())["sources"][0]["tables"]}
    assert declared == set(source.resource_names), f"name the resources as tables of {tables.relative_to(ROOT)}"


@pytest.mark.parametrize(("source", "resource"), RESOURCES)
def test_a_resource_has_its_staging_model_expectation_and_fixture(source: Source, resource: Resource) -> None:
    staging = ROOT / f"dbt_project/models/staging/{source.name}"
    wanted = {
        "staging model": staging / f"stg_{source.name}__{resource.name}.sql",
        "expectation": ROOT / f"expectations/raw/{source.name}/{resource.name}.yml",
    }
    missing = [f"{what}: {path.relative_to(ROOT)}" for what, path in wanted.items() if not path.exists()]
    if not list((ROOT / f"tests/fixtures/{source.name}").glob(f"{resource.name}*")):
        missing.append(f"fixture: tests/fixtures/{source.name}/{resource.name}.*")
    assert not missing, f"add {'; '.join(missing)} (CONTRIBUTING.md, 'Add a source')"


@pytest.mark.parametrize(("source", "resource"), RESOURCES)
def test_a_resource_says_how_deletions_reach_us(source: Source, resource: Resource) -> None:
    assert len(resource.deletions) > 20, "say in `deletions` how one reaches us, or that none does"
    assert len(resource.description) > 20, "say in `description` what one record is"


@pytest.mark.parametrize("source", SOURCES, ids=lambda source: source.name)
def test_a_source_declares_all_that_its_page_shows(source: Source) -> None:
    unsaid = [name for name in ("access", "limits", "retention", "connection") if not getattr(source, name)]
    for resource in source.resources:
        reads = {name: described(getattr(resource, name)) for name in ("key", "event_at", "version_at")}
        unsaid += [f"{resource.name}: {name}" for name in ("order", "window") if len(getattr(resource, name)) <= 10]
        unsaid += [f"{resource.name}: {name}, in its docstring" for name, words in reads.items() if len(words) <= 3]
    assert unsaid == [], f"declare {'; '.join(unsaid)}: its row in the README and the page of its DAG show it"
    assert source.connection["conn_type"] in ("http", "generic")
    assert source.tested_against, (
        "test it against a real server, an official specification or recordings of others, or say `none yet`"
    )


def test_what_follows_from_the_registry_is_current() -> None:
    outdated = [path.name for path, text in generated_files().items() if path.read_text() != text]
    assert outdated == [], "run: make generate"


def test_the_contract_is_filled_by_utterances_of_the_same_sources() -> None:
    lists = yaml.safe_load((ROOT / "dbt_project/dbt_project.yml").read_text())["vars"]
    speaking = [source.name for source in SOURCES if any(resource.is_utterance for resource in source.resources)]
    assert lists["interaction_sources"] == speaking, "run: make generate, once each has its stg_<source>__interactions"
    assert set(lists["interaction_relations"]) <= set(lists["conversation_relations"])


@pytest.mark.parametrize("seed", ["conversation_rules", "source_policies", "channel_codes"])
def test_a_source_of_utterances_has_its_rows_in_the_seeds(seed: str) -> None:
    with (ROOT / f"dbt_project/seeds/{seed}.csv").open(newline="") as rows:
        known = {row["source"] for row in csv.DictReader(rows)}
    speaking = {source.name for source in SOURCES if any(resource.is_utterance for resource in source.resources)}
    assert speaking - known == set(), (
        f"add their rows to dbt_project/seeds/{seed}.csv (CONTRIBUTING.md, 'Add a source')"
    )


def test_every_seed_and_model_has_its_yaml_beside_it() -> None:
    project = ROOT / "dbt_project"
    files = [*project.glob("models/**/*.sql"), *project.glob("seeds/*.csv")]
    assert files
    assert [str(path.relative_to(project)) for path in files if not path.with_suffix(".yml").exists()] == []


def test_a_limit_after_a_deletion_is_of_a_source_that_tells_of_deletions() -> None:
    with (ROOT / "dbt_project/seeds/source_policies.csv").open(newline="") as rows:
        limited = [row["source"] for row in csv.DictReader(rows) if row["deleted_words_kept_hours"]]
    staging = ROOT / "dbt_project/models/staging"
    contracts = {name: (staging / name / f"stg_{name}__interactions.sql").read_text() for name in limited}
    assert contracts
    # Or none of them would be found, whatever they leave out.
    assert any("nulls_for(" in told for told in contracts.values())
    silent = [name for name, told in contracts.items() if re.search(r"nulls_for\([^)]*'deleted_at'", told)]
    assert silent == [], "fill their `deleted_at`, or leave deleted_words_kept_hours of source_policies.csv empty"


@pytest.mark.parametrize(("source", "resource"), RESOURCES)
def test_a_resource_says_whom_its_records_are_about(source: Source, resource: Resource) -> None:
    people = resource.people
    assert people is not None, "declare `people`: where they stand, or NOBODY (CONTRIBUTING.md, 'Add a source')"
    if not (people.persons or people.case):
        # Of a dropped row its place is kept, whoever it is about.
        assert set(people.keeps.split()) <= set(ORIGIN.split()), "say in `persons` by what they are known, or NOBODY"
        return
    assert people.keeps, "say in `keeps` what stays of a record once they are erased"
    kinds = {kind for person in people.persons for kind in person.values()}
    known = {"email", "phone", "reference", *(each.name for each in SOURCES)}
    assert kinds <= known, "a person is known by an email, a phone, a reference or an account of a source"
    kept = [path for path in resource.words if f" {path} " in f" {people.keeps} "]
    assert kept == [], "take words out of `keeps`: they go with who said them"
