"""Answers metrics by name with MetricFlow, from the published tables.

The `mf` command asks the same engine; it also looks for newer versions of itself on the internet, and knows the schema
in which dbt builds, not the one that BI users may read.
"""

import argparse
import json
import logging
import sys
from collections.abc import Sequence
from copy import deepcopy
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any, cast

import psycopg

from social_crm.command import parser_of, run_command
from social_crm.dashboards.assets import SCHEMA
from social_crm.dashboards.semantics import Semantics, read_semantics
from social_crm.dashboards.spreadsheets import write_answers
from social_crm.database import connect
from social_crm.errors import WarehouseError
from social_crm.settings import load_settings

if TYPE_CHECKING:
    from metricflow.engine.metricflow_engine import MetricFlowEngine

_CONDITIONS = "A condition is written like {{ Dimension('channel__site_type') }} = 'forum'."


class MetricQueryRefused(WarehouseError):
    """MetricFlow cannot answer this combination of metrics, groups and conditions."""

    kind = "metric_query_refused"
    is_of_lines = True


class MetricQueries:
    """MetricFlow over the published schema, prepared once and queried many times."""

    def __init__(self, semantics: Semantics) -> None:
        """Prepare the engine; this takes seconds."""
        self._engine = _engine(semantics)
        self._names = list(semantics.metrics)

    def sql(
        self,
        metrics: Sequence[str],
        group_by: Sequence[str] = (),
        where: Sequence[str] = (),
        order_by: Sequence[str] = (),
    ) -> str:
        """Return the SQL for metrics by groups; raises MetricQueryRefused with what is available instead."""
        from metricflow.engine.metricflow_engine import MetricFlowQueryRequest

        request = MetricFlowQueryRequest.create(
            metric_names=metrics,
            group_by_names=group_by,
            where_constraints=where or None,
            order_by_names=order_by or None,
        )
        try:
            return str(self._engine.explain(request).sql_statement.sql)
        except Exception as reason:
            # MetricFlow's own reason is pages long and names six of the groups.
            groups = self.groups_of(metrics)
            refused = f"{', '.join(metrics)} by {', '.join(group_by) or 'nothing'} has no answer. {groups}"
            raise MetricQueryRefused(refused) from reason

    def groups_of(self, metrics: Sequence[str]) -> str:
        """List the dimensions of metrics; raises MetricQueryRefused for a metric that does not exist."""
        unknown = [name for name in metrics if name not in self._names]
        if unknown:
            alike = [near for name in unknown for near in get_close_matches(name, self._names)]
            meant = f" (did you mean {' or '.join(alike)}?)" if alike else ""
            missing = f"no metric {', '.join(map(repr, unknown))}{meant}; docs/metric-catalogue.md lists all of them"
            raise MetricQueryRefused(missing)
        found = self._engine.simple_dimensions_for_metrics(metric_names=list(metrics))
        groups = sorted({dimension.granularity_free_dunder_name for dimension in found})
        return f"Groups are {', '.join(groups)}; of days also with __week, __month or __year behind. {_CONDITIONS}"


def _engine(semantics: Semantics) -> "MetricFlowEngine":
    # The import takes seconds.
    from metricflow.engine.metricflow_engine import MetricFlowEngine
    from metricflow.protocols.sql_client import SqlClient
    from metricflow_semantics.model.dbt_manifest_parser import parse_manifest_from_dbt_generated_manifest
    from metricflow_semantics.model.semantic_manifest_lookup import SemanticManifestLookup

    # It warns about every metric that dbt makes from a measure.
    logging.getLogger("metricflow_semantic_interfaces").setLevel(logging.ERROR)
    manifest = parse_manifest_from_dbt_generated_manifest(json.dumps(_published(semantics.semantic_manifest)))
    return MetricFlowEngine(SemanticManifestLookup(manifest), sql_client=cast(SqlClient, _PostgresDialect()))


def _published(semantic_manifest: dict[str, Any]) -> dict[str, Any]:
    """Return the manifest with every table's name for BI users."""
    manifest = deepcopy(semantic_manifest)
    for holder in [*manifest["semantic_models"], *manifest["project_configuration"]["time_spines"]]:
        relation = holder["node_relation"]
        relation |= {"schema_name": SCHEMA, "database": None, "relation_name": f'"{SCHEMA}"."{relation["alias"]}"'}
    return manifest


class _PostgresDialect:
    """What MetricFlow must know about a warehouse to write SQL for it; we run the SQL ourselves."""

    def __init__(self) -> None:
        from metricflow.protocols.sql_client import SqlEngine
        from metricflow.sql.render.postgres import PostgresSQLSqlPlanRenderer

        self.sql_engine_type = SqlEngine.POSTGRES
        self.sql_plan_renderer = PostgresSQLSqlPlanRenderer()


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the answer as CSV; return the exit code."""
    asked = _parser().parse_args(arguments)
    metrics, groups = asked.metrics.split(","), [name for name in asked.by.split(",") if name]
    parsed_dir = load_settings().dbt_target_dir / "semantics"
    parsed_dir.mkdir(parents=True, exist_ok=True)
    queries = MetricQueries(read_semantics(parsed_dir))
    if groups == ["help"]:
        sys.stdout.write(queries.groups_of(metrics) + "\n")
        return 0
    sql = queries.sql(metrics, groups, asked.where, groups)
    _print_answer(sql, _CONDITIONS if asked.where else "bi.publications says what is published.")
    return 0


def _print_answer(sql: str, remedy: str) -> None:
    with connect(load_settings().warehouse_reader_url) as reader:
        try:
            write_answers(reader, sql, sys.stdout)
        except (psycopg.ProgrammingError, psycopg.DataError) as error:
            raise MetricQueryRefused(f"Postgres says: {error.diag.message_primary}. {remedy}") from error


def _parser() -> argparse.ArgumentParser:
    parser = parser_of("dashboards.metric_query", __doc__)
    parser.add_argument("metrics", help="names of metrics, with commas between them")
    parser.add_argument(
        "--by",
        default="",
        help="what to group by, such as market__region,metric_time__week; `help` lists what there is",
    )
    parser.add_argument(
        "--where", action="append", default=[], help="such as \"{{ Dimension('channel__site_type') }} = 'forum'\""
    )
    return parser


if __name__ == "__main__":
    sys.exit(run_command(main))
