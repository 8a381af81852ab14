"""How a view of `marts` becomes the view of the same name in `bi`: the same query over the published tables."""

import psycopg
from psycopg import sql

from social_crm.publishing.policies import OWNER_VIEWS
from social_crm.publishing.tables import PUBLISHED_PREFIXES, columns_of, copy_comments


def drop_views(warehouse: psycopg.Connection, *, only_outdated: bool) -> None:
    """Drop published views, which depend on the tables they read; if asked, only outdated ones and their readers."""
    built = _definitions(warehouse, "marts")
    for view, definition in _definitions(warehouse, "bi").items():
        if not (only_outdated and built.get(view) == definition):
            warehouse.execute(sql.SQL("drop view if exists {} cascade").format(sql.Identifier("bi", view)))


def create_views(warehouse: psycopg.Connection) -> None:
    """Create the views that are built but not published yet."""
    shown = _definitions(warehouse, "bi")
    for view, definition in _definitions(warehouse, "marts").items():
        name = sql.Identifier("bi", view)
        if view not in shown:
            # With the reader's rights, so that row policies apply; a view of tables without rows for anybody has its
            # owner's rights.
            create = sql.SQL("create view {} with (security_invoker = {}) as {}")
            warehouse.execute(create.format(name, sql.Literal(view not in OWNER_VIEWS), sql.SQL(definition)))
            warehouse.execute(sql.SQL("grant select on {} to bi_viewer").format(name))
        copy_comments(warehouse, view, columns_of(warehouse, "marts", view))


def _definitions(warehouse: psycopg.Connection, schema: str) -> dict[str, str]:
    """Return the queries of a schema's views, in the form that they have once published."""
    rows = warehouse.execute(_DEFINITIONS, [schema]).fetchall()
    return {view: definition for view, definition in rows if view.startswith(PUBLISHED_PREFIXES)}


# Postgres writes out the schema of every table that a view reads. A view that reads another was created after it.
_DEFINITIONS = r"""
select relname, regexp_replace(pg_get_viewdef(oid), '\mmarts\.', 'bi.', 'g')
from pg_class
where relnamespace = to_regnamespace(%s) and relkind = 'v'
order by oid
"""
