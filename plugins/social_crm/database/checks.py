"""Updates the constraints of existing tables (CHECK, NOT NULL and UNIQUE) to what the scripts say.

Not their primary keys: none has changed so far.
"""

import re
from typing import Final

import psycopg
from psycopg import sql
from psycopg.errors import IntegrityError

from social_crm.errors import WarehouseFailed

_TABLE: Final = re.compile(r"^create table if not exists (\w+)\.(\w+) \(\n(.*?)^\);", re.MULTILINE | re.DOTALL)
_REFERENCE: Final = re.compile(r" references [\w.]+ \(\w+\)")
# Written as Postgres itself writes them, so that spelling makes no difference. Constraints that no script names are
# dropped: an old rule would refuse what a new one allows. A column that a script adds to its table comes with its own
# NOT NULL, which is not a constraint before Postgres 18.
_DIFFERENCES: Final = """
with rules as (
    select
        conrelid as of_table,
        pg_get_constraintdef(oid) as rule,
        format('drop constraint %%I', conname) as dropping,
        'add ' || pg_get_constraintdef(oid) as adding
    from pg_constraint
    where contype in ('c', 'u')
    union all
    select
        attrelid,
        format('NOT NULL %%I', attname),
        format('alter column %%I drop not null', attname),
        format('alter column %%I set not null', attname)
    from pg_attribute
    where
        attnotnull
        and attnum > 0
        and not attisdropped
        and attname in (select attname from pg_attribute where attrelid = 'pg_temp.said'::regclass)
)

select false as is_added, rules.dropping, rules.rule
from rules
where of_table = %(table)s::regclass and rule not in (select rule from rules where of_table = 'pg_temp.said'::regclass)
union all
select true, rules.adding, rules.rule
from rules
where of_table = 'pg_temp.said'::regclass and rule not in (select rule from rules where of_table = %(table)s::regclass)
order by 1, 3
"""


def renew_checks(admin: psycopg.Connection, scripts: str) -> None:
    """Drop and add what differs; raises WarehouseFailed if a new rule refuses existing rows."""
    for schema, name, body in _TABLE.findall(scripts):
        table = sql.Identifier(schema, name)
        with admin.transaction(force_rollback=True):
            admin.execute(f"create temp table said ({_REFERENCE.sub('', body)})".encode())
            differing = admin.execute(_DIFFERENCES, {"table": table.as_string()}).fetchall()
        for _, change, rule in differing:
            _alter(admin, table, change, rule)


def _alter(admin: psycopg.Connection, table: sql.Identifier, change: str, rule: str) -> None:
    try:
        admin.execute(sql.SQL("alter table {} {}").format(table, sql.SQL(change)))
    except IntegrityError:
        named = table.as_string()
        raise WarehouseFailed(
            f"{named} has older rows that its present rule refuses: {rule}. Nothing was changed. Correct or delete"
            f" what this finds, then prepare again: {_finding(named, rule)}"
        ) from None


def _finding(table: str, rule: str) -> str:
    """Return the query for the rows that a rule refuses."""
    if rule.startswith("UNIQUE"):
        columns = rule[rule.index("(") + 1 : -1]
        return f"select {columns}, count(*) from {table} group by {columns} having count(*) > 1"  # noqa: S608 -- to be read
    if rule.startswith("NOT NULL"):
        return f"select * from {table} where {rule.removeprefix('NOT NULL ')} is null"  # noqa: S608 -- to be read
    return f"select * from {table} where not {rule.removeprefix('CHECK ')}"  # noqa: S608 -- to be read
