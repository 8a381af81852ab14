"""The only place that creates the schemas, roles and raw tables of the warehouse, and updates older ones."""

from importlib.resources import files
from urllib.parse import unquote, urlsplit

import psycopg
from psycopg import sql

from social_crm.database import connect
from social_crm.database.checks import renew_checks
from social_crm.database.lock_waits import commit_once_free
from social_crm.errors import WarehouseFailed
from social_crm.publishing.entitlements import (
    GROUP,
    LOOKERS,
    ensure_group,
    ensure_login,
    ensure_roles,
    read_entitlements,
    store_entitlements,
)
from social_crm.publishing.policies import protect
from social_crm.settings import Settings, required
from social_crm.sources.model import Resource, Source

# In this order. Each script can be repeated: existing objects stay or are updated.
SCRIPTS = (
    *("raw.sql", "ops.sql", "enriched.sql", "pseudonyms.sql", "texts.sql", "bi.sql"),
    *("retention.sql", "erasure.sql", "customer_360.sql", "upgrade.sql"),
)
# Tables of another role may have triggers, checks and generated columns, which run with their caller's rights: so the
# administrator's session never changes their rows. Nor does it look up names in a schema in which others can create
# objects.
SCRIPT_OF_TRANSFORMER = "upgrade_bi.sql"
SAFE_PATH = "pg_catalog, pg_temp"
# Shorter than a server waits before it ends one of two sessions that wait for each other, so that running work goes on.
# A transform does not wait long either: its models cannot go on while we wait for a lock of its own process.
LOCK_TIMEOUT = "500ms"
LOCK_TRIES = 20
SECONDS_BETWEEN_TRIES = 2.0


def prepare(settings: Settings, sources: tuple[Source, ...]) -> None:
    """Create or update fixed schemas, roles and the raw tables of `sources`; safe to repeat, serialised by a lock.

    Raises WarehouseFailed, having changed nothing, where others do not let go of a table for most of a minute.
    """
    url = required("WAREHOUSE_ADMIN_URL", settings.warehouse_admin_url)
    entitlements, secret = read_entitlements(), required("WAREHOUSE_BI_SECRET", settings.bi_secret)
    users = commit_once_free(
        "preparing the warehouse",
        lambda admin: _prepare(admin, settings, sources, entitlements, secret),
        session=lambda: connect(url, search_path=SAFE_PATH),
        schemas="^(raw|ops|enriched|bi|staging)",
        tries=LOCK_TRIES,
        seconds=SECONDS_BETWEEN_TRIES,
        conflicts=(psycopg.errors.LockNotAvailable, psycopg.errors.DeadlockDetected),
    )
    if users:
        raise WarehouseFailed(
            f"the warehouse is in use by {users}, so nothing was changed. Pause `transform`, `maintain_warehouse` and"
            " the ingests, and let their runs end, or end these sessions; then prepare again"
        )
    with connect(settings.warehouse_transformer_url) as transformer, transformer.transaction():
        store_entitlements(transformer, entitlements)
        transformer.execute(_script(SCRIPT_OF_TRANSFORMER).encode())


def _prepare(
    admin: psycopg.Connection,
    settings: Settings,
    sources: tuple[Source, ...],
    entitlements: list[tuple[str, str]],
    secret: str,
) -> None:
    # Not LOCK: by the number that former versions use, because one may prepare while this one is rolled out.
    admin.execute("select pg_advisory_xact_lock(hashtext('social_crm.prepare'))")
    admin.execute(sql.SQL("set local lock_timeout = {}").format(LOCK_TIMEOUT))
    admin.execute(_NOTICE_FIRST)
    for role in (settings.warehouse_loader_url, settings.warehouse_transformer_url, settings.warehouse_reader_url):
        _ensure_role(admin, role)
    for group in (GROUP, LOOKERS, "vault_keeper"):
        ensure_group(admin, group)
    ensure_roles(admin, entitlements, secret)
    scripts = [_script(name) for name in SCRIPTS]
    for script in scripts:
        admin.execute(script.encode())
    renew_checks(admin, "\n".join(scripts))
    for source in sources:
        _ensure_raw_tables(admin, source)
    _ensure_utterances(admin, sources)
    _grant(admin, [f"raw_{source.name}" for source in sources])
    protect(admin)


