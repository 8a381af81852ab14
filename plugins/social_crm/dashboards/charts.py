"""The charts that dashboards are made of: a few kinds, each with a fixed look."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from social_crm.dashboards.assets import ASSET_VERSION, asset_uuid
from social_crm.dashboards.semantics import Node

COLOURS = "social_crm"
COUNT, SHARE, NUMBER, SCORE, DOLLARS = ",d", ".1%", ",.1f", "+.2f", "$,.2f"
WHEN, DAY, MONTH = "%Y-%m-%d %H:%M", "%Y-%m-%d", "%Y-%m"
SMALL_SAMPLE = 10
EVERY_PART = 10_000


@dataclass(frozen=True)
class Chart:
    """One chart: its question to a dataset, and its size (12 columns a row, units of 8 pixels)."""

    key: str
    title: str
    dataset: str
    viz_type: str
    params: Node = field(repr=False)
    width: int = 6
    height: int = 38

    @property
    def uuid(self) -> str:
        """Return the chart's id."""
        return asset_uuid("charts", self.key)

    def asset(self) -> Node:
        """Return the chart as Superset imports it."""
        return {
            "slice_name": self.title,
            "viz_type": self.viz_type,
            "params": {"viz_type": self.viz_type, **self.params},
            "uuid": self.uuid,
            "version": ASSET_VERSION,
            "dataset_uuid": asset_uuid("datasets", self.dataset),
            "is_managed_externally": True,
        }


def where(column: str, *values: Any) -> Node:
    """Return a filter: the column has one of these values, or any value if none is given."""
    rule: Node = {"clause": "WHERE", "expressionType": "SIMPLE", "subject": column}
    if not values:
        return {**rule, "operator": "IS NOT NULL", "operatorId": "IS_NOT_NULL", "comparator": None}
    return {**rule, "operator": "IN", "operatorId": "IN", "comparator": list(values)}


def condition(sql: str) -> Node:
    """Return a filter in SQL."""
    return {"clause": "WHERE", "expressionType": "SQL", "sqlExpression": sql}


def column(label: str, sql: str) -> Node:
    """Return a column in SQL."""
    return {"expressionType": "SQL", "label": label, "sqlExpression": sql, "columnType": "BASE_AXIS"}


def measure(label: str, sql: str) -> Node:
    """Return a measure that is not a metric: a count of rows, or a mark."""
    return {"expressionType": "SQL", "label": label, "sqlExpression": sql, "hasCustomLabel": True}


def minutes(label: str, seconds: str) -> Node:
    """Return a column of lists in which a duration reads as minutes."""
    return column(f"{label} (min)", f"{seconds} / 60.0")


def hours(label: str, seconds: str) -> Node:
    """Return a column of lists in which a duration reads as hours."""
    return column(f"{label} (h)", f"{seconds} / 3600.0")


def mark_small(counts: Mapping[str, str]) -> Node:
    """Return a mark of lines whose number, counted by something named, is too small to be compared."""
    few = (f"case when {count} between 1 and {SMALL_SAMPLE - 1} then '{what}' end" for what, count in counts.items())
    return measure(f"Fewer than {SMALL_SAMPLE}", f"concat_ws(', ', {', '.join(few)})")


