"""The record of transforms: each begins with the loads that it takes, and one process at a time builds it."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Literal, LiteralString, get_args

import psycopg
from psycopg import sql

from social_crm.database import connect
from social_crm.enrichment.assessment import SCORER_VERSION
from social_crm.errors import TransformInProgress, TransformRefused
from social_crm.privacy.pseudonyms import accept_key
from social_crm.settings import load_settings
from social_crm.transform import definitions
from social_crm.transform.dbt_runner import project_version

LOCK_TIMEOUT = "3s"
LAST_PATIENCE = "60s"
Step = Literal["begun", "staged", "enriched", "built"]
_STEPS: tuple[Step, ...] = get_args(Step)
_PROJECT = "project_version"
# Versions of the scorer, the classifier and the dbt project's files, by column; older releases did not record all.
Versions = dict[str, str]
Former = dict[str, str | None]
log = logging.getLogger(__name__)


def begin_transform(run_id: str, *, full_refresh: bool = False) -> int | None:
    """Decide which loads, labels and identity decisions the next transform brings into the star.

    None without any, unless the published star is of another version of the dbt project, seeds among it, or of those
    who say what texts mean. Where rows of history follow from what changed, the transform is a full refresh whatever
    was asked for: else former and present definitions would stand side by side. What a killed transform left counts as
    what is published does. So is the successor of a full refresh that was killed: half built, and without the memory
    of what conversations left, the models are no state to go on from. Another pseudonym key is taken by a full
    refresh that was asked for, and by no other.
    """
    versions = _versions()
    with transformer() as warehouse, warehouse.transaction():
        lock(warehouse)
        accept_key(warehouse, may_change=full_refresh)
        # Transforms run one at a time, so one that is still 'running' here was killed; its loads are pending again.
        warehouse.execute(
            "update ops.transform_runs set status = 'failed', finished_at = clock_timestamp() where status = 'running'"
        )
        rows = warehouse.execute(_STANDING).fetchall()
        is_edited = any(is_published and former != versions for former, is_published in rows)
        reason = _reason_to_refresh(warehouse, [former for former, _ in rows], versions, is_asked=full_refresh)
        full_refresh = reason is not None
        loads = [load_id for (load_id,) in warehouse.execute(_COMPLETED if full_refresh else _PENDING)]
        labels = [label_id for (label_id,) in warehouse.execute(_LABELS if full_refresh else _PENDING_LABELS)]
        decisions = [key for (key,) in warehouse.execute(_DECISIONS if full_refresh else _PENDING_DECISIONS)]
        if not (loads or labels or decisions or is_edited):
            return None
        definitions.record(warehouse, versions[_PROJECT])
        begun = {"run_id": run_id, "full_refresh": full_refresh, "refresh_reason": reason, "loads": loads}
        [(transform_id,)] = warehouse.execute(_INSERT_RUN, begun | versions)
        for table, column, taken in (
            ("transform_loads", "load_id", loads),
            ("transform_labels", "label_id", labels),
            ("transform_decisions", "decision_id", decisions),
        ):
            into = sql.SQL("insert into {} (transform_id, {}) select %s, unnest(%s::bigint[])")
            query = into.format(sql.Identifier("ops", table), sql.Identifier(column))
            warehouse.execute(query, [transform_id, taken])
        return int(transform_id)


def is_full_refresh(transform_id: int) -> bool:
    """Return whether a transform began as a rebuild of everything from raw."""
    with transformer() as warehouse:
        run = warehouse.execute(_IS_FULL_REFRESH, [transform_id]).fetchone()
    return bool(run and run[0])


def is_project_built(transform_id: int) -> bool:
    """Return whether all transforms since the published one began with this one's files: what they built is valid."""
    with transformer() as warehouse:
        run = warehouse.execute(_IS_PROJECT_BUILT, {"transform_id": transform_id}).fetchone()
    return bool(run and run[0])


