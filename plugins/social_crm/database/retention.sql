-- What raw lost, and what is kept of words that a policy removed; the only way in which raw rows lose words
-- (docs/decisions/0029).
create table if not exists ops.clearings (
    clearing_id bigint generated always as identity primary key,
    source text not null,
    resource text not null,
    load_id bigint not null,
    reason text not null check (reason in ('age', 'deletion', 'erasure')),
    cleared_count bigint not null,
    is_restated boolean not null,
    after_transform_id bigint not null,
    cleared_at timestamptz not null default clock_timestamp()
);
create index if not exists clearings_load_id on ops.clearings (load_id);
comment on table ops.clearings is 'One row per load and time that a policy took words from its rows, or an erasure a person: how many rows, why and when.';
comment on column ops.clearings.cleared_count is 'Raw rows and quarantined records that lost words or a person.';
comment on column ops.clearings.is_restated is 'Whether staging keeps them, too: the transforms after after_transform_id take the load again.';

-- Loads that the star shows as they are in raw: a load that lost words since must be staged once more.
create or replace view ops.published_loads as
select transform_loads.load_id
from ops.transform_loads
inner join ops.transform_runs on transform_loads.transform_id = transform_runs.transform_id
where
    transform_runs.status = 'published'
    and not exists (
        select 1
        from ops.clearings
        where
            clearings.load_id = transform_loads.load_id
            and clearings.is_restated
            and clearings.after_transform_id >= transform_runs.transform_id
    );

create table if not exists ops.cleared_words (
    interaction_id text primary key,
    extracted_at timestamptz not null,
    text_key text not null,
    rule_ids jsonb not null
);
comment on table ops.cleared_words is 'What the star must still know of words that are gone: one row per utterance, for the version read at extracted_at.';
comment on column ops.cleared_words.text_key is 'Hex SHA-256 of the text, by which sentiment and meaning are found again.';
comment on column ops.cleared_words.rule_ids is 'The rules of seed peer_answer_rules that its words met.';

-- A record without the values at some dotted paths. A note in square brackets, which Reddit leaves in place of words,
-- stays: it says that they were removed.
create or replace function raw.without_words(record jsonb, paths text[]) returns jsonb
language plpgsql immutable strict parallel safe
as $$
declare
    place text[];
    path text;
begin
    foreach path in array paths loop
        place := string_to_array(path, '.');
        if jsonb_typeof(record #> place) is distinct from 'string' or record #>> place !~ '^\[[^]]{1,60}\]$' then
            record := record #- place;
        end if;
    end loop;
    return record;
end
$$;

-- The raw table of a resource, for functions that change it with their owner's rights: never another role's table,
-- whose triggers would have these rights.
create or replace function raw.own_table(of_source text, of_resource text) returns text
language plpgsql stable
as $$
declare
    named constant text := format('%I.%I', 'raw_' || of_source, of_resource);
begin
    if not exists (
        select
        from pg_class
        inner join pg_roles on pg_class.relowner = pg_roles.oid
        where pg_class.oid = named::regclass and relkind = 'r' and (rolname = current_user or rolsuper)
    ) then
        raise exception '% is no table of an administrator''s', named using errcode = 'insufficient_privilege';
    end if;
    return named;
end
$$;

-- Removes words from rows of one load and returns how many had some: from those of `keys`, else from all, including
-- quarantine; without `paths`, the whole payload. Key, times and hash stay, so a record that is read again is still not
-- new. Runs as the administrator, because nobody else may change a row of raw.
create or replace function raw.clear_words(of_load bigint, keys text[], paths text[]) returns bigint
language plpgsql security definer set search_path = pg_catalog, pg_temp
as $$
declare
    raw_table text;
    row_count bigint;
    quarantined_count bigint := 0;
begin
    select raw.own_table(ledger.source, ledger.resource) into strict raw_table
    from raw.load_ledger as ledger where ledger.load_id = of_load;
    execute format(
        'update %s set payload = coalesce(raw.without_words(payload, $3), ''{}'')'
        ' where _load_id = $1 and ($2 is null or _record_key = any($2))'
        ' and payload <> coalesce(raw.without_words(payload, $3), ''{}'')',
        raw_table
    ) using of_load, keys, paths;
    get diagnostics row_count = row_count;
    if keys is null then
        update raw.quarantine set content = '' where load_id = of_load and content <> '';
        get diagnostics quarantined_count = row_count;
    end if;
    return row_count + quarantined_count;
end
$$;
revoke all on function raw.clear_words(bigint, text[], text[]) from public;
grant execute on function raw.clear_words(bigint, text[], text[]) to transformer;
