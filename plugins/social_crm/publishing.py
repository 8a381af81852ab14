"""The state of transforms, and the one transaction in which BI users get what a transform built."""

import logging
import time

import psycopg
from psycopg import sql
from psycopg.types.json import Jsonb

from social_crm import bi_tables
from social_crm.bi_policies import protect, release_table
from social_crm.bi_views import create_views, drop_views
from social_crm.database import connect
from social_crm.enrichment.assessment import SCORER_VERSION
from social_crm.errors import PublicationPostponed, PublicationRefused, TransformInProgress, WarehouseFailed
from social_crm.modelling import project_version
from social_crm.pseudonyms import accept_key
from social_crm.settings import load_settings

LOCK_TIMEOUT = "3s"
LOCK_TRIES = 8
SECONDS_BETWEEN_TRIES = 5.0
log = logging.getLogger(__name__)


def begin_transform(run_id: str, *, full_refresh: bool = False) -> int | None:
    """Fix which loads, labels and decisions on identities the next transform brings into the star; None without any.

    The first transform with another version of the scorer is a full refresh whatever was asked for: without one, old
    and new scores would stand side by side in the star. So is the successor of a full refresh that was killed: half
    built, and without the memory of what conversations left, the models are no state to go on from. Another key of
    pseudonyms is taken by a full refresh that was asked for, and by no other.
    """
    with _transformer() as warehouse, warehouse.transaction():
        _lock_transforms(warehouse)
        accept_key(warehouse, may_change=full_refresh)
        # Transforms run one at a time, so one still 'running' here was killed; its loads are pending again.
        warehouse.execute(
            "update ops.transform_runs set status = 'failed', finished_at = clock_timestamp() where status = 'running'"
        )
        full_refresh = full_refresh or _is_rescored(warehouse) or _is_half_refreshed(warehouse)
        loads = [load_id for (load_id,) in warehouse.execute(_COMPLETED if full_refresh else _PENDING)]
        labels = [label_id for (label_id,) in warehouse.execute(_LABELS if full_refresh else _PENDING_LABELS)]
        decisions = [key for (key,) in warehouse.execute(_DECISIONS if full_refresh else _PENDING_DECISIONS)]
        if not (loads or labels or decisions):
            return None
        run = warehouse.execute(
            _INSERT_RUN,
            {
                "run_id": run_id,
                "full_refresh": full_refresh,
                "loads": loads,
                "scorer_version": SCORER_VERSION,
                "project_version": project_version(),
            },
        ).fetchone()
        if run is None:
            raise AssertionError("insert returning gave no row")
        warehouse.execute(
            "insert into ops.transform_loads (transform_id, load_id) select %s, unnest(%s::bigint[])", [run[0], loads]
        )
        warehouse.execute(
            "insert into ops.transform_labels (transform_id, label_id) select %s, unnest(%s::bigint[])",
            [run[0], labels],
        )
        warehouse.execute(
            "insert into ops.transform_decisions (transform_id, decision_id) select %s, unnest(%s::bigint[])",
            [run[0], decisions],
        )
        return int(run[0])


def is_full_refresh(transform_id: int) -> bool:
    """Return whether a transform was begun as one that rebuilds everything from raw."""
    with _transformer() as warehouse:
        run = warehouse.execute(_IS_FULL_REFRESH, [transform_id]).fetchone()
    return bool(run and run[0])


def is_project_built(transform_id: int) -> bool:
    """Return whether each transform since the published one began with the files of this one: what they make stands."""
    with _transformer() as warehouse:
        run = warehouse.execute(_IS_PROJECT_BUILT, {"transform_id": transform_id}).fetchone()
    return bool(run and run[0])


def publish(transform_id: int) -> None:
    """Bring what the transform changed in `marts` into `bi`, all of it or nothing; a second call changes nothing."""
    for attempt in range(1, LOCK_TRIES + 1):
        with _transformer() as warehouse:
            try:
                with warehouse.transaction():
                    _publish(warehouse, transform_id)
                return
            except (psycopg.errors.LockNotAvailable, psycopg.errors.DeadlockDetected):
                readers = _readers(warehouse)
            except psycopg.Error as error:
                # Postgres' own text may quote a row.
                place = f"SQLSTATE {error.sqlstate}, table {error.diag.table_name}, {error.diag.constraint_name}"
                raise WarehouseFailed(
                    f"transform {transform_id}: publication failed with {type(error).__name__} ({place});"
                    " bi keeps its previous version. Re-run the publish task once the cause is gone."
                ) from None
        if attempt < LOCK_TRIES:
            log.warning("transform %s: bi is being read by %s; trying again", transform_id, readers)
            time.sleep(SECONDS_BETWEEN_TRIES)
    raise PublicationPostponed(
        f"transform {transform_id}: bi is being read by {readers}; publication postponed after {LOCK_TRIES} tries."
        " bi keeps its previous version. End these sessions or wait for them, then re-run the publish task."
    )


def _is_rescored(warehouse: psycopg.Connection) -> bool:
    """Return whether what is published was scored by another version of the scorer than the one in use."""
    run = warehouse.execute(_PUBLISHED_SCORER).fetchone()
    return run is not None and run[0] != SCORER_VERSION


