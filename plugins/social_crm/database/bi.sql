-- What `bi` holds beside the published star: its versions, who sees which rows, and what was sent out.

create schema if not exists bi authorization transformer;

create table if not exists bi.publications (
    publication_id bigint generated always as identity primary key,
    transform_id bigint not null unique,
    as_of timestamptz not null,
    published_at timestamptz not null default clock_timestamp(),
    run_id text not null,
    is_full_refresh boolean not null,
    refresh_reason text,
    load_count bigint not null,
    interaction_count bigint not null,
    conversation_count bigint not null,
    table_counts jsonb not null
);
alter table bi.publications add column if not exists refresh_reason text;
alter table bi.publications owner to transformer;
grant select on bi.publications to bi_viewer;
comment on table bi.publications is 'One row per version of this schema: what it knows of (as_of), when it came, and how many rows it holds.';
comment on column bi.publications.refresh_reason is 'Why all of history was rebuilt, so that figures of the past may differ from before; NULL if only new data was added.';

-- Which rows of `bi` a role sees: its markets, or `all`. Filled from the seed of the same name as soon as that changes.
create table if not exists bi.market_entitlements (
    role_name text not null,
    market_code text not null,
    primary key (role_name, market_code)
);
alter table bi.market_entitlements owner to transformer;
grant select on bi.market_entitlements to bi_viewer;
comment on table bi.market_entitlements is 'One row per role and market whose rows it sees; `all` is every market and what belongs to none.';

-- Copies the seed to this table. Row by row, because the seed is locked while it loads: otherwise it and a BI user's
-- long query would wait for each other.
create or replace function ops.adopt_entitlements(roles text[], markets text[]) returns void
language sql set search_path = pg_catalog, pg_temp
as $$
    delete from bi.market_entitlements
    where (role_name, market_code) not in (select * from unnest(roles, markets));
    insert into bi.market_entitlements (role_name, market_code)
    select * from unnest(roles, markets)
    on conflict do nothing
$$;

-- Evaluated for the user who queries, so not `security definer`; a role of the seed that nobody created gives no
-- access.
create or replace function bi.entitled_markets() returns text[]
language sql stable parallel safe set search_path = pg_catalog, pg_temp
as $$
    select coalesce(array_agg(distinct market_code), '{}')
    from bi.market_entitlements
    where pg_has_role(current_user, to_regrole(quote_ident(role_name)), 'usage')
$$;

create or replace function bi.sees_every_market() returns boolean
language sql stable parallel safe set search_path = pg_catalog, pg_temp
as $$ select 'all' = any (bi.entitled_markets()) $$;
alter function bi.entitled_markets() owner to transformer;
alter function bi.sees_every_market() owner to transformer;

-- social_crm.activation writes here before and after each sending. Like bi.publications, the table is in `bi`, so that
-- BI users always see its current state. It holds keys and codes, never a name or a text.
create table if not exists bi.activations (
    activation_id text primary key,
    kind text not null check (kind in ('helpdesk_case', 'crm_note', 'notification')),
    target text not null,
    state text not null check (state in ('planned', 'sent')),
    item_id text not null,
    conversation_id text,
    market_code text not null default 'unknown',
    team_code text,
    action text,
    remote_id text,
    attempt_count integer not null default 0,
    error_kind text,
    transform_id bigint,  -- people are told about a refused gate even if nothing was ever published
    as_of timestamptz,
    planned_at timestamptz not null default clock_timestamp(),
    sent_at timestamptz,
    check ((state = 'sent') = (sent_at is not null))
);
create index if not exists activations_conversation_id on bi.activations (conversation_id);
alter table bi.activations owner to transformer;
grant select on bi.activations to bi_viewer;
comment on table bi.activations is 'One row per thing that went, or is to go, out of the warehouse: what, to whom, and its id there.';
alter table bi.activations enable row level security;
drop policy if exists entitled_markets on bi.activations;
create policy entitled_markets on bi.activations for select
using ((select bi.sees_every_market()) or market_code = any ((select bi.entitled_markets())::text[]));
