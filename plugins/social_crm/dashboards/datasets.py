"""Superset's datasets and the catalogue of metrics, generated from the dbt project.

One dataset per semantic model that has metrics, and one for each table that people only read.
"""

from pathlib import Path

from social_crm.dashboards.assets import ASSET_VERSION, DATABASE, SCHEMA, asset_uuid, dataset_file, heading, to_yaml
from social_crm.dashboards.catalogue import CATALOGUE_FILE, catalogue
from social_crm.dashboards.joins import Column, columns_of, joins_of, joins_of_report, query, table_of
from social_crm.dashboards.semantics import Metric, Node, Semantics

# Lists and reports: their rows are not added up, so they have columns but no metrics.
PLAIN_TABLES = (
    "bridge_customer_identities",
    "dim_author",
    "fct_clock_intervals",
    "fct_issue_days",
    "rpt_activations",
    "rpt_capability_audit",
    "rpt_channel_costs",
    "rpt_clock_medians",
    "rpt_conflicting_answer_days",
    "rpt_conflicting_answers",
    "rpt_customer_timeline",
    "rpt_gate_results",
    "rpt_load_gaps",
    "rpt_quarantine",
    "rpt_routing",
    "rpt_sla_attainment",
    "rpt_source_freshness",
    "rpt_upstream_causes",
    "rpt_work_queue",
)
FORMATS = {"share": ".1%", "score": "+.2f", "minutes": ",.1f", "hours": ",.1f", "US dollars": "$,.2f"}
WHOLE_NUMBERS = ",d"
# Units that no number format can express.
SIGNS = {"minutes": " (min)", "hours": " (h)"}
TIMES = ("date", "timestamptz", "timestamp with time zone")


def generated_files(semantics: Semantics) -> dict[Path, str]:
    """Return every dataset as Superset imports it, and the catalogue, each as a file with its text."""
    facts = [model for model in semantics.models.values() if semantics.metrics_of(model["name"])]
    datasets = {model["name"]: _dataset_of_model(semantics, model) for model in facts} | {
        table: _dataset_of_table(semantics, table) for table in PLAIN_TABLES
    }
    files = {dataset_file(name): to_yaml(content) for name, content in datasets.items()}
    return {**files, CATALOGUE_FILE: catalogue(semantics)}


def _dataset_of_model(semantics: Semantics, model: Node) -> Node:
    joins = joins_of(semantics, model)
    columns = columns_of(semantics, table_of(model), joins)
    return _dataset(
        model["name"],
        model["description"],
        _time_column(model),
        query(table_of(model), columns, joins),
        [_metric(metric) for metric in semantics.metrics_of(model["name"]) if metric.expression],
        [_column(semantics, column) for column in columns],
    )


def _dataset_of_table(semantics: Semantics, table: str) -> Node:
    joins = joins_of_report(semantics, table)
    columns = columns_of(semantics, table, joins)
    described = [_column(semantics, column) for column in columns]
    times = [column["column_name"] for column in described if column["is_dttm"]]
    counted: Node = {
        "metric_name": "rows",
        "verbose_name": "Rows",
        "expression": "COUNT(*)",
        "description": "Rows of the table.",
        "d3format": WHOLE_NUMBERS,
    }
    description = semantics.tables[table]["description"]
    sql = query(table, columns, joins) if joins else None
    return _dataset(table, description, next(iter(times), None), sql, [counted], described)


def _dataset(
    name: str, description: str, time: str | None, sql: str | None, metrics: list[Node], columns: list[Node]
) -> Node:
    return {
        "table_name": name,
        "description": description,
        "main_dttm_col": time,
        # Without the catalogue, Superset refuses in SQL Lab what it shows on dashboards.
        "catalog": DATABASE,
        "schema": SCHEMA,
        "sql": sql,
        "filter_select_enabled": True,
        "normalize_columns": False,
        "always_filter_main_dttm": False,
        "uuid": asset_uuid("datasets", name),
        "metrics": metrics,
        "columns": columns,
        "version": ASSET_VERSION,
        "database_uuid": asset_uuid("databases", DATABASE),
        "is_managed_externally": True,
    }


def _time_column(model: Node) -> str:
    name = model["defaults"]["agg_time_dimension"]
    return next(str(given["expr"] or name) for given in model["dimensions"] if given["name"] == name)


def _metric(metric: Metric) -> Node:
    return {
        "metric_name": metric.name,
        "verbose_name": metric.label + SIGNS.get(metric.facts["unit"], ""),
        "expression": metric.expression,
        "description": metric.sentence,
        "d3format": FORMATS.get(metric.facts["unit"], WHOLE_NUMBERS),
    }


def _column(semantics: Semantics, column: Column) -> Node:
    told = semantics.tables[column.table]["columns"][column.source]
    kind = (told["data_type"] or "text").lower()
    return {
        "column_name": column.name,
        "verbose_name": heading(column.name),
        "description": told["description"],
        "type": kind.upper(),
        "is_dttm": kind in TIMES,
        "groupby": True,
        "filterable": True,
    }
