"""Which rows of a published table a BI user sees: those of the markets that their roles may see."""

import psycopg
from psycopg import sql

from social_crm.publishing.tables import columns_of, tables_of

# Evaluated once per query, not per row, because these sub-selects do not refer to the row.
_BY_MARKET = "(select bi.sees_every_market()) or market_code = any ((select bi.entitled_markets())::text[])"
# Rows about a customer follow the customer, whose market may change long after they were written.
_BY_CUSTOMER = """customer_id is null or (select bi.sees_every_market()) or exists (
    select 1 from bi.dim_customer as customers
    where customers.customer_id = {table}.customer_id and customers.is_current
)"""
CUSTOMERS = "dim_customer"
FOLLOW_CUSTOMER = ("bridge_customer_identities", "dim_author", "fct_customer_months")
# Their rows belong to no market.
OPEN = {"dim_sla_policy": "an empty market_code is a promise to every market, and promises are no secret"}
# They read the ledger and the gate, which BI users may not read, and contain no market's rows.
OWNER_VIEWS = ("rpt_gate_results", "rpt_load_gaps", "rpt_quarantine", "rpt_source_freshness")
_NAME = "rows_of_entitled_markets"


def protect(warehouse: psycopg.Connection) -> None:
    """Let BI users see only their markets' rows of published tables; lock nothing if this is already so."""
    for table in tables_of(warehouse, "bi"):
        condition = condition_of(table, [name for name, _ in columns_of(warehouse, "bi", table)])
        held = warehouse.execute(_HELD, [f"bi.{table}", _NAME]).fetchone()
        if condition and (held is None or held[0] != condition):
            _protect(warehouse, table, condition)
    for (view,) in warehouse.execute(_VIEWS_OF_OWNERS, [list(OWNER_VIEWS)]).fetchall():
        warehouse.execute(sql.SQL("alter view {} set (security_invoker = true)").format(sql.Identifier("bi", view)))


def release_table(warehouse: psycopg.Connection, table: str) -> None:
    """Remove the policies that read a table about to be replaced; until there are new ones, nobody reads a row."""
    for follower in FOLLOW_CUSTOMER if table == CUSTOMERS else ():
        if columns_of(warehouse, "bi", follower):
            parts = {"name": sql.Identifier(_NAME), "table": sql.Identifier("bi", follower)}
            warehouse.execute(sql.SQL(_RELEASE).format(**parts))


def _protect(warehouse: psycopg.Connection, table: str, condition: str) -> None:
    parts = {"name": sql.Identifier(_NAME), "table": sql.Identifier("bi", table), "text": sql.Literal(condition)}
    for statement in _PROTECT:
        warehouse.execute(sql.SQL(statement).format(**parts, condition=sql.SQL(condition)))


def condition_of(table: str, columns: list[str]) -> str | None:
    """Return the condition for a row to be visible; None for a table that everybody sees in full."""
    if table in FOLLOW_CUSTOMER:
        return _BY_CUSTOMER.format(table=table)
    if table in OPEN or "market_code" not in columns:
        return None
    # Members that represent nobody: without them, an inner join would lose rows that the user may see.
    return _BY_MARKET + (" or customer_key in ('unknown', 'not_applicable')" if table == CUSTOMERS else "")


# The policy's comment keeps the condition as we wrote it, because Postgres rewrites conditions in its own form.
_HELD = """
select obj_description(pg_policy.oid, 'pg_policy')
from pg_policy
inner join pg_class on pg_policy.polrelid = pg_class.oid
where pg_class.oid = to_regclass(%s) and pg_policy.polname = %s and pg_class.relrowsecurity
"""
# Published by an earlier version: policies would apply to the view's owner, who sees everything.
_VIEWS_OF_OWNERS = """
select relname from pg_class
where
    relnamespace = to_regnamespace('bi') and relkind = 'v' and relname <> all(%s)
    and not coalesce(reloptions @> '{security_invoker=true}', false)
"""
_RELEASE = "drop policy if exists {name} on {table}"
_PROTECT = (
    "alter table {table} enable row level security",
    _RELEASE,
    "create policy {name} on {table} for select to bi_viewer using ({condition})",
    "comment on policy {name} on {table} is {text}",
)
