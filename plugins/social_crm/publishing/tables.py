"""How one table of `marts` becomes the table of the same name in `bi`."""

from typing import NamedTuple

import psycopg
from psycopg import sql


class Scope(NamedTuple):
    """The columns by which a fact is replaced, and the model of schema intermediate with their changed values."""

    columns: tuple[str, ...]
    changed: str


PUBLISHED_PREFIXES = ("fct_", "dim_", "bridge_", "rpt_")
CONVERSATION = "source_conversation_id"
TOUCHED = Scope((CONVERSATION,), "int_conversations_touched")
# Tables that are replaced by something other than the touched conversations, like their models' `changed_keys`.
SCOPES = {
    "fct_contact_answers": Scope(("contact_owner_key",), "int_contact_owners_touched"),
    "fct_contacts": Scope(("contact_owner_key",), "int_contact_owners_touched"),
    "fct_customer_months": Scope(("customer_id",), "int_contact_owners_touched"),
    "fct_issue_days": Scope(("market_code", "local_date_key"), "int_market_days_touched"),
    "fct_page_days": Scope(("site_day_key",), "int_site_days_touched"),
    "bridge_customer_identities": Scope(("author_key",), "int_authors_pending"),
    "dim_author": Scope(("author_key",), "int_authors_concerned"),
    "dim_customer": Scope(("customer_id",), "int_customers_changed"),
    "fct_conversation_days": Scope((CONVERSATION,), "int_backlog_touched"),
    "fct_episodes": Scope((CONVERSATION,), "int_episodes_touched"),
    "rpt_interaction_days": Scope(("market_code", "local_date_key"), "int_market_days_touched"),
    "rpt_sla_attainment": Scope(("month_start_date",), "int_sla_months_touched"),
}
# Columns that dashboards filter and join by. Each index slows every publication, so a fact only gets those it has.
FACT_INDEXES = (
    (CONVERSATION,),
    ("conversation_id",),
    ("date_key",),
    ("market_code", "channel_code"),
    ("customer_key",),
    ("customer_id",),
    ("published_at",),
)
# Columns by which published views and the SQL of docs/metrics.md look rows up.
DIMENSION_INDEXES: dict[str, tuple[tuple[str, ...], ...]] = {"dim_business_window": (("calendar_code", "starts_at"),)}
Columns = list[tuple[str, str]]


def tables_of(warehouse: psycopg.Connection, schema: str) -> list[str]:
    """Return the names of a schema's tables for BI users: as built in `marts`, as published in `bi`."""
    rows = warehouse.execute(
        "select relname from pg_class where relnamespace = to_regnamespace(%s) and relkind = 'r' order by relname",
        [schema],
    )
    return [name for (name,) in rows if name.startswith(PUBLISHED_PREFIXES)]


def published_counts(warehouse: psycopg.Connection) -> dict[str, int]:
    """Return how many rows each table has, according to the last publication."""
    rows = warehouse.execute("select table_counts from bi.publications order by transform_id desc limit 1").fetchall()
    return dict(rows[0][0]) if rows else {}


def count_rows(warehouse: psycopg.Connection, table: str) -> int:
    """Count the rows of a published table, by reading all of it."""
    [(count,)] = warehouse.execute(sql.SQL("select count(*) from {}").format(sql.Identifier("bi", table))).fetchall()
    return int(count)


def columns_of(warehouse: psycopg.Connection, schema: str, table: str) -> Columns:
    """Return names and types of the columns in order; empty if there is no such table."""
    return warehouse.execute(
        "select attname, format_type(atttypid, atttypmod) from pg_attribute"
        " where attrelid = to_regclass(%s) and attnum > 0 and not attisdropped order by attnum",
        [f"{schema}.{table}"],
    ).fetchall()


def update_table(warehouse: psycopg.Connection, table: str, columns: Columns, *, only_touched: bool) -> int:
    """Replace the rows that differ: in a fact, if asked, of what the transform touched, else of the whole table.

    Rows are deleted and inserted, never swapped in as a new table, which older snapshots of readers would see empty.
    Return how many rows more the table has than before.
    """
    names = [name for name, _ in columns]
    scope = scope_of(table, names) if only_touched else None
    parts = {
        "built": sql.Identifier("marts", table),
        "shown": sql.Identifier("bi", table),
        "key": sql.Identifier(names[0]),
        "columns": sql.SQL(", ").join(sql.Identifier(name) for name in names),
        "shown_scope": _condition("shown", scope),
        "built_scope": _condition("built", scope),
    }
    deleted = warehouse.execute(_DELETE_DIFFERENT.format(**parts)).rowcount
    inserted = warehouse.execute(_INSERT_MISSING.format(**parts)).rowcount
    add_indexes(warehouse, table, columns)
    copy_comments(warehouse, table, columns)
    return inserted - deleted