def _script(name: str) -> str:
    return files("social_crm.database").joinpath(name).read_text()


def _ensure_role(admin: psycopg.Connection, url: str) -> None:
    parts = urlsplit(url)
    ensure_login(admin, unquote(parts.username or ""), unquote(parts.password or ""))


# A session that has waited for us almost as long as a server lets two wait for each other would be ended once we wait
# for it. Where we may, we check sooner, are the one that the server ends, and try again.
_NOTICE_FIRST = """
select set_config('deadlock_timeout', '10ms', true) where has_parameter_privilege('deadlock_timeout', 'set')
"""
# Software such as Superset that reads queries to decide who may run them does not see a query inside a text. Anyone can
# take a lock by number, so a read-only user could block every landing, check and publication. Anyone can write large
# objects and messages in the WAL, so a read-only user could fill the disk.
_NOT_FOR_READERS = """
do $$
declare
    callable regprocedure;
begin
    for callable in
        select oid from pg_proc
        where
            pronamespace = 'pg_catalog'::regnamespace and proacl is null
            and (proname ~ '^(table|query|cursor|schema|database)_to_xml' or proname in ('ts_stat', 'ts_rewrite')
                or proname in ('lo_creat', 'lo_create', 'lo_from_bytea', 'pg_logical_emit_message')
                or proname ~ '^pg_(try_)?advisory_(xact_)?lock')
    loop
        execute format('revoke execute on function %s from public', callable);
        if callable::text like '%advisory%' then
            execute format('grant execute on function %s to loader, transformer', callable);
        end if;
    end loop;
end $$
"""


def admit_roles(admin: psycopg.Connection) -> None:
    """Set who may enter the database, what its server logs of errors, and its time zone; a copy lacks only these."""
    database = sql.Identifier(admin.info.dbname)
    # Not the failed statement, which may say whom somebody looked for, and not its row.
    admin.execute(sql.SQL("alter database {} set log_min_error_statement = panic").format(database))
    admin.execute(sql.SQL("alter database {} set log_error_verbosity = terse").format(database))
    # A day begins at midnight in UTC, and the next one 24 hours later, wherever the server is.
    admin.execute(sql.SQL("alter database {} set timezone = 'UTC'").format(database))
    admin.execute(sql.SQL("revoke connect, temporary on database {} from public").format(database))
    admin.execute(sql.SQL("grant connect on database {} to loader, transformer, bi_viewer").format(database))
    admin.execute(sql.SQL("grant create, temporary on database {} to transformer").format(database))


def _ensure_raw_tables(admin: psycopg.Connection, source: Source) -> None:
    schema = sql.Identifier(f"raw_{source.name}")
    admin.execute(sql.SQL("create schema if not exists {}").format(schema))
    rechecked = {resource.recheck.of or resource.name for resource in source.resources if resource.recheck}
    for resource in source.resources:
        table = sql.SQL("{}.{}").format(schema, sql.Identifier(resource.name))
        admin.execute(
            sql.SQL(
                "create table if not exists {} ("
                " _record_key text not null, _event_at timestamptz, _version_at timestamptz,"
                " _extracted_at timestamptz not null, _load_id bigint not null, _record_hash uuid not null,"
                " _is_escaped boolean not null default false, payload jsonb not null)"
            ).format(table)
        )
        # If the transformer had created it first, its triggers would run with the rights of those who change it below.
        admin.execute("select raw.own_table(%s, %s)", [source.name, resource.name])
        _strip_omitted(admin, table, resource)
        indexed = {"key": "_record_key", "load": "_load_id"}
        if resource.name in rechecked:
            indexed["time"] = "_event_at"
        for suffix, column in indexed.items():
            index = sql.Identifier(f"{resource.name}_{suffix}")
            admin.execute(
                sql.SQL("create index if not exists {} on {} ({})").format(index, table, sql.Identifier(column))
            )


