"""The steps of a transform: one process at a time runs each, and skips models whose result would not change."""

import logging
from functools import cache
from typing import TYPE_CHECKING

from psycopg import sql

from social_crm.database import connect
from social_crm.privacy.pseudonyms import accept_key
from social_crm.privacy.source_policies import refuse_forbidden_matching
from social_crm.settings import load_settings
from social_crm.transform.dbt_runner import NodeResult, load_seeds, project_version, read_project, run_models, run_tests
from social_crm.transform.runs import held, is_full_refresh, is_project_built, refuse_other_classifier

if TYPE_CHECKING:
    from social_crm.enrichment.texts import EnrichmentCounts

# By dbt's folder names: a selection by path would compare the path of every node, tests included.
CONTRACTS = ("intermediate.interactions", "intermediate.customers")
STAGE = ("staging", *CONTRACTS)
BEHIND = ("intermediate", "marts", "vault")
# Models that, like seeds, change only with the project's files (decision 26): views of fixed tables, tables of seeds.
STANDING = ("staging,config.materialized:view", "marts,config.materialized:view", "tag:standing")
_MADE_BY_NOBODY = """
select case relkind when 'r' then 'table' else 'view' end, relname
from pg_class
where relnamespace = to_regnamespace('marts') and relkind in ('r', 'v') and relname <> all(%s)
order by relname
"""
log = logging.getLogger(__name__)


def stage(transform_id: int) -> list[NodeResult]:
    """Bring seeds, staging and the contracts (whose texts and people are then enriched) up to the visible loads."""
    _refuse_other_key()
    with held(transform_id, needs="begun", leaves="staged"):
        full_refresh, seeds = is_full_refresh(transform_id), []
        is_built = is_project_built(transform_id)
        if not is_built:
            seeds = load_seeds(full_refresh=full_refresh)
            _check_seeds(project_version())
        refuse_forbidden_matching()
        select, exclude = (to_stage(transform_id), STANDING) if is_built else (STAGE, ())
        return seeds + run_models(select, full_refresh, exclude=exclude)


def enrich(transform_id: int) -> tuple["EnrichmentCounts", int]:
    """Score new texts, and decide which customers changed authors may be.

    Returns what was done to texts, and how many authors have other probable customers now.
    """
    from social_crm.enrichment.identity.warehouse import link_identities
    from social_crm.enrichment.texts import enrich_texts

    with held(transform_id, needs="staged", leaves="enriched"):
        refuse_other_classifier(transform_id)
        return enrich_texts(), link_identities(everyone=is_full_refresh(transform_id))


def build(transform_id: int) -> list[NodeResult]:
    """Build everything behind the contracts."""
    _refuse_other_key()
    with held(transform_id, needs="enriched", leaves="built"):
        is_built = is_project_built(transform_id)
        exclude = [*CONTRACTS, *(STANDING if is_built else ())]
        results = run_models(BEHIND, is_full_refresh(transform_id), exclude=exclude)
        if not is_built:
            _drop_what_no_model_makes()
        return results


def _drop_what_no_model_makes() -> None:
    """Drop from marts what a former version of the project built there, which would otherwise be published for ever."""
    made = [node.name for node in read_project().nodes.values() if node.schema == "marts"]
    with connect(load_settings().warehouse_transformer_url) as warehouse:
        for kind, name in warehouse.execute(_MADE_BY_NOBODY, [made]).fetchall():
            log.info("%s of a former version is dropped from marts", name)
            drop = sql.SQL("drop {} if exists {} cascade")
            warehouse.execute(drop.format(sql.SQL(kind), sql.Identifier("marts", name)))


@cache
def _check_seeds(_project: str) -> None:
    """Run the seeds' tests on the loaded seeds before anything is built from them; once for the same files."""
    run_tests(["path:seeds", "path:tests/seeds"])


def _refuse_other_key() -> None:
    # This may be another worker than the one that began, or a later time.
    with connect(load_settings().warehouse_transformer_url) as warehouse:
        accept_key(warehouse)


def to_stage(transform_id: int) -> list[str]:
    """Return the selection of the contracts and of the staging of sources with new loads; the rest is already built.

    Named one by one, because dbt compares each name with every node, and most sources brought nothing.
    """
    with connect(load_settings().warehouse_transformer_url) as warehouse:
        arrived = [f"staging.{source}" for (source,) in warehouse.execute(_ARRIVED, [transform_id])]
    return [*arrived, *CONTRACTS]


# Including what killed transforms took: their loads may be different by now.
_ARRIVED = """
select distinct load_ledger.source
from ops.transform_loads
inner join raw.load_ledger on transform_loads.load_id = load_ledger.load_id
where
    transform_loads.transform_id <= %s
    and transform_loads.transform_id > (
        select max(transform_runs.transform_id) from ops.transform_runs where transform_runs.status = 'published'
    )
order by load_ledger.source
"""
