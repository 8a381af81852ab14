-- Who a customer is: the only access to the vault, and every look-up is recorded.
create schema if not exists vault authorization transformer;
create schema if not exists customer_360;

create table if not exists ops.identity_looks (
    look_id bigint generated always as identity primary key,
    looked_at timestamptz not null default clock_timestamp(),
    login text not null,
    looked_by text,
    action text not null check (action in ('find', 'person')),
    customer_id text,
    term_hash text,
    found_count bigint not null
);
comment on table ops.identity_looks is 'One row per look at who somebody is: login, person, and the customer or the hash of what was searched for. A gap in look_id is a look whose transaction was rolled back.';

-- Without a key, a reader of the log could try names until a hash matches.
create table if not exists ops.look_salt (
    is_only boolean primary key default true check (is_only),
    salt uuid not null default gen_random_uuid()
);
insert into ops.look_salt default values on conflict do nothing;

-- Markets of the session's user: inside these functions the current user is their owner.
create or replace function customer_360.visible_markets() returns text[]
language sql stable set search_path = pg_catalog, pg_temp
as $$
    select coalesce(array_agg(distinct market_code), '{}')
    from bi.market_entitlements
    where pg_has_role(session_user, to_regrole(quote_ident(role_name)), 'usage')
$$;

create or replace function customer_360.hash_of(term text) returns text
language sql stable set search_path = pg_catalog, pg_temp
as $$
    select encode(sha256(convert_to(salt::text || lower(btrim(term)), 'UTF8')), 'hex') from ops.look_salt
$$;

-- A role that many people share must say for whom it asks.
create or replace function customer_360.write_look(
    action text, customer_id text, term_hash text, found_count bigint, looked_by text
) returns void
language plpgsql set search_path = pg_catalog, pg_temp
as $$
declare
    person text := coalesce(nullif(btrim(looked_by), ''), nullif(current_setting('social_crm.looked_by', true), ''));
begin
    if person is null and right(session_user, 4) = '_360' then
        raise exception '% is shared: say who looks, as the last argument or in social_crm.looked_by', session_user
            using errcode = 'invalid_parameter_value';
    end if;
    if current_setting('transaction_read_only') = 'on' then
        raise exception 'every look is written down, and this transaction is read-only'
            using errcode = 'read_only_sql_transaction',
            hint = 'set default_transaction_read_only = off, and let each look commit';
    end if;
    insert into ops.identity_looks (login, looked_by, action, customer_id, term_hash, found_count)
    values (session_user, person, action, customer_id, term_hash, found_count);
    -- The server's log keeps what a rollback removes from the table.
    raise log 'identity look: %, by % for %, customer %, term %', action, session_user, person, customer_id, term_hash;
end
$$;

-- Customers by id, part of the name, or whole e-mail address, phone number or handle, including their accounts'.
create or replace function customer_360.find(term text, looked_by text default null)
returns table (customer_id text, market_code text, full_name text)
language plpgsql security definer set search_path = pg_catalog, pg_temp
as $$
declare
    needle text := lower(normalize(btrim(term), nfc));
    digits text := nullif(regexp_replace(term, '^\s*00(?=\D*[1-9])|\D', '', 'g'), '');
    markets text[] := customer_360.visible_markets();
    found text[];
begin
    if coalesce(length(needle), 0) < 3 then
        raise exception 'give at least three characters to find a customer by' using errcode = 'invalid_parameter_value';
    end if;
    found := array(
        select customers.customer_id
        from vault.customers
        where
            (customers.market_code = any(markets) or 'all' = any(markets))
            and (
                customers.customer_id = btrim(term)
                or strpos(customers.name_key, needle) > 0
                or customers.email_key = needle
                or customers.phone_key = digits
                or customers.handle_key = ltrim(needle, '@')
                or customers.customer_id in (
                    select authors.customer_id from vault.authors where authors.handle_key = ltrim(needle, '@')
                )
            )
        order by customers.full_name, customers.customer_id
        limit 50
    );
    perform customer_360.write_look('find', null, customer_360.hash_of(term), cardinality(found), looked_by);
    return query
        select customers.customer_id, customers.market_code, customers.full_name
        from vault.customers
        where customers.customer_id = any(found)
        order by customers.full_name, customers.customer_id;
end
$$;

-- The identifiers by which the company knows a customer: first from the CRM, then of each of their accounts.
create or replace function customer_360.person(customer_id text, looked_by text default null)
returns table (source text, identifier_kind text, identifier text, author_key text)
language plpgsql security definer set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_column
declare
    markets text[] := customer_360.visible_markets();
    wanted text := person.customer_id;
    is_visible boolean := exists (
        select 1 from vault.customers
        where
            customers.customer_id = wanted
            and (customers.market_code = any(markets) or 'all' = any(markets))
    );
begin
    perform customer_360.write_look('person', wanted, null, is_visible::int, person.looked_by);
    return query
        select known.source, known.identifier_kind, known.identifier, known.author_key
        from (
            select 1 as place, 'crm' as source, values_of.kind as identifier_kind, values_of.value as identifier,
                null as author_key, values_of.number
            from vault.customers
            cross join lateral (
                values
                (1, 'name', customers.full_name), (2, 'email', customers.email), (3, 'phone', customers.phone),
                (4, 'handle', customers.x_handle)
            ) as values_of (number, kind, value)
            where customers.customer_id = wanted
            union all
            select 2, authors.source, values_of.kind, values_of.value, authors.author_key, values_of.number
            from vault.authors
            cross join lateral (
                values
                (1, 'name', authors.author_name), (2, 'email', authors.author_email),
                (3, 'phone', authors.author_phone), (4, 'handle', authors.author_handle)
            ) as values_of (number, kind, value)
            where authors.customer_id = wanted
        ) as known
        where is_visible and known.identifier is not null
        order by known.place, known.source, known.author_key, known.number;
end
$$;

alter function customer_360.find(text, text) owner to vault_keeper;
alter function customer_360.person(text, text) owner to vault_keeper;
revoke all on all functions in schema customer_360 from public;
grant usage on schema customer_360 to customer_360, vault_keeper;
grant execute on function customer_360.find(text, text), customer_360.person(text, text) to customer_360;
grant execute on all functions in schema customer_360 to vault_keeper;
grant usage on schema bi, ops, vault to vault_keeper;
grant select on bi.market_entitlements, ops.look_salt to vault_keeper;
grant insert on ops.identity_looks to vault_keeper;