def _strip_omitted(admin: psycopg.Connection, table: sql.Composed, resource: Resource) -> None:
    """Remove what landed before a resource declared that it omits it; the table's comment says that this was done."""
    omits = resource.people.omits if resource.people else ""
    [(done,)] = admin.execute("select obj_description(%s::regclass, 'pg_class')", [table.as_string()])
    if not omits or done == f"Without {omits}.":
        return
    for path in omits.split():
        strip = sql.SQL("update {} set payload = payload #- %(at)s where payload #> %(at)s is not null").format(table)
        admin.execute(strip, {"at": path.split(".")})
    admin.execute(sql.SQL("comment on table {} is {}").format(table, f"Without {omits}."))


def _ensure_utterances(admin: psycopg.Connection, sources: tuple[Source, ...]) -> None:
    """Create two views of the raw tables with utterances and of their contents, so that no check lists sources."""
    tables = ["select null::text, null::text where false"]
    records = ["select null::text, null::text, null::text, null::bigint where false"]
    for source in sources:
        for resource in (resource for resource in source.resources if resource.is_utterance):
            named = sql.SQL("select {}, {}").format(source.name, resource.name).as_string()
            table = sql.Identifier(f"raw_{source.name}", resource.name).as_string()
            tables.append(named)
            records.append(f"{named}, _record_key, _load_id from {table}")
    for name, columns, arms in (
        ("utterance_tables", "source, resource", tables),
        ("utterances", "source, resource, _record_key, _load_id", records),
    ):
        admin.execute(f"create or replace view raw.{name} ({columns}) as {' union all '.join(arms)}".encode())


def _grant(admin: psycopg.Connection, raw_schemas: list[str]) -> None:
    """Give each role what it needs and no more; `bi` itself belongs to the transformer, who publishes it."""
    admin.execute(sql.SQL("revoke create on schema public from public"))
    admin.execute(_NOT_FOR_READERS)
    admit_roles(admin)
    admin.execute(
        "grant usage on schema bi to bi_viewer; grant select on all tables in schema bi to bi_viewer;"
        # Revoked for warehouses prepared when bi_reader had more rights than its group: publication grants, behind
        # policies.
        "revoke all on all tables in schema bi from bi_reader; revoke all on schema bi from bi_reader;"
        "alter default privileges for role transformer in schema bi revoke all on tables from bi_reader;"
        "grant usage on schema raw to loader, transformer;"
        "grant select on all tables in schema raw to transformer;"
        # Revoked first, for warehouses prepared when the loader had more rights.
        "revoke all on all tables in schema raw, ops from loader; revoke all on schema ops from loader;"
        "grant select, insert on all tables in schema raw to loader;"
        "grant update on raw.load_ledger, raw.landed_files to loader;"
        "grant update (status, error_kind, error_message) on raw.load_ledger to transformer;"
        "grant usage on schema ops, enriched to transformer;"
        # For warehouses prepared when it had more rights: the next script would take objects that it created for its
        # own.
        "revoke create on schema ops, enriched from transformer;"
        "grant select, insert, update, delete on all tables in schema ops, enriched to transformer;"
        # A person's decision is kept for ever: a later row may overrule it, but nothing may change it.
        "revoke update, delete on ops.human_labels, ops.identity_decisions from transformer;"
        # So is an erasure, or a restored copy would bring the person back.
        "revoke update, delete on ops.erasures, ops.erased_identifiers from transformer;"
        "grant update (swept_at) on ops.erasures to transformer;"
        # Only the administrator may read who looked at whom.
        "revoke all on ops.identity_looks, ops.look_salt from transformer"
    )
    for name in raw_schemas:
        schema = sql.Identifier(name)
        admin.execute(sql.SQL("grant usage on schema {} to loader, transformer").format(schema))
        admin.execute(sql.SQL("grant select, insert on all tables in schema {} to loader").format(schema))
        admin.execute(sql.SQL("grant select on all tables in schema {} to transformer").format(schema))
