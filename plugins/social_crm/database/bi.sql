-- What `bi` holds beside the published star: its versions, who sees which rows, and what went out.

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

-- Which rows of `bi` a role sees: its markets, or `all`. Filled from the seed of the same name, at once when it changes.
create table if not exists bi.market_entitlements (
    role_name text not null,
    market_code text not null,
    primary key (role_name, market_code)
);
alter table bi.market_entitlements owner to transformer;
grant select on bi.market_entitlements to bi_viewer;
comment on table bi.market_entitlements is 'One row per role and market whose rows it sees; `all` is every market and what belongs to none.';

-- What the seed says, to this table. Row by row, for the seed itself is locked while it loads: a BI user's long query
-- would wait for it, and it for them.
create or replace function ops.adopt_entitlements(roles text[], markets text[]) returns void
language sql set search_path = pg_catalog, pg_temp
as $$
    delete from bi.market_entitlements
    where (role_name, market_code) not in (select * from unnest(roles, markets));
    insert into bi.market_entitlements (role_name, market_code)
    select * from unnest(roles, markets)
    on conflict do nothing
$$;

-- Asked of who asks, so not `security definer`; a role that the seed names and nobody created entitles nobody.
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

-- Written before and after each sending by social_crm.activation, so it lies here as bi.publications does: what BI users
-- see of it is always current. It holds keys and codes, never a name or a text.
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
    transform_id bigint,  -- of a refused gate people hear although nothing was ever published
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
