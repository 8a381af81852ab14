"""Brings the CHECK constraints of tables that were there before up to what the warehouse's scripts say."""

import re
from typing import Final

import psycopg
from psycopg import sql
from psycopg.errors import CheckViolation

from social_crm.errors import WarehouseFailed

_TABLE: Final = re.compile(r"^create table if not exists (\w+)\.(\w+) \(\n(.*?)^\);", re.MULTILINE | re.DOTALL)
_REFERENCE: Final = re.compile(r" references [\w.]+ \(\w+\)")
# As Postgres itself writes them, so that no spelling is a change. What no script names is dropped: an old rule would
# refuse what a new one allows.
_DIFFERENCES: Final = """
with rules as (
    select conrelid, conname, pg_get_constraintdef(oid) as rule from pg_constraint where contype = 'c'
)

select rules.conname, rules.rule
from rules
where conrelid = %(table)s::regclass and rule not in (select rule from rules where conrelid = 'pg_temp.said'::regclass)
union all
select null, rules.rule
from rules
where conrelid = 'pg_temp.said'::regclass and rule not in (select rule from rules where conrelid = %(table)s::regclass)
order by 1 nulls last, 2
"""


def renew_checks(admin: psycopg.Connection, scripts: str) -> None:
    """Drop and add what differs; raises WarehouseFailed for rows of before that a new rule refuses."""
    for schema, name, body in _TABLE.findall(scripts):
        table = sql.Identifier(schema, name)
        with admin.transaction(force_rollback=True):
            admin.execute(f"create temp table said ({_REFERENCE.sub('', body)})".encode())
            differing = admin.execute(_DIFFERENCES, {"table": table.as_string()}).fetchall()
        for former, rule in differing:
            if former is not None:
                admin.execute(sql.SQL("alter table {} drop constraint {}").format(table, sql.Identifier(former)))
            else:
                _add(admin, table, rule)


def _add(admin: psycopg.Connection, table: sql.Identifier, rule: str) -> None:
    try:
        admin.execute(sql.SQL("alter table {} add {}").format(table, sql.SQL(rule)))
    except CheckViolation:
        named = table.as_string()
        finding = f"select * from {named} where not {rule.removeprefix('CHECK ')}"  # noqa: S608 -- to be read
        raise WarehouseFailed(
            f"{named} has rows from before that its rule of now refuses: {rule}. Nothing was changed. Correct or delete"
            f" what this finds, then prepare again: {finding}"
        ) from None
