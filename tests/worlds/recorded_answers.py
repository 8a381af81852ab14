"""Recorded answers of sources, from the fixtures into the contract."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from social_crm.database import connect
from social_crm.landing.loading import load_resource
from social_crm.settings import load_settings
from social_crm.sources import SOURCES
from social_crm.sources.model import Connection, Page, Record, Resource, Source, Window
from social_crm.transform.dbt_runner import load_seeds, run_models
from worlds.dropped_files import rows_of

FIXTURES = Path(__file__).resolve().parents[1] / "fixtures"
DAY = Window(datetime(2026, 6, 30, tzinfo=UTC), datetime(2026, 7, 1, tzinfo=UTC))
SEEDS = ("automated_agents", "channels", "channel_codes", "source_accounts", "status_codes")
# Sources whose fixtures are not records as their connectors yield them; other tests cover their staging.
APART = {"crm", "forms", "hubspot", "mail", "salesforce", "x", "zendesk"}
RECORDED = [source for source in SOURCES if source.name not in APART]


def _recorded(source_name: str, resource: Resource) -> list[Record]:
    """Return the records of a resource, as its connector yields them."""
    answer = FIXTURES / source_name / f"{resource.name}.json"
    return json.loads(answer.read_text()) if answer.exists() else rows_of(resource, FIXTURES / source_name)


def land_recorded(source: Source, resource: Resource) -> int:
    """Land the recorded answers of a resource as one day's window, and return the load."""
    records = _recorded(source.name, resource)
    given = replace(resource, extract=lambda request: iter([Page(records)]))
    return load_resource(source, given, Connection(url=""), DAY, "test", now=DAY.end + timedelta(hours=1)).load_id


def stage_recorded(sources: Iterable[Source], loads: Sequence[int]) -> list[str]:
    """Fill the contract from sources with loads, as a running transform would; return the models."""
    with connect(load_settings().warehouse_admin_url) as admin:
        admin.execute(
            "insert into ops.transform_runs (run_id, as_of, status) values ('test', %s, 'running')", [DAY.end]
        )
        admin.execute(
            "insert into ops.transform_loads select transform_id, unnest(%s::bigint[]) from ops.transform_runs", [loads]
        )
    models = [f"staging.{source.name}" for source in sources]
    load_seeds(SEEDS)
    run_models(models, full_refresh=True)
    return models
