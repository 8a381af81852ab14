"""Dashboards: header, rows of charts, tabs, and the filters that they share."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from social_crm.dashboards.assets import ASSET_VERSION, asset_uuid, to_yaml
from social_crm.dashboards.charts import COLOURS, Chart
from social_crm.dashboards.semantics import Node

WEEK, MONTH = "Last week", "Last month"
# Before a person is chosen, a page about single people queries nobody, as Superset does once a choice is cleared.
NOBODY = {"adhoc_filters": [{"expressionType": "SQL", "clause": "WHERE", "sqlExpression": "1 = 0"}]}
REQUIRED = ("customer_id",)
# In the order of their names, and the older the darker.
AGES = ("0 to 1 day", "1 to 3 days", "3 to 7 days", "7 days or more")
# The same thing has the same colour on every page, and another thing another: a day old is not social.
LABEL_COLOURS = {
    **dict(zip(AGES, ("#DDD3EE", "#B8A2D9", "#8C6BB8", "#5B3A8E"), strict=True)),
    "social": "#0072B2", "traditional": "#E69F00", "attained": "#0072B2", "missed": "#D55E00", "running": "#B8B8B8",
    "positive": "#0072B2", "neutral": "#B8B8B8", "negative": "#D55E00",
}  # fmt: skip
Row = Sequence["Chart | str"]
# On every page: the time zone of times, that unknown is not 0, and why something may be unknown.
NOTE = (
    " Times of day are UTC. Below a number, its change against the period before, of shares in percentage points. **No"
    " data, N/A, an empty chart:** nothing is known for this period and these filters;"
    " [Data trust](/superset/dashboard/work-queue/) says until when each source is known."
)


@dataclass(frozen=True)
class Tab:
    """A page of a dashboard."""

    title: str
    rows: list[Row]


@dataclass(frozen=True)
class Dashboard:
    """One dashboard; its header says which question it answers, and gives credits."""

    slug: str
    title: str
    header: str
    rows: list[Row]
    tabs: list[Tab]
    filters: tuple[str, ...] = ("period", "region", "market", "brand", "channel")
    period: str = WEEK  # its initial period

    def charts(self) -> list[Chart]:
        """Return every chart, in reading order."""
        rows = [*self.rows, *(row for tab in self.tabs for row in tab.rows)]
        return [item for row in rows for item in row if isinstance(item, Chart)]

    def files(self) -> dict[str, str]:
        """Return the dashboard and its charts as files."""
        found = {f"charts/{chart.key}.yaml": to_yaml(chart.asset()) for chart in self.charts()}
        return {**found, f"dashboards/{self.slug}.yaml": to_yaml(self.asset())}

    def asset(self) -> Node:
        """Return the dashboard as Superset imports it."""
        return {
            "dashboard_title": self.title,
            "description": None,
            "css": "",
            "slug": self.slug,
            "uuid": asset_uuid("dashboards", self.slug),
            "position": _Position(self).tree,
            "metadata": {
                "color_scheme": COLOURS,
                "label_colors": LABEL_COLOURS,
                "cross_filters_enabled": True,
                "filter_bar_orientation": "HORIZONTAL",
                "native_filter_configuration": [
                    _period(self.period) if name == "period" else _choice(name) for name in self.filters
                ],
                "refresh_frequency": 0,
                "expanded_slices": {},
                "timed_refresh_immune_slices": [],
            },
            "version": ASSET_VERSION,
            "is_managed_externally": True,
            "published": True,
        }


class _Position:
    """Superset's tree of positions; ids follow from the position, so they stay the same."""

    def __init__(self, dashboard: Dashboard) -> None:
        """Lay out a dashboard."""
        self.tree: dict[str, Any] = {
            "DASHBOARD_VERSION_KEY": "v2",
            "ROOT_ID": {"type": "ROOT", "id": "ROOT_ID", "children": ["GRID_ID"]},
            "GRID_ID": {"type": "GRID", "id": "GRID_ID", "children": [], "parents": ["ROOT_ID"]},
            "HEADER_ID": {"type": "HEADER", "id": "HEADER_ID", "meta": {"text": dashboard.title}},
        }
        grid = ["ROOT_ID", "GRID_ID"]
        self._row(grid, "header", [dashboard.header + NOTE])
        for number, row in enumerate(dashboard.rows):
            self._row(grid, f"top-{number}", row)
        if dashboard.tabs:
            self._add("TABS", "tabs", grid, {})
            for number, tab in enumerate(dashboard.tabs):
                tab_parents = [*grid, "TABS-tabs"]
                self._add("TAB", str(number), tab_parents, {"text": tab.title})
                for place, row in enumerate(tab.rows):
                    self._row([*tab_parents, f"TAB-{number}"], f"{number}-{place}", row)

    def _add(self, kind: str, name: str, parents: list[str], meta: dict[str, Any]) -> str:
        identifier = f"{kind}-{name}"
        self.tree[identifier] = {
            "type": kind, "id": identifier, "children": [], "parents": parents, "meta": meta
        }  # fmt: skip
        self.tree[parents[-1]]["children"].append(identifier)
        return identifier

    def _row(self, parents: list[str], name: str, row: Row) -> None:
        identifier = self._add("ROW", name, parents, {"background": "BACKGROUND_TRANSPARENT"})
        inside = [*parents, identifier]
        for number, item in enumerate(row):
            if isinstance(item, str):
                # About 190 characters fit on a line across the page.
                height = 5 + 3 * (1 + len(item) // 190)
                self._add("MARKDOWN", f"{name}-{number}", inside, {"code": item, "width": 12, "height": height})
            else:
                meta = {"uuid": item.uuid, "sliceName": item.title, "width": item.width, "height": item.height}
                self._add("CHART", item.key, inside, {"chartId": 0, **meta})


def _period(opens_with: str) -> Node:
    return {
        **_filter("period", "Period", "filter_time", []),
        "defaultDataMask": {"extraFormData": {"time_range": opens_with}, "filterState": {"value": opens_with}},
    }


def _choice(name: str) -> Node:
    dataset, parents = _CHOICES[name]
    target = {"column": {"name": name}, "datasetUuid": asset_uuid("datasets", dataset)}
    return {
        **_filter(name, name.removesuffix("_id").capitalize(), "filter_select", [target]),
        "defaultDataMask": {"extraFormData": NOBODY if name in REQUIRED else {}, "filterState": {}},
        "cascadeParentIds": [f"NATIVE_FILTER-{parent}" for parent in parents],
    }


def _filter(name: str, label: str, kind: str, targets: list[Node]) -> Node:
    return {
        "id": f"NATIVE_FILTER-{name}",
        "name": label,
        "filterType": kind,
        "targets": targets or [{}],
        "controlValues": {"multiSelect": True, "enableEmptyFilter": name in REQUIRED, "searchAllOptions": False},
        "scope": {"rootPath": ["ROOT_ID"], "excluded": []},
        "cascadeParentIds": [],
        "type": "NATIVE_FILTER",
        "description": "",
    }


_CHOICES: dict[str, tuple[str, tuple[str, ...]]] = {
    "customer_id": ("customers", ()),
    "region": ("markets", ()),
    "market": ("markets", ("region",)),
    "brand": ("brands", ()),
    "channel": ("channels", ()),
}