@contextmanager
def held(transform_id: int, *, needs: Step, leaves: Step) -> Iterator[None]:
    """Let no other process begin, build or publish meanwhile; record at the end how far the transform has come.

    Raises TransformInProgress if one does, for instance an attempt that Airflow took for dead, and TransformRefused if
    the transform has ended, was begun by another version than this one, or has not come as far as it `needs`.
    """
    with transformer() as warehouse, warehouse.transaction():
        # Without a row lock or an open snapshot, which would prevent the cleanup of dead rows for so long.
        _lock(warehouse, "ops.transform_loads in share update exclusive mode")
        require(transform_id, needs)
        yield
        # An hour's work is not lost because somebody prepares the warehouse at its end.
        warehouse.execute(sql.SQL("set local lock_timeout = {}").format(LAST_PATIENCE))
        warehouse.execute("update ops.transform_runs set step = %s where transform_id = %s", [leaves, transform_id])


def require(transform_id: int, needs: Step) -> None:
    """Raise TransformRefused unless the transform runs and has come this far, whatever the state of its tasks.

    Of what a worker with other files builds, the next transform would think that it comes from the recorded ones.
    """
    with transformer() as warehouse:
        run = warehouse.execute(_RUN, [transform_id]).fetchone()
    status, step, *versions = run or ("unknown", "begun")
    if status != "running":
        why = ": its process died, or a later run took its loads" if status == "failed" else ""
        raise TransformRefused(
            f"transform {transform_id} is {status}, so nothing more is built of it{why}. Start a new transform run."
        )
    if versions != [SCORER_VERSION, project_version()]:
        raise TransformRefused(
            f"transform {transform_id} was begun with other files of dbt_project/, or another scorer, than this worker"
            " has. Bring the same version to every worker (docker compose up -d --build; the demo has what is saved),"
            " then start a new transform run."
        )
    if _STEPS.index(step) < _STEPS.index(needs):
        raise TransformRefused(
            f"transform {transform_id} is only {step} and must be {needs}: the task before this one was marked, not"
            " run. Clear that task and let it run."
        )


def refuse_other_classifier(transform_id: int) -> None:
    """Raise TransformRefused if this worker's rules and model are not those with which the transform began."""
    from social_crm.enrichment.classification import classifier_version

    with transformer() as warehouse:
        run = warehouse.execute(_CLASSIFIER, [transform_id]).fetchone()
    if run != (classifier_version(),):
        raise TransformRefused(
            f"transform {transform_id} was begun with another classifier than this worker has. Give every worker the"
            " same WAREHOUSE_CLASSIFIER_MODEL, then start a new transform run."
        )


def lock(warehouse: psycopg.Connection) -> None:
    """Let no other process begin, build or publish until this transaction ends; raises TransformInProgress."""
    # In the same order as `held`; otherwise, somebody who ends a part and we would wait for each other.
    _lock(warehouse, "ops.transform_loads, ops.transform_runs in share row exclusive mode")


def transformer() -> psycopg.Connection:
    """Open a connection that builds and publishes; it waits only briefly for a lock."""
    return connect(load_settings().warehouse_transformer_url, lock_timeout=LOCK_TIMEOUT, jit="off")


def _lock(warehouse: psycopg.Connection, tables: LiteralString) -> None:
    # Not an advisory lock, because the loader may take those too, and has no part in transforms.
    try:
        warehouse.execute(f"lock table {tables}")
    except psycopg.errors.LockNotAvailable:
        raise TransformInProgress(
            "another process is beginning, building or publishing a transform; nothing was changed. Re-run once it is"
            " over."
        ) from None


def _versions() -> Versions:
    # Reads the rules and the model, and refuses unusable ones.
    from social_crm.enrichment.classification import classifier_version

    return {
        "scorer_version": SCORER_VERSION,
        "classifier_version": classifier_version(),
        _PROJECT: project_version(),
    }


def _reason_to_refresh(
    warehouse: psycopg.Connection, standing: list[Former], versions: Versions, *, is_asked: bool
) -> str | None:
    """Return and log why all of history must be rebuilt; None if it need not be."""
    causes = sorted({cause for former in standing for cause in _causes(warehouse, former, versions)})
    reasons = ["somebody asked for it"] if is_asked else []
    reasons += [f"edited: {', '.join(causes)}"] if causes else []
    reasons += ["a full refresh was killed"] if _is_half_refreshed(warehouse) else []
    if not reasons:
        return None
    log.info("all of history is rebuilt (%s)", "; ".join(reasons))
    return "; ".join(reasons)