def _is_half_refreshed(warehouse: psycopg.Connection) -> bool:
    """Return whether a full refresh was begun that never got published."""
    run = warehouse.execute(_HALF_REFRESHED).fetchone()
    return run is not None and bool(run[0])


def _transformer() -> psycopg.Connection:
    return connect(load_settings().warehouse_transformer_url, lock_timeout=LOCK_TIMEOUT, jit="off")


def _lock_transforms(warehouse: psycopg.Connection) -> None:
    # Not an advisory lock: anyone who may connect can take one of those, and so stop transforms.
    try:
        warehouse.execute("lock table ops.transform_runs in share row exclusive mode")
    except psycopg.errors.LockNotAvailable:
        raise TransformInProgress(
            "another process is beginning or publishing a transform; nothing was changed. Re-run."
        ) from None


def _publish(warehouse: psycopg.Connection, transform_id: int) -> None:
    _lock_transforms(warehouse)
    run = warehouse.execute(_RUN, [transform_id]).fetchone()
    status, is_full = run or ("unknown", False)
    if status == "published":
        return
    if status != "running":
        raise PublicationRefused(
            f"transform {transform_id} is {status}, so it cannot be published: it failed, or a later run took"
            " its loads. Start a new transform run."
        )
    table_counts = _replace_tables(warehouse, is_full=is_full)
    warehouse.execute(
        _INSERT_PUBLICATION,
        {
            "transform_id": transform_id,
            "interactions": table_counts.get("fct_interactions", 0),
            "conversations": table_counts.get("fct_conversations", 0),
            "table_counts": Jsonb(table_counts),
        },
    )
    warehouse.execute(
        "update ops.transform_runs set status = 'published', finished_at = clock_timestamp() where transform_id = %s",
        [transform_id],
    )


def _replace_tables(warehouse: psycopg.Connection, is_full: bool) -> dict[str, int]:
    """Return how many rows each published table has now."""
    marts = bi_tables.mart_tables(warehouse)
    if not marts:
        raise PublicationRefused("schema marts holds no table to publish: the models were not built. Run the build.")
    built = {table: bi_tables.columns_of(warehouse, "marts", table) for table in marts}
    shown = {table: bi_tables.columns_of(warehouse, "bi", table) for table in bi_tables.published_tables(warehouse)}
    drop_views(warehouse, only_outdated=all(built.get(table) == columns for table, columns in shown.items()))
    for table in shown.keys() - built.keys():
        warehouse.execute(sql.SQL("drop table {}").format(sql.Identifier("bi", table)))
    # Counted anew where all of a table is compared; from one day to the next by what came and went.
    before = {} if is_full else bi_tables.published_counts(warehouse)
    counts = {}
    for table, columns in built.items():
        if columns != shown.get(table):
            release_table(warehouse, table)
            counts[table] = bi_tables.rebuild_table(warehouse, table, columns)
        else:
            more = bi_tables.update_table(warehouse, table, columns, only_touched=not is_full)
            counts[table] = before[table] + more if table in before else bi_tables.count_rows(warehouse, table)
    create_views(warehouse)
    protect(warehouse)
    return counts


def _readers(warehouse: psycopg.Connection) -> str:
    """Name the sessions that hold locks on tables of `bi`, for the person who must decide about them."""
    rows = warehouse.execute(_READERS).fetchall()
    return ", ".join(f"{user} (pid {pid})" for user, pid in rows) or "an unknown session"


_PENDING = """
select completed.load_id
from raw.completed_loads as completed
where not exists (select 1 from ops.published_loads where published_loads.load_id = completed.load_id)
"""
_PUBLISHED_SCORER = """
select scorer_version from ops.transform_runs where status = 'published' order by transform_id desc limit 1
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
# Before the first publication there is nothing that a label could restate; the transform after it takes them.
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
# Published loads stay visible, so as_of never goes back when a late window is all that is pending.
_INSERT_RUN = """
insert into ops.transform_runs (run_id, as_of, is_full_refresh, status, scorer_version, project_version)
select
    %(run_id)s,
    greatest(
        max(ledger.window_end),
        (select max(earlier.as_of) from ops.transform_runs as earlier where earlier.status = 'published')
    ),
    %(full_refresh)s,
    'running',
    %(scorer_version)s,
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
_RUN = "select status, is_full_refresh from ops.transform_runs where transform_id = %s for update"
_INSERT_PUBLICATION = """
insert into bi.publications (
    transform_id, as_of, run_id, is_full_refresh, load_count, interaction_count, conversation_count, table_counts
)
select
    transform_id,
    as_of,
    run_id,
    is_full_refresh,
    (select count(*) from ops.transform_loads where transform_id = %(transform_id)s),
    %(interactions)s,
    %(conversations)s,
    %(table_counts)s
from ops.transform_runs
where transform_id = %(transform_id)s
"""
_READERS = """
select distinct sessions.usename, sessions.pid
from pg_locks as locks
inner join pg_class as tables on locks.relation = tables.oid
inner join pg_stat_activity as sessions on locks.pid = sessions.pid
where tables.relnamespace = 'bi'::regnamespace and locks.granted and locks.pid <> pg_backend_pid()
order by 2
"""
