"""The two halves of a transform, each without what would come out as it stands."""

from social_crm.database import connect
from social_crm.modelling import NodeResult, load_seeds, run_models
from social_crm.publishing import is_full_refresh, is_project_built
from social_crm.settings import load_settings
from social_crm.source_policies import refuse_forbidden_matching
from social_crm.sources import SOURCES

# By dbt's names of folders: a selection by path would compare the path of every node, tests included.
CONTRACTS = ("intermediate.interactions", "intermediate.customers")
STAGE = ("staging", *CONTRACTS)
BEHIND = ("intermediate", "marts", "vault")
# What, beside seeds, changes with the project's files alone: views whose tables stay, tables made of nothing but seeds.
STANDING = ("staging,config.materialized:view", "marts,config.materialized:view", "tag:standing")


def stage(transform_id: int) -> list[NodeResult]:
    """Bring seeds, staging and the contracts, whose texts and people are then enriched, up to what is visible."""
    full_refresh = is_full_refresh(transform_id)
    seeds = [] if is_project_built(transform_id) else load_seeds(full_refresh=full_refresh)
    refuse_forbidden_matching()
    return seeds + run_models(STAGE, full_refresh, exclude=unchanged(transform_id))


def build(transform_id: int) -> list[NodeResult]:
    """Build everything behind the contracts."""
    return run_models(BEHIND, is_full_refresh(transform_id), exclude=[*CONTRACTS, *unchanged(transform_id)])


def unchanged(transform_id: int) -> list[str]:
    """Return what selects the models that this transform would make as they are; decision 26 says why."""
    if not is_project_built(transform_id):
        return []
    with connect(load_settings().warehouse_transformer_url) as warehouse:
        arrived = {source for (source,) in warehouse.execute(_ARRIVED, [transform_id])}
    return [*STANDING, *(f"staging.{source.name}" for source in SOURCES if source.name not in arrived)]


# With what transforms took that were killed since: their loads may be others by now.
_ARRIVED = """
select distinct load_ledger.source
from ops.transform_loads
inner join raw.load_ledger on transform_loads.load_id = load_ledger.load_id
where
    transform_loads.transform_id <= %s
    and transform_loads.transform_id > (
        select max(transform_runs.transform_id) from ops.transform_runs where transform_runs.status = 'published'
    )
"""
