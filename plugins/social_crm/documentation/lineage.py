"""Lineage as OpenLineage events in a file: what each model and seed reads and writes, with its columns.

Any catalogue of data that speaks OpenLineage can read the file; our own page reads it for what a table of `bi` is made
from.
"""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from openlineage.client.event_v2 import JobEvent

EVENTS = "lineage/openlineage.jsonl"
_NAMESPACE = "social_crm"
_PRODUCER = "https://github.com/dbt-labs/dbt-core"


def write_events(manifest: dict[str, Any], documentation_dir: Path) -> int:
    """Write one event for each model and seed of dbt's manifest, and return how many there are."""
    from openlineage.client.serde import Serde

    relations = {**manifest["nodes"], **manifest["sources"]}
    built = [node for node in manifest["nodes"].values() if node["resource_type"] in ("model", "seed")]
    events = [_event(node, relations, manifest["metadata"]["generated_at"]) for node in built]
    file = documentation_dir / EVENTS
    file.parent.mkdir(parents=True, exist_ok=True)
    half = file.with_suffix(".half")
    half.write_text("".join(f"{Serde.to_json(event)}\n" for event in events))
    half.replace(file)
    return len(events)


def origins(documentation_dir: Path) -> dict[str, list[str]]:
    """Return for each table of `marts` what no model made of all that it is made from: raw, seeds, ops, enriched."""
    file = documentation_dir / EVENTS
    events = [json.loads(line) for line in file.read_text().splitlines()] if file.exists() else []
    parents = {event["outputs"][0]["name"]: {source["name"] for source in event["inputs"]} for event in events}
    marts = sorted(table for table in parents if table.startswith("marts."))
    return {table.removeprefix("marts."): sorted(_roots(table, parents)) for table in marts}


def _roots(table: str, parents: dict[str, set[str]]) -> set[str]:
    seen, found, waiting = {table}, set(), [table]
    while waiting:
        current = waiting.pop()
        if not parents.get(current):
            found.add(current)
        new = parents.get(current, set()) - seen
        seen |= new
        waiting += new
    return found


def _event(node: dict[str, Any], relations: dict[str, Any], generated_at: str) -> "JobEvent":
    from openlineage.client.event_v2 import InputDataset, Job, JobEvent, OutputDataset
    from openlineage.client.facet_v2 import documentation_dataset, schema_dataset

    fields = [
        schema_dataset.SchemaDatasetFacetFields(
            name=column["name"], type=column["data_type"], description=column["description"]
        )
        for column in node["columns"].values()
    ]
    facets = {
        "schema": schema_dataset.SchemaDatasetFacet(fields=fields),
        "documentation": documentation_dataset.DocumentationDatasetFacet(description=node["description"]),
    }
    read = [relations[parent] for parent in node["depends_on"].get("nodes", ()) if parent in relations]
    return JobEvent(
        eventTime=generated_at,
        producer=_PRODUCER,
        job=Job(_NAMESPACE, f"dbt.{_table(node)}"),
        inputs=[InputDataset(_NAMESPACE, _table(source)) for source in read],
        outputs=[OutputDataset(_NAMESPACE, _table(node), facets=facets)],
    )


def _table(relation: dict[str, Any]) -> str:
    return f"{relation['schema']}.{relation.get('alias') or relation['identifier']}"
