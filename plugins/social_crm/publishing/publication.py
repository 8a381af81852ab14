"""The single transaction that publishes to BI users what a transform built."""

import logging

import psycopg
from psycopg import sql
from psycopg.types.json import Jsonb

from social_crm.database import cause_of
from social_crm.database.lock_waits import commit_once_free
from social_crm.errors import PublicationPostponed, PublicationRefused, WarehouseFailed
from social_crm.publishing import tables
from social_crm.publishing.comparison import doubted_tables, is_older_than_published
from social_crm.publishing.policies import protect, release_table
from social_crm.publishing.views import create_views, drop_views
from social_crm.transform.runs import lock, transformer

LOCK_TRIES = 8
SECONDS_BETWEEN_TRIES = 5.0
log = logging.getLogger(__name__)


def publish(transform_id: int) -> None:
    """Bring what the transform changed in `marts` into `bi`, all of it or nothing; a second call changes nothing."""
    try:
        readers = commit_once_free(
            f"publishing transform {transform_id}",
            lambda warehouse: _publish(warehouse, transform_id),
            session=transformer,
            schemas="^bi$",
            tries=LOCK_TRIES,
            seconds=SECONDS_BETWEEN_TRIES,
            conflicts=(psycopg.errors.LockNotAvailable, psycopg.errors.DeadlockDetected),
        )
    except psycopg.Error as error:
        raise WarehouseFailed(
            f"transform {transform_id} was not published, bi keeps its previous version: {cause_of(error)}."
            " Re-run the publish task once the cause is gone."
        ) from None
    if readers:
        raise PublicationPostponed(
            f"transform {transform_id}: bi is being read by {readers}; publication postponed after {LOCK_TRIES} tries."
            " bi keeps its previous version. End these sessions or wait for them, then re-run the publish task."
        )


def _publish(warehouse: psycopg.Connection, transform_id: int) -> None:
    lock(warehouse)
    run = warehouse.execute(_RUN, [transform_id]).fetchone()
    status, is_full = run or ("unknown", False)
    if status == "published":
        return
    if status != "running":
        raise PublicationRefused(
            f"transform {transform_id} is {status}, so it cannot be published: it failed, or a later run took"
            " its loads. Start a new transform run."
        )
    if is_older_than_published(warehouse):
        log.warning("transform %s: bi shows an older publication than the newest; all of it is compared", transform_id)
        is_full = True
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
    """Return how many rows each published table now has."""
    marts = tables.tables_of(warehouse, "marts")
    if not marts:
        raise PublicationRefused("schema marts holds no table to publish: the models were not built. Run the build.")
    built = {table: tables.columns_of(warehouse, "marts", table) for table in marts}
    shown = {table: tables.columns_of(warehouse, "bi", table) for table in tables.tables_of(warehouse, "bi")}
    drop_views(warehouse, only_outdated=all(built.get(table) == columns for table, columns in shown.items()))
    for table in shown.keys() - built.keys():
        warehouse.execute(sql.SQL("drop table {}").format(sql.Identifier("bi", table)))
    # Recounted if the whole table is compared; otherwise adjusted by the rows that were added and removed.
    before = {} if is_full else tables.published_counts(warehouse)
    doubted = doubted_tables(warehouse)
    counts = {}
    for table, columns in built.items():
        if columns != shown.get(table):
            release_table(warehouse, table)
            counts[table] = tables.rebuild_table(warehouse, table, columns)
        else:
            is_whole = is_full or table in doubted
            more = tables.update_table(warehouse, table, columns, only_touched=not is_whole)
            is_known = table in before and not is_whole
            counts[table] = before[table] + more if is_known else tables.count_rows(warehouse, table)
    create_views(warehouse)
    protect(warehouse)
    # Except those that a comparison has named since.
    warehouse.execute("delete from ops.doubted_tables where table_name = any(%s)", [sorted(doubted)])
    return counts


_RUN = "select status, is_full_refresh from ops.transform_runs where transform_id = %s for update"
_INSERT_PUBLICATION = """
insert into bi.publications (
    transform_id, as_of, run_id, is_full_refresh, refresh_reason, load_count, interaction_count, conversation_count,
    table_counts
)
select
    transform_id,
    as_of,
    run_id,
    is_full_refresh,
    refresh_reason,
    (select count(*) from ops.transform_loads where transform_id = %(transform_id)s),
    %(interactions)s,
    %(conversations)s,
    %(table_counts)s
from ops.transform_runs
where transform_id = %(transform_id)s
"""
