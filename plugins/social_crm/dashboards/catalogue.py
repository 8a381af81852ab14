"""The catalogue of metrics for people to read, one row per metric."""

from social_crm.dashboards.semantics import Metric, Semantics
from social_crm.settings import PROJECT_ROOT

CATALOGUE_FILE = PROJECT_ROOT / "docs/metric-catalogue.md"
_INTRODUCTION = """\
# Metric catalogue

Written by `make generate` out of the semantic models in `dbt_project/models/semantic/`; do not edit. What the words
mean, and what is left out, is in [metrics](metrics.md). Each part is one dataset of that name in Superset;
`make metric M=<metric> BY=<entity>__<dimension>` asks the same in a shell. A metric is NULL, never 0, where nothing is
known.
"""
_HEAD = "| Metric | Definition | Unit | Denominator | NULL if |\n|---|---|---|---|---|\n"


def catalogue(semantics: Semantics) -> str:
    """Return the catalogue as Markdown."""
    parts = [_INTRODUCTION]
    for model in sorted(semantics.models.values(), key=lambda model: str(model["label"] or model["name"])):
        metrics = semantics.metrics_of(model["name"])
        if not metrics:
            continue
        facts = model["config"]["meta"]
        parts.append(
            f"## {model['label']}\n\n{model['description']} Dataset `{model['name']}`, table"
            f" `{model['node_relation']['alias']}`. **Event date** {facts['event_date']}; **agent** {facts['agent']}.\n"
        )
        rows = [
            f"| {metric.label} `{metric.name}` | {metric.description}{_apart(metric, facts['agent'])}"
            f" | {metric.facts['unit']} | {metric.facts['denominator']} | {metric.facts['when_null']} |\n"
            for metric in metrics
        ]
        parts.append(_HEAD + "".join(rows))
    return "\n".join(parts)


def _apart(metric: Metric, agent: str) -> str:
    """Return what distinguishes a metric from the others of its dataset."""
    credit = "" if metric.facts["agent"] == agent else f" **Agent** {metric.facts['agent']}."
    return credit + ("" if metric.expression else " Not in Superset.")
