"""The charts that dashboards are made of: a few kinds, each with one way of looking."""

from dataclasses import dataclass, field
from typing import Any

from social_crm.dashboards.bundle import VERSION, Asset, asset_id

COLOURS = "social_crm"
COUNT = ",d"
SHARE = ".1%"
NUMBER = ",.1f"
Params = dict[str, Any]


@dataclass(frozen=True)
class Chart:
    """One chart: what it asks of which dataset, and how much room it takes (12 columns a row, units of 8 pixels)."""

    key: str
    title: str
    dataset: str
    viz_type: str
    params: Params = field(repr=False)
    width: int = 4
    height: int = 40
    note: str = ""

    @property
    def uuid(self) -> str:
        """Return the chart's id."""
        return asset_id("charts", self.key)

    def asset(self) -> Asset:
        """Return the chart as Superset imports it."""
        return {
            "slice_name": self.title,
            "description": self.note or None,
            "viz_type": self.viz_type,
            "params": {"viz_type": self.viz_type, **self.params},
            "uuid": self.uuid,
            "version": VERSION,
            "dataset_uuid": asset_id("datasets", self.dataset),
            "is_managed_externally": True,
        }


def only(column: str, operator: str, value: Any = None) -> Params:
    """Return a filter of a chart's rows."""
    names = {"==": "EQUALS", "!=": "NOT_EQUALS", "IN": "IN", "IS NOT NULL": "IS_NOT_NULL"}
    return {
        "clause": "WHERE",
        "expressionType": "SIMPLE",
        "subject": column,
        "operator": operator,
        "operatorId": names[operator],
        "comparator": value,
    }


def kpi(
    key: str, title: str, dataset: str, metric: str, time: str, form: str, *, filters: tuple[Params, ...] = (),
    more_is_better: bool | None = None, width: int = 2, subtitle: str = "", note: str = "",
) -> Chart:  # fmt: skip
    """Return a number beside the same number of the period before; coloured only where more is better, or worse."""
    colour = {} if more_is_better is None else {"comparison_color_scheme": "Green" if more_is_better else "Red"}
    params = {
        "metric": metric,
        "adhoc_filters": [*_period(time), *filters],
        "time_compare": "inherit",
        "y_axis_format": form,
        "percentDifferenceFormat": ".0%",
        "header_font_size": 0.3,
        "subheader_font_size": 0.125,
        "subtitle": subtitle,
        "subtitle_font_size": 0.125,
        "comparison_color_enabled": more_is_better is not None,
        **colour,
    }
    return Chart(key, title, dataset, "pop_kpi", params, width, 19, note)


def lines(
    key: str, title: str, dataset: str, metrics: list[str], time: str, form: str, unit: str, *,
    by: str | None = None, filters: tuple[Params, ...] = (), grain: str = "P1D", width: int = 6, height: int = 38,
    kind: str = "line", stack: bool = False, note: str = "",
) -> Chart:  # fmt: skip
    """Return metrics over time, as lines or bars; `unit` names the axis."""
    params = {
        "x_axis": time,
        "time_grain_sqla": grain,
        "metrics": metrics,
        "groupby": [by] if by else [],
        "adhoc_filters": [*_period(time), *filters],
        "row_limit": 10000,
        "truncate_metric": True,
        "show_empty_columns": True,
        "comparison_type": "values",
        "color_scheme": COLOURS,
        "seriesType": "line",
        "markerEnabled": True,
        "markerSize": 5,
        "stack": "Stack" if stack else None,
        "only_total": True,
        "show_legend": bool(by) or len(metrics) > 1,
        "legendType": "scroll",
        "legendOrientation": "top",
        "x_axis_time_format": "%d %b",
        "xAxisLabelRotation": 0,
        "y_axis_format": form,
        "y_axis_title": unit,
        "y_axis_title_margin": 40,
        "y_axis_title_position": "Left",
        "y_axis_bounds": [0, None],
        "truncateYAxis": True,
        "rich_tooltip": True,
    }
    return Chart(key, title, dataset, f"echarts_timeseries_{kind}", params, width, height, note)


