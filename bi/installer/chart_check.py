"""Checks before anyone looks: every dataset answers with all columns and metrics, every chart asks for what exists."""

import json
from collections.abc import Iterator
from typing import Any

from superset import db
from superset.commands.chart.data.get_data_command import ChartDataCommand
from superset.common.query_context_factory import QueryContextFactory
from superset.connectors.sqla.models import SqlaTable
from superset.models.slice import Slice

LISTS = ("groupby", "metrics", "all_columns", "columns", "percent_metrics")
SINGLE = ("x_axis", "metric", "entity", "secondary_metric", "series", "timeseries_limit_metric")


def problems() -> list[str]:
    """Return what would show as an error on some dashboard."""
    datasets = db.session.query(SqlaTable).filter_by(is_managed_externally=True).all()
    charts = db.session.query(Slice).filter_by(is_managed_externally=True).all()
    found = [problem for dataset in datasets for problem in _unanswered(dataset)]
    return found + [problem for chart in charts for problem in _unknown_fields(chart)]


def _unanswered(dataset: SqlaTable) -> Iterator[str]:
    columns = [column.column_name for column in dataset.columns]
    metrics = [metric.metric_name for metric in dataset.metrics]
    for part, query in (("columns", {"columns": columns}), ("metrics", {"metrics": metrics})):
        if not any(query.values()):
            continue
        context = QueryContextFactory().create(
            datasource={"id": dataset.id, "type": "table"}, queries=[{**query, "row_limit": 1}], force=True
        )
        try:
            ChartDataCommand(context).run()
        except Exception as error:
            yield f"datasets/{dataset.table_name}: its {part} cannot be asked for: {error}"


def _unknown_fields(chart: Slice) -> Iterator[str]:
    known = {column.column_name for column in chart.table.columns}
    known |= {metric.metric_name for metric in chart.table.metrics}
    for field in _fields(json.loads(chart.params)):
        if field not in known:
            yield f"charts/{chart.slice_name}: {chart.table.table_name} has no {field}"


def _fields(params: dict[str, Any]) -> Iterator[str]:
    for name in LISTS:
        given = params.get(name) or []
        # A heat map has one column where others have a list.
        yield from (value for value in (given if isinstance(given, list) else [given]) if isinstance(value, str))
    yield from (params[name] for name in SINGLE if isinstance(params.get(name), str))
    yield from (rule["subject"] for rule in params.get("adhoc_filters") or [] if rule["expressionType"] == "SIMPLE")
    yield from (json.loads(order)[0] for order in params.get("order_by_cols") or [])