@dataclass(frozen=True)
class On:
    """A dataset to query, and the column of its period filter."""

    dataset: str
    time: str | None = "local_date_key"

    def number(self, key: str, title: str, metric: str | Node, form: str, *filters: Node, width: int = 2) -> Chart:
        """Return a number of the period, or of now; if it is NULL, the chart says so."""
        params = {
            "metric": metric,
            "adhoc_filters": self._filters(filters),
            "y_axis_format": form,
            "header_font_size": 0.4,
            "time_format": WHEN,
        }
        return Chart(key, title, self.dataset, "big_number_total", params, width, 20)

    def lines(
        self, key: str, title: str, metrics: list[str | Node], form: str, unit: str, *filters: Node,
        by: str | Node | None = None, kind: str = "line", most: int = 0, grain: str = "P1D", from_zero: bool = True,
    ) -> Chart:  # fmt: skip
        """Return metrics by day, as lines or stacked bars; `unit` names the axis, `most` keeps the largest series."""
        params = {
            "x_axis": self.time,
            "time_grain_sqla": grain,
            "metrics": metrics,
            "groupby": [by] if by else [],
            "adhoc_filters": self._filters(filters),
            "limit": most or None,
            "timeseries_limit_metric": metrics[0],
            "order_desc": True,
            "row_limit": 10000,
            # By default, a chart orders its series by size, which changes from week to week.
            "sort_series_type": "name",
            "sort_series_ascending": True,
            "truncate_metric": True,
            "show_empty_columns": True,
            "comparison_type": "values",
            "color_scheme": COLOURS,
            "markerEnabled": True,
            "markerSize": 5,
            "stack": "Stack" if kind == "bar" else None,
            "show_legend": bool(by) or len(metrics) > 1,
            "legendType": "scroll",
            "legendOrientation": "top",
            "x_axis_time_format": "%d %b",
            "y_axis_format": form,
            "y_axis_title": unit,
            "y_axis_title_margin": 40,
            "y_axis_title_position": "Left",
            "y_axis_bounds": [0 if from_zero else None, None],
            "truncateYAxis": from_zero,
            "rich_tooltip": True,
        }
        return Chart(key, title, self.dataset, f"echarts_timeseries_{kind}", params)

    def bars(
        self, key: str, title: str, metrics: list[str | Node], category: str | Node, form: str, unit: str,
        *filters: Node, by: str | None = None, most: int = 12, width: int = 6, height: int = 38, stacked: bool = False,
    ) -> Chart:  # fmt: skip
        """Return categories as horizontal bars, the longest on top.

        Of more categories than `most`, Postgres keeps those without a value first: leave these out by a filter. Bars in
        parts are all kept: the limit is one of parts, and a bar that lost one would be too short.
        """
        params = {
            "x_axis": category,
            "xAxisForceCategorical": True,
            "metrics": metrics,
            "groupby": [by] if by else [],
            "adhoc_filters": self._filters(filters),
            "order_desc": True,
            "row_limit": EVERY_PART if by else most,
            "x_axis_sort_asc": True,
            # Superset sorts stacked bars by their sum or by the longest part.
            "x_axis_sort": ("sum" if stacked else "max") if by or len(metrics) > 1 else metrics[0],
            # As for lines: sorted by size, the same two parts would change places from one chart to the next.
            "sort_series_type": "name",
            "sort_series_ascending": True,
            "truncate_metric": True,
            "show_empty_columns": True,
            "comparison_type": "values",
            "color_scheme": COLOURS,
            "orientation": "horizontal",
            "stack": "Stack" if stacked else None,
            "xAxisLabelInterval": "0",  # every name, as in a heatmap
            "show_value": True,
            "only_total": True,
            "show_legend": bool(by) or len(metrics) > 1,
            "legendType": "scroll",
            "legendOrientation": "top",
            "y_axis_format": form,
            "y_axis_title": unit,
            "y_axis_title_margin": 30,
            "y_axis_title_position": "Left",
            "rich_tooltip": True,
        }
        return Chart(key, title, self.dataset, "echarts_timeseries_bar", params, width, height)

    def heatmap(
        self, key: str, title: str, metric: str | Node, across: str | Node, down: str | Node, form: str, *filters: Node,
        height: int = 50, by_name: bool = False, left_margin: int | str = "auto",
    ) -> Chart:  # fmt: skip
        """Return a metric for each pair of categories; "auto" cuts off names of more than a few words."""
        params = {
            "x_axis": across,
            "groupby": down,
            "metric": metric,
            "adhoc_filters": self._filters(filters),
            "row_limit": 2000,
            # Every name; by default, a chart leaves out every second one.
            "xscale_interval": 1,
            "sort_x_axis": "alpha_asc" if by_name else "value_desc",
            "sort_y_axis": "alpha_desc" if by_name else "value_asc",
            "normalize_across": "heatmap",
            "linear_color_scheme": "social_crm_blues",
            "legend_type": "continuous",
            "show_legend": True,
            "show_values": True,
            "show_percentage": False,
            "value_bounds": [None, None],
            "y_axis_format": form,
            "left_margin": left_margin,
            # "auto" cuts off descenders: g, p, y.
            "bottom_margin": 10,
        }
        return Chart(key, title, self.dataset, "heatmap_v2", params, 12, height)

    def boxes(self, key: str, title: str, metric: str, of_each: str, by: str, form: str, *filters: Node) -> Chart:
        """Return the distribution of single values: median, quartiles, and whiskers to the 10th and 90th percentile."""
        params = {
            "metrics": [metric],
            "columns": [of_each],
            "groupby": [by],
            "adhoc_filters": self._filters(filters),
            "whiskerOptions": "10/90 percentiles",
            "color_scheme": COLOURS,
            "number_format": form,
            "x_ticks_layout": "45°",
            "row_limit": 50000,
        }
        return Chart(key, title, self.dataset, "box_plot", params)

    def table(
        self, key: str, title: str, groups: list[str | Node], metrics: list[str | Node], *filters: Node,
        order: Node | None = None, forms: dict[str, str] | None = None, width: int = 12, height: int = 44,
    ) -> Chart:  # fmt: skip
        """Return one line per group, largest first by `order` or else by the first metric; `forms` by metric."""
        params = {
            "query_mode": "aggregate",
            "groupby": groups,
            "metrics": metrics,
            "timeseries_limit_metric": order or metrics[0],
            "order_desc": True,
            "adhoc_filters": self._filters(filters),
            "row_limit": 100,
            **_formatted(forms or {}, groups),
            **TABLE,
        }
        return Chart(key, title, self.dataset, "table", params, width, height)

    def rows(
        self, key: str, title: str, columns: list[str | Node], order: str | tuple[str, ...], *filters: Node,
        first: bool = False, most: int = 500, width: int = 12, height: int = 50, search: bool = False,
        shares: tuple[str, ...] = (),
    ) -> Chart:  # fmt: skip
        """Return rows unaggregated, those with the largest `order` first, or with the smallest `first`."""
        names = (order,) if isinstance(order, str) else order
        durations = [made["label"] for made in columns if isinstance(made, dict)]
        params = {
            "query_mode": "raw",
            "all_columns": columns,
            "order_by_cols": [f'["{name}", {str(first).lower()}]' for name in names],
            "adhoc_filters": self._filters(filters),
            "row_limit": most,
            "include_search": search,
            "page_length": 10,
            **_formatted(dict.fromkeys(shares, SHARE) | dict.fromkeys(durations, NUMBER), columns),
            **TABLE,
        }
        return Chart(key, title, self.dataset, "table", params, width, height)

    def _filters(self, filters: tuple[Node, ...]) -> list[Node]:
        """Return a chart's filters; the dashboard's period replaces the first."""
        rule = {"clause": "WHERE", "expressionType": "SIMPLE", "operator": "TEMPORAL_RANGE"}
        return [*([{**rule, "comparator": "No filter", "subject": self.time}] if self.time else []), *filters]


def _formatted(forms: dict[str, str], columns: Sequence[str | Node]) -> Node:
    """Return the parameter that formats a table's numbers in these forms, and its months and days as such."""
    config = {name: {"d3NumberFormat": form} for name, form in forms.items()}
    for name in columns:
        if isinstance(name, str) and name.endswith("_date"):
            config[name] = {"d3TimeFormat": MONTH if name == "month_start_date" else DAY}
    return {"column_config": config} if config else {}


TABLE = {
    "table_timestamp_format": WHEN,
    "show_cell_bars": False,
    "color_pn": False,
    "allow_render_html": False,
}
