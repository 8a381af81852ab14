"""Whether `bi` still holds what was published: somebody may have deleted rows, or brought an older table back.

By the number of rows of each table, which reads all of them: each night, not at each publication. What two wrongs make
even, or a changed value, is not seen.
"""

import psycopg
from psycopg import IsolationLevel

from social_crm.errors import PublicationDamaged
from social_crm.publishing import tables
from social_crm.transform.runs import transformer


def compare_with_publication() -> int:
    """Count the rows of each published table and return how many tables were counted; raises PublicationDamaged.

    The next publication compares each table that is named then with what is built, row by row, and restores it.
    """
    with transformer() as warehouse:
        warehouse.isolation_level = IsolationLevel.REPEATABLE_READ
        newest, seen, doubted = _newest(warehouse), None, list[str]()
        # A table that a publication replaces meanwhile looks empty to a transaction that began before, so it is counted
        # again.
        while newest != seen:
            seen = newest
            # One snapshot: it shows neither the tables nor the counts of a publication that comes meanwhile.
            with warehouse.transaction():
                expected, shown = tables.published_counts(warehouse), set(tables.tables_of(warehouse, "bi"))
                found = {table: tables.count_rows(warehouse, table) if table in shown else 0 for table in expected}
                is_older = is_older_than_published(warehouse)
            doubted = sorted(expected) if is_older else [table for table in expected if found[table] != expected[table]]
            newest = _newest(warehouse) if doubted else seen
        with warehouse.transaction():
            warehouse.execute(_DOUBT, [doubted])
    if doubted:
        told = [f"bi.{table} has {found[table]} rows, published were {expected[table]}" for table in doubted[:5]]
        told += [f"and {len(doubted) - 5} more tables"] if doubted[5:] else []
        told = ["bi.publications is older than ops.transform_runs"] if is_older else told
        raise PublicationDamaged(
            f"somebody changed what was published: {'; '.join(told)}. The next publication brings it back by itself; to"
            ' have it at once, trigger transform with {"full_refresh": true}.'
        )
    return len(expected)


def doubted_tables(warehouse: psycopg.Connection) -> set[str]:
    """Return the tables in which a comparison found damage since they were last published."""
    return {table for (table,) in warehouse.execute("select table_name from ops.doubted_tables")}


def is_older_than_published(warehouse: psycopg.Connection) -> bool:
    """Return whether `bi` shows an older publication than the newest one, for example because a copy was restored."""
    [(is_older,)] = warehouse.execute(_IS_OLDER)
    return bool(is_older)


def _newest(warehouse: psycopg.Connection) -> int:
    [(publication_id,)] = warehouse.execute("select coalesce(max(publication_id), 0) from bi.publications")
    return int(publication_id)


_DOUBT = "insert into ops.doubted_tables (table_name) select unnest(%s::text[]) on conflict do nothing"
_IS_OLDER = """
select
    (select max(transform_id) from bi.publications)
    is distinct from (select max(transform_id) from ops.transform_runs where status = 'published')
"""
