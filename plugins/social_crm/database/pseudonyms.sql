-- How identifiers become pseudonyms, under a key that no statement and no table contains.

-- Which source knows a customer by an identifier: for CRMs with an API it has their name as prefix; all others belong
-- to the customer database.
create or replace function ops.customer_identifier(customer_id text) returns text
language sql immutable strict parallel safe
as $$
    select case
        when customer_id ~ '^[a-z_]+:' then regexp_replace(lower(customer_id), ':', '|')
        else 'crm|' || lower(customer_id)
    end
$$;

-- RFC 2104's HMAC over the built-in sha256(), because pgcrypto is not installed everywhere. `pad` repeats one byte
-- eight times.
create or replace function ops.xor_block(block_hex text, pad bigint) returns bytea
language sql immutable strict parallel safe
as $$
    select string_agg(
        int8send(('x' || substr(block_hex, 1 + 16 * part, 16))::bit(64)::bigint # pad), ''::bytea order by part
    )
    from generate_series(0, 7) as part
$$;

-- What RFC 2104 prepends to the inner and the outer message, from the session's key, which is never part of a
-- statement.
create or replace function ops.pseudonym_pads() returns bytea[]
language plpgsql stable parallel safe
as $$
declare
    secret bytea := convert_to(coalesce(current_setting('social_crm.pseudonym_key', true), ''), 'UTF8');
    block_hex text;
begin
    if secret = ''::bytea then
        raise exception 'social_crm.pseudonym_key is not set in this session'
            using hint = 'connect with options=-c social_crm.pseudonym_key=<WAREHOUSE_PSEUDONYM_KEY>';
    end if;
    block_hex := rpad(encode(case when length(secret) > 64 then sha256(secret) else secret end, 'hex'), 128, '0');
    return array[ops.xor_block(block_hex, 3906369333256140342), ops.xor_block(block_hex, 6655295901103053916)];
end
$$;

-- The pseudonym of an identifier: hex HMAC-SHA256 under the session's key.
create or replace function ops.pseudonym(identifier text) returns text
language plpgsql stable strict parallel safe
as $$
declare
    pads bytea[] := ops.pseudonym_pads();
begin
    return encode(sha256(pads[2] || sha256(pads[1] || convert_to(identifier, 'UTF8'))), 'hex');
end
$$;

-- The fingerprint by which a transform detects another key than that of the authors' pseudonyms. Like any pseudonym, it
-- reveals nothing about a key that cannot be guessed.
create table if not exists ops.pseudonym_key (
    is_only boolean primary key default true check (is_only),
    fingerprint text not null,
    kept_since timestamptz not null default clock_timestamp()
);
comment on table ops.pseudonym_key is 'The pseudonym of a word that names nobody, under the key in use: a transform with another key is refused.';
