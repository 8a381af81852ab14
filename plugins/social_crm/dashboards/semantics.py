"""The metrics of the dbt project: semantic models, their dimensions, and one SQL expression per metric."""

import json
import re
import tempfile
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from social_crm.errors import WarehouseError
from social_crm.transform.dbt_runner import parse_without_warehouse

Node = dict[str, Any]
# Like MetricFlow's, except that a distinct count without rows is NULL, like a sum: only rows can give 0.
# A ratio is NULL, never an error, if its denominator is 0 or NULL.
RATIO = "CAST({numerator} AS DOUBLE PRECISION) / CAST(NULLIF({denominator}, 0) AS DOUBLE PRECISION)"
AGGREGATES = {
    "sum": "SUM({expr})",
    "sum_boolean": "SUM(CASE WHEN {expr} THEN 1 ELSE 0 END)",
    "count": "SUM(CASE WHEN {expr} IS NOT NULL THEN 1 ELSE 0 END)",
    "min": "MIN({expr})",
    "max": "MAX({expr})",
    "count_distinct": "CASE WHEN COUNT(*) > 0 THEN COUNT(DISTINCT {expr}) END",
    "median": "PERCENTILE_CONT(0.5) WITHIN GROUP (ORDER BY {expr})",
    "percentile": "PERCENTILE_CONT({percentile}) WITHIN GROUP (ORDER BY {expr})",
}


class MetricUnsupported(WarehouseError):
    """A metric's definition cannot be written as one SQL expression over one dataset."""

    kind = "metric_unsupported"


@dataclass(frozen=True)
class Metric:
    """One metric: its texts, and its SQL over the dataset of its semantic model."""

    name: str
    label: str
    description: str
    model: str
    # None for metrics that no aggregate over single rows can express: cumulative and conversion metrics.
    expression: str | None
    facts: dict[str, str]

    @property
    def sentence(self) -> str:
        """Return the definition with everything that one needs to read the number."""
        parts = [self.description]
        if self.facts["denominator"] != "none":
            parts.append(f"Over {self.facts['denominator']}.")
        if self.facts["when_null"] != "never":
            parts.append(f"NULL if {self.facts['when_null']}.")
        return " ".join(parts)


@dataclass(frozen=True)
class Semantics:
    """The semantic manifest and the manifest that dbt wrote when it parsed the project."""

    manifest: Node
    semantic_manifest: Node

    @cached_property
    def models(self) -> dict[str, Node]:
        """Return the semantic models by name."""
        return {model["name"]: model for model in self.semantic_manifest["semantic_models"]}

    @cached_property
    def tables(self) -> dict[str, Node]:
        """Return the dbt models by name."""
        return {node["name"]: node for node in self.manifest["nodes"].values() if node["resource_type"] == "model"}

    @cached_property
    def metrics(self) -> dict[str, Metric]:
        """Return every metric by name, in the order of the project's files."""
        return {metric["name"]: self._metric(metric) for metric in self.semantic_manifest["metrics"]}

    def metrics_of(self, model: str) -> list[Metric]:
        """Return the metrics that a semantic model can answer, by name."""
        return sorted((m for m in self.metrics.values() if m.model == model), key=lambda metric: metric.name)

    def owners(self) -> dict[str, Node]:
        """Return the semantic model that holds the rows of each entity."""
        return {
            entity["name"]: model
            for model in self.models.values()
            for entity in model["entities"]
            if entity["type"] == "primary"
        }

    @cached_property
    def _measures(self) -> dict[str, tuple[Node, Node]]:
        return {measure["name"]: (model, measure) for model in self.models.values() for measure in model["measures"]}

    @cached_property
    def _definitions(self) -> dict[str, Node]:
        return {metric["name"]: metric for metric in self.semantic_manifest["metrics"]}

    def _metric(self, definition: Node) -> Metric:
        model, measure = self._measures[self._first_measure(definition)]
        own = _meta(measure) if definition["type"] == "simple" else _meta(definition)
        return Metric(
            name=definition["name"],
            label=definition["label"],
            description=definition["description"],
            model=model["name"],
            expression=self._expression(definition),
            facts={**_meta(model), **own},
        )

    def _first_measure(self, definition: Node) -> str:
        parameters = definition["type_params"]
        if conversion := parameters.get("conversion_type_params"):
            return str(conversion["base_measure"]["name"])
        if parameters.get("measure"):
            return str(parameters["measure"]["name"])
        inputs = [parameters.get("numerator"), *(parameters.get("metrics") or [])]
        return self._first_measure(self._definitions[next(given["name"] for given in inputs if given)])

    def _expression(self, definition: Node) -> str | None:
        parameters, kind = definition["type_params"], definition["type"]
        if kind in ("cumulative", "conversion"):
            return None
        if definition.get("filter"):
            raise MetricUnsupported(f"metric {definition['name']} has a filter: say it in the expr of its measure")
        if kind == "simple":
            return _aggregate(self._measures[parameters["measure"]["name"]][1])
        if kind == "ratio":
            parts = {role: self._expression_of(parameters[role]["name"]) for role in ("numerator", "denominator")}
            return RATIO.format(**parts)
        expression = parameters["expr"]
        for given in parameters["metrics"]:
            pattern = rf"\b{given.get('alias') or given['name']}\b"
            expression = re.sub(pattern, f"({self._expression_of(given['name'])})", expression)
        return str(expression)

    def _expression_of(self, name: str) -> str:
        expression = self._expression(self._definitions[name])
        if expression is None:
            raise MetricUnsupported(f"metric {name} is input of another, but no aggregate over rows")
        return expression


def read_semantics(directory: Path | None = None) -> Semantics:
    """Parse the dbt project, without a database, and return its metrics; a parse result in `directory` is reused."""
    with tempfile.TemporaryDirectory(prefix="semantics-") as throwaway:
        target = directory or Path(throwaway)
        manifest = parse_without_warehouse(target)
        return Semantics(*(json.loads(file.read_text()) for file in (manifest, target / "semantic_manifest.json")))


def _aggregate(measure: Node) -> str:
    parameters = measure.get("agg_params") or {}
    if measure["agg"] not in AGGREGATES:
        raise MetricUnsupported(f"measure {measure['name']} has aggregation {measure['agg']}, which we do not render")
    return AGGREGATES[measure["agg"]].format(
        expr=(measure["expr"] or measure["name"]).strip(), percentile=parameters.get("percentile")
    )


def _meta(node: Node) -> dict[str, str]:
    return dict((node.get("config") or {}).get("meta") or {})