def _causes(warehouse: psycopg.Connection, former: Former, versions: Versions) -> set[str]:
    """Return which rules of history changed since a former transform; an unknown scorer is not named."""
    edited = {part for part in versions if former[part] != versions[part]}
    causes = {part.removesuffix("_version") for part in edited - {_PROJECT} if former[part]}
    if _PROJECT in edited:
        before, now = former[_PROJECT], versions[_PROJECT]
        definitions.record(warehouse, now)
        changed = definitions.changed(warehouse, before, now) if before else None
        causes |= {"files of a version that nobody noted"} if changed is None else {*changed}
    return causes


def _is_half_refreshed(warehouse: psycopg.Connection) -> bool:
    """Return whether a full refresh began that was never published."""
    [(is_half,)] = warehouse.execute(_HALF_REFRESHED)
    return bool(is_half)


_PENDING = """
select completed.load_id
from raw.completed_loads as completed
where not exists (select 1 from ops.published_loads where published_loads.load_id = completed.load_id)
"""
# Transforms that were killed since the publication, or before the first one, left rows as well.
_STANDING = """
select distinct
    jsonb_build_object(
        'scorer_version', scorer_version, 'classifier_version', classifier_version, 'project_version', project_version
    ),
    status = 'published'
from ops.transform_runs
where transform_id >= coalesce((select max(transform_id) from ops.transform_runs where status = 'published'), 0)
"""
_IS_FULL_REFRESH = "select is_full_refresh from ops.transform_runs where transform_id = %s"
_IS_PROJECT_BUILT = """
select
    not running.is_full_refresh
    and bool_and(coalesce(others.project_version = running.project_version, false))
from ops.transform_runs as running
inner join ops.transform_runs as others on others.transform_id < running.transform_id
where running.transform_id = %(transform_id)s and others.transform_id >= (
    select max(published.transform_id) from ops.transform_runs as published
    where published.status = 'published' and published.transform_id < %(transform_id)s
)
group by running.is_full_refresh
"""
_COMPLETED = "select load_id from raw.completed_loads"
# Before the first publication, there is nothing that a label could restate; the next transform takes the labels.
_PENDING_LABELS = """
select labels.label_id
from ops.human_labels as labels
where
    not exists (
        select 1
        from ops.transform_labels
        inner join ops.transform_runs on transform_labels.transform_id = transform_runs.transform_id
        where transform_labels.label_id = labels.label_id and transform_runs.status = 'published'
    )
    and exists (select 1 from ops.transform_runs where status = 'published')
"""
_LABELS = "select label_id from ops.human_labels"
_PENDING_DECISIONS = """
select decisions.decision_id
from ops.identity_decisions as decisions
where not exists (
    select 1
    from ops.transform_decisions
    inner join ops.transform_runs on transform_decisions.transform_id = transform_runs.transform_id
    where transform_decisions.decision_id = decisions.decision_id and transform_runs.status = 'published'
)
"""
_DECISIONS = "select decision_id from ops.identity_decisions"
# Published loads stay visible, so as_of never goes back if only a late window is pending.
_INSERT_RUN = """
insert into ops.transform_runs
    (run_id, as_of, is_full_refresh, refresh_reason, status, scorer_version, classifier_version, project_version)
select
    %(run_id)s,
    greatest(
        max(ledger.window_end),
        (select max(earlier.as_of) from ops.transform_runs as earlier where earlier.status = 'published')
    ),
    %(full_refresh)s,
    %(refresh_reason)s,
    'running',
    %(scorer_version)s,
    %(classifier_version)s,
    %(project_version)s
from raw.load_ledger as ledger
where ledger.load_id = any(%(loads)s)
returning transform_id
"""
_HALF_REFRESHED = """
select exists (
    select 1
    from ops.transform_runs as unpublished
    where
        unpublished.is_full_refresh
        and unpublished.transform_id > coalesce((
            select max(published.transform_id)
            from ops.transform_runs as published
            where published.status = 'published'
        ), 0)
)
"""
_CLASSIFIER = "select classifier_version from ops.transform_runs where transform_id = %s"
_RUN = "select status, step, scorer_version, project_version from ops.transform_runs where transform_id = %s"
