"""Where a table comes from, written as OpenLineage events and read from them."""

import json
from pathlib import Path

from social_crm.documentation import lineage


def node(kind: str, schema: str, name: str, reads: list[str]) -> dict:
    columns = {"a": {"name": "a", "data_type": "text", "description": "What a is."}}
    names = {"schema": schema, "alias": name, "description": "One row per a.", "columns": columns}
    return {"resource_type": kind, "depends_on": {"nodes": reads}, **names}


MANIFEST = {
    "metadata": {"generated_at": "2026-11-08T00:00:00.000000Z"},
    "sources": {"source.posts": {"schema": "raw_x", "identifier": "posts"}},
    "nodes": {
        "seed.markets": node("seed", "seeds", "markets", []),
        "model.stg": node("model", "staging", "stg_x__posts", ["source.posts"]),
        "model.int": node("model", "intermediate", "int_interactions", ["model.stg", "macro.m"]),
        "model.dim": node("model", "marts", "dim_market", ["seed.markets"]),
        "model.fct": node("model", "marts", "fct_interactions", ["model.int", "model.dim"]),
        "test.unique": node("test", "tests", "unique_a", ["model.fct"]),
    },
}


def test_a_mart_is_traced_to_what_no_model_made(tmp_path: Path) -> None:
    assert lineage.write_events(MANIFEST, tmp_path) == 5
    assert lineage.origins(tmp_path) == {
        "dim_market": ["seeds.markets"],
        "fct_interactions": ["raw_x.posts", "seeds.markets"],
    }


def test_an_event_says_what_a_model_reads_and_what_its_columns_mean(tmp_path: Path) -> None:
    lineage.write_events(MANIFEST, tmp_path)
    events = {event["job"]["name"]: event for event in map(json.loads, (tmp_path / lineage.EVENTS).open())}
    event = events["dbt.marts.fct_interactions"]
    assert event["eventTime"] == "2026-11-08T00:00:00.000000Z"
    assert [source["name"] for source in event["inputs"]] == ["intermediate.int_interactions", "marts.dim_market"]
    [field] = event["outputs"][0]["facets"]["schema"]["fields"]
    assert (field["name"], field["type"], field["description"]) == ("a", "text", "What a is.")


def test_writing_again_adds_nothing(tmp_path: Path) -> None:
    lineage.write_events(MANIFEST, tmp_path)
    first = (tmp_path / lineage.EVENTS).read_text()
    lineage.write_events(MANIFEST, tmp_path)
    assert (tmp_path / lineage.EVENTS).read_text() == first


def test_there_is_no_lineage_before_it_is_written(tmp_path: Path) -> None:
    assert lineage.origins(tmp_path) == {}


def test_every_mart_of_the_project_is_made_from_something(parsed_project: Path, tmp_path: Path) -> None:
    manifest = json.loads((parsed_project / "manifest.json").read_text())
    lineage.write_events(manifest, tmp_path)
    found = lineage.origins(tmp_path)
    assert "raw_x.posts" in found["fct_interactions"]
    assert len(found) > 30
    assert [table for table, sources in found.items() if not sources] == []