def scope_of(table: str, names: list[str]) -> Scope | None:
    """Return which part of a table a transform may have changed; None if unknown, so that all of it is compared."""
    return SCOPES.get(table) or (TOUCHED if CONVERSATION in names else None)


def rebuild_table(warehouse: psycopg.Connection, table: str, columns: Columns) -> int:
    """Replace the table by a copy of the built one: for the first time, or because its columns changed.

    Return how many rows it has.
    """
    built, shown = sql.Identifier("marts", table), sql.Identifier("bi", table)
    following = sql.Identifier("bi", f"{table}__next")
    warehouse.execute(sql.SQL("create table {} (like {})").format(following, built))
    row_count = warehouse.execute(sql.SQL("insert into {} select * from {}").format(following, built)).rowcount
    warehouse.execute(sql.SQL("drop table if exists {}").format(shown))
    warehouse.execute(sql.SQL("alter table {} rename to {}").format(following, sql.Identifier(table)))
    if not table.startswith("bridge_"):
        warehouse.execute(sql.SQL("alter table {} add primary key ({})").format(shown, sql.Identifier(columns[0][0])))
    add_indexes(warehouse, table, columns)
    copy_comments(warehouse, table, columns)
    warehouse.execute(sql.SQL("grant select on {} to bi_viewer").format(shown))
    warehouse.execute(sql.SQL("analyze {}").format(shown))
    return row_count


def add_indexes(warehouse: psycopg.Connection, table: str, columns: Columns) -> None:
    """Create the wanted indexes that a published table lacks, for example because a former version published it."""
    there = {tuple(indexed) for (indexed,) in warehouse.execute(_INDEXED, [f"bi.{table}"]).fetchall()}
    for wanted in _wanted_indexes(table, [name for name, _ in columns]):
        if wanted not in there:
            names = sql.SQL(", ").join(sql.Identifier(name) for name in wanted)
            warehouse.execute(sql.SQL("create index on {} ({})").format(sql.Identifier("bi", table), names))


def copy_comments(warehouse: psycopg.Connection, table: str, columns: Columns) -> None:
    """Copy the descriptions of the table and its columns where they differ."""
    places = {"built": f"marts.{table}", "shown": f"bi.{table}", "last": len(columns)}
    for position, comment in warehouse.execute(_CHANGED_COMMENTS, places).fetchall():
        target = [sql.SQL("column"), sql.Identifier("bi", table, columns[position - 1][0])]
        if position == 0:
            target = [sql.SQL("table"), sql.Identifier("bi", table)]
        warehouse.execute(sql.SQL("comment on {} {} is {}").format(*target, sql.Literal(comment)))


def _condition(row: str, scope: Scope | None) -> sql.Composable:
    if scope is None:
        return sql.SQL("")
    return sql.SQL("and ({columns}) in (select {names} from {changed})").format(
        columns=sql.SQL(", ").join(sql.Identifier(row, column) for column in scope.columns),
        names=sql.SQL(", ").join(sql.Identifier(column) for column in scope.columns),
        changed=sql.Identifier("intermediate", scope.changed),
    )


def _wanted_indexes(table: str, names: list[str]) -> list[tuple[str, ...]]:
    """Return the columns of each index that a published table should have beside its primary key."""
    wanted = [*(FACT_INDEXES if table.startswith("fct_") else DIMENSION_INDEXES.get(table, ()))]
    # Rows that a transform touched are looked up by index, however long the table becomes.
    if scope := scope_of(table, names):
        wanted.append(scope.columns)
    # A bridge has several rows per value of its first column.
    if table.startswith("bridge_"):
        wanted.append((names[0],))
    return [columns for columns in dict.fromkeys(wanted) if set(columns) <= set(names)]


# `*=` compares rows byte for byte, NULLs included, whatever their types; the key makes it a hash join.
_DELETE_DIFFERENT = sql.SQL("""
delete from {shown} as shown
where not exists (
    select 1 from {built} as built where built.{key} = shown.{key} and built *= shown
) {shown_scope}
""")
_INSERT_MISSING = sql.SQL("""
insert into {shown} ({columns})
select {columns}
from {built} as built
where not exists (
    select 1 from {shown} as shown where shown.{key} = built.{key} and shown *= built
) {built_scope}
""")
# Position 0 is the table.
_CHANGED_COMMENTS = """
select position, col_description(to_regclass(%(built)s), position)
from generate_series(0, %(last)s) as position
where
    col_description(to_regclass(%(built)s), position)
    is distinct from col_description(to_regclass(%(shown)s), position)
"""
_INDEXED = """
select array_agg(columns.attname::text order by keys.position)
from pg_index
cross join unnest(pg_index.indkey) with ordinality as keys (attnum, position)
inner join pg_attribute as columns on columns.attrelid = pg_index.indrelid and columns.attnum = keys.attnum
where
    pg_index.indrelid = to_regclass(%s)
    and pg_index.indisvalid
    and pg_index.indpred is null
    and pg_index.indexprs is null
group by pg_index.indexrelid
"""