def bars(
    key: str, title: str, dataset: str, metrics: list[str], category: str, form: str, unit: str, *,
    time: str | None, by: str | None = None, filters: tuple[Params, ...] = (), limit: int = 12, width: int = 6,
    height: int = 38, stack: str | None = None, sort_by_name: bool = False, flat: bool = True, note: str = "",
) -> Chart:  # fmt: skip
    """Return categories as bars, the largest first; lying, unless the categories are an order such as hours."""
    params = {
        "x_axis": category,
        "xAxisForceCategorical": True,
        "metrics": metrics,
        "groupby": [by] if by else [],
        "adhoc_filters": [*_period(time), *filters],
        "order_desc": True,
        "row_limit": limit if not by else 1000,
        "x_axis_sort": category if sort_by_name else metrics[0],
        "x_axis_sort_asc": sort_by_name or flat,
        "x_axis_sort_series": "name" if sort_by_name else "sum",
        "x_axis_sort_series_ascending": sort_by_name or flat,
        "truncate_metric": True,
        "show_empty_columns": True,
        "comparison_type": "values",
        "color_scheme": COLOURS,
        "orientation": "horizontal" if flat else "vertical",
        "stack": stack,
        "show_value": not stack,
        "show_legend": bool(by) or len(metrics) > 1,
        "legendType": "scroll",
        "legendOrientation": "top",
        "y_axis_format": form,
        "y_axis_title" if flat else "x_axis_title": "",
        "x_axis_title" if flat else "y_axis_title": "",
        "y_axis_title": unit,
        "y_axis_title_margin": 30,
        "y_axis_title_position": "Left",
        "rich_tooltip": True,
    }
    return Chart(key, title, dataset, "echarts_timeseries_bar", params, width, height, note)


def table(
    key: str, title: str, dataset: str, groups: list[str], metrics: list[str], *, time: str | None,
    forms: dict[str, str] | None = None, filters: tuple[Params, ...] = (), limit: int = 100, width: int = 12,
    height: int = 44, note: str = "",
) -> Chart:  # fmt: skip
    """Return one line per group with metrics, the first metric's largest first."""
    params = {
        "query_mode": "aggregate",
        "groupby": groups,
        "metrics": metrics,
        "timeseries_limit_metric": metrics[0],
        "order_desc": True,
        "adhoc_filters": [*_period(time), *filters],
        "row_limit": limit,
        "table_timestamp_format": "%Y-%m-%d %H:%M",
        "show_cell_bars": False,
        "color_pn": False,
        "column_config": {name: {"d3NumberFormat": form} for name, form in (forms or {}).items()},
    }
    return Chart(key, title, dataset, "table", params, width, height, note)


def rows(
    key: str, title: str, dataset: str, columns: list[str], order: list[tuple[str, bool]], *, time: str | None,
    filters: tuple[Params, ...] = (), forms: dict[str, str] | None = None, limit: int = 200, width: int = 12,
    height: int = 50, search: bool = False, note: str = "",
) -> Chart:  # fmt: skip
    """Return rows as they are, in a given order (column, ascending)."""
    params = {
        "query_mode": "raw",
        "all_columns": columns,
        "order_by_cols": [f'["{column}", {str(ascending).lower()}]' for column, ascending in order],
        "adhoc_filters": [*_period(time), *filters],
        "row_limit": limit,
        "include_search": search,
        "page_length": 20,
        "table_timestamp_format": "%Y-%m-%d %H:%M",
        "show_cell_bars": False,
        "color_pn": False,
        "column_config": {name: {"d3NumberFormat": form} for name, form in (forms or {}).items()},
    }
    return Chart(key, title, dataset, "table", params, width, height, note)


def _period(time: str | None) -> list[Params]:
    """Return the filter that the dashboard's period takes the place of."""
    if time is None:
        return []
    return [
        {
            "clause": "WHERE",
            "expressionType": "SIMPLE",
            "subject": time,
            "operator": "TEMPORAL_RANGE",
            "comparator": "No filter",
        }
    ]
