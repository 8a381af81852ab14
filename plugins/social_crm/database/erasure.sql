-- Who was erased, and the only way in which raw rows lose a person (docs/decisions/0030).
create table if not exists ops.erasures (
    erasure_id bigint generated always as identity primary key,
    requested_by text not null,
    reason text not null,
    identifier_count integer not null,
    key_fingerprint text not null,
    registered_at timestamptz not null default clock_timestamp(),
    swept_at timestamptz
);
comment on table ops.erasures is 'One row per request to erase a person: who entered it, when and why; nothing that says whom.';
comment on column ops.erasures.key_fingerprint is 'Of the key under which the identifiers are kept: under another one nobody is recognised.';
alter table ops.erasures add column if not exists repeats_erasure_id bigint;
comment on column ops.erasures.repeats_erasure_id is 'In which the same person was registered under another key.';
comment on column ops.erasures.swept_at is 'When the person was gone from raw for the first time; NULL while that is still to be finished.';

create table if not exists ops.erased_identifiers (
    identifier_key text primary key,
    erasure_id bigint not null references ops.erasures (erasure_id),
    is_derived boolean not null default false
);
comment on table ops.erased_identifiers is 'Pseudonyms of what erased people were known by, by which they are suppressed when they are read again.';
comment on column ops.erased_identifiers.is_derived is 'Found in a record beside what was asked for: the id behind a handle, or a private case.';

alter table raw.load_ledger add column if not exists erased_count bigint not null default 0;
comment on column raw.load_ledger.erased_count is 'Rows and quarantined records that landed without the erased person they are about; appended_count counts them, too.';

-- How raw lost people is recorded beside what policies removed. A load that lost some is staged once more.
alter table ops.clearings add column if not exists erasure_id bigint;
alter table ops.clearings add column if not exists forgotten_at timestamptz;
comment on column ops.clearings.forgotten_at is 'When scores of what nobody says any more went after this erasure; NULL while they are still to go.';
alter table ops.cleared_words add column if not exists is_erased boolean not null default false;
comment on column ops.cleared_words.is_erased is 'Whether who said them was erased: every later version is without words, too, and means the same.';

-- An identifier in its compared form; NULL if it identifies nobody or was erased. Python spells it in
-- social_crm.privacy.erasure.
create or replace function raw.identifier(kind text, said text) returns text
language sql immutable parallel safe
as $$
    select case
        when said like 'erased-%' and said ~ '^erased-[0-9a-f]{32}(@erased\.invalid)?$' then null
        when kind = 'phone' and said ~ '^9\d{24}$' then null
        when kind = 'phone' and regexp_replace(said, '^\s*00|\D', '', 'g') ~ '^\d{8,15}$'
            then regexp_replace(said, '^\s*00|\D', '', 'g')
        when
            length(said) < 15
            and lower(btrim(said)) in ('', '0', '-1', '[deleted]', '[removed]', 'handle.invalid', 'anonymous', 'unknown')
            then null
        when octet_length(said) = length(said) then nullif(lower(btrim(said, E'@ \t\r\n')), '')
        else nullif(lower(normalize(btrim(said, E'@ \t\r\n'), nfc)), '')
    end
$$;

-- A part of a JSON text with its escaped letters decoded; unchanged if it is not valid.
create or replace function raw.unescaped(written text) returns text
language plpgsql immutable
as $$
begin
    return ('"' || written || '"')::jsonb #>> '{}';
exception
    when data_exception then return written;
end
$$;

-- The result of ops.pseudonym for a value and given pads of a key: twenty times as fast for many values.
create or replace function raw.keyed(said text, pads bytea[]) returns text
language sql immutable parallel safe
as $$ select encode(sha256(pads[2] || sha256(pads[1] || convert_to(said, 'UTF8'))), 'hex') $$;

-- A field's path in its compared form: headers of dropped files vary, and case does not matter.
create or replace function raw.place(name text) returns text
language sql immutable parallel safe
as $$ select btrim(regexp_replace(lower(name), '[^a-z0-9]+', '_', 'g'), '_') $$;

-- The stand-in for an identifier of an erased person: the same within a source, so that it stays known who spoke to
-- whom, but different in every other source, so that nobody is found by joining them. It is no valid address or number.
create or replace function raw.stand_in(source text, kind text, identifier text, pads bytea[]) returns text
language sql immutable parallel safe
as $$
    select case kind
        when 'email' then 'erased-' || left(keyed, 32) || '@erased.invalid'
        when 'phone' then '9' || translate(left(keyed, 24), 'abcdef', '012345')
        else 'erased-' || left(keyed, 32)
    end
    from raw.keyed('erased|' || source || '|' || kind || '|' || identifier, pads) as keyed
$$;

-- By path and value, the stand-ins for identifiers of erased people in one record.
create or replace function raw.stand_ins(record jsonb, source text, people jsonb, pads bytea[]) returns jsonb
language sql stable
as $$
    with said as (
        select
            person.number, person.size, known.place, known.kind, leaf.value,
            raw.identifier(known.kind, leaf.whole) as identifier
        from (
            select number, jsonb_array_length(identifiers) as size, identifiers
            from jsonb_array_elements(people) with ordinality as listed (identifiers, number)
        ) as person
        cross join lateral jsonb_to_recordset(person.identifiers) as known (kind text, place text, paths jsonb)
        cross join lateral (
            select
                found #>> '{}' as value,
                case
                    when known.paths ->> 1 is null then found #>> '{}'
                    else (jsonb_path_query_first(record, (known.paths ->> 0)::jsonpath) #>> '{}') || '/' || (found #>> '{}')
                end as whole
            from jsonb_path_query(record, (known.paths ->> -1)::jsonpath) as found
        ) as leaf
    ),

    judged as (
        select
            said.*,
            erased.identifier_key is not null as is_erased,
            bool_or(erased.identifier_key is not null) over (partition by said.number) as is_person_erased
        from said
        left join ops.erased_identifiers as erased
            on raw.keyed(said.kind || '|' || said.identifier, pads) = erased.identifier_key
        where said.identifier is not null
    ),

    chosen as (
        -- Each element of a list is judged alone: it may hold other people beside the erased.
        select distinct on (place, value) place, value, raw.stand_in(source, kind, identifier, pads) as stand_in
        from judged
        where is_erased or (is_person_erased and size > 1)
        order by place, value, number
    ),

    placed as (
        select place, jsonb_object_agg(value, stand_in) as stand_ins from chosen group by place
    )

    select coalesce(jsonb_object_agg(place, stand_ins), '{}') from placed
$$;

-- What may remain of a record: `keeps`, identifiers with stand-ins for those of erased people, and notes such as
-- [deleted]. `at` is the path of the value within the record.
create or replace function raw.reduced(value jsonb, at text, rules jsonb, stand_ins jsonb) returns jsonb
language plpgsql immutable
as $$
declare
    is_kept boolean := exists (
        select from jsonb_array_elements_text(rules -> 'keeps') as kept where at = kept or starts_with(at, kept || '.')
    );
    leads_on boolean := at = '' or exists (
        select from jsonb_array_elements_text((rules -> 'keeps') || (rules -> 'places')) as kept
        where at = kept or starts_with(kept, at || '.')
    );
begin
    if is_kept and not rules -> 'only' ? at then
        return value;
    elsif jsonb_typeof(value) = 'array' then
        return (
            select coalesce(jsonb_agg(part order by number), case when leads_on then '[]'::jsonb end)
            from (
                select raw.reduced(element, at, rules, stand_ins) as part, number
                from jsonb_array_elements(value) with ordinality as listed (element, number)
                cross join lateral (select rules -> 'only' -> at as chosen) as choice
                where chosen is null or (chosen -> 'values') ? (element ->> (chosen ->> 'name'))
            ) as parts
            where part is not null
        );
    elsif is_kept then
        return value;
    elsif jsonb_typeof(value) = 'object' and leads_on then
        return (
            select coalesce(jsonb_object_agg(key, part), '{}')
            from (
                select
                    fields.key,
                    raw.reduced(fields.value, concat_ws('.', nullif(at, ''), raw.place(fields.key)), rules, stand_ins) as part
                from jsonb_each(value) as fields
            ) as parts
            where part is not null
        );
    elsif stand_ins -> at ? (value #>> '{}') then
        return stand_ins -> at -> (value #>> '{}');
    elsif rules -> 'places' ? at or value #>> '{}' ~* '^\[\s*(deleted|removed)[^]]{0,40}\]$' then
        return value;
    end if;
    return null;
end
$$;

-- A record of somebody else without the names of erased people in it: stand-ins remain, alone in the object that names
-- them, and a text that calls them by their handle has @erased.
create or replace function raw.renamed(value jsonb, at text, stand_ins jsonb, handles text) returns jsonb
language plpgsql immutable
as $$
begin
    if jsonb_typeof(value) = 'array' then
        return (
            select coalesce(jsonb_agg(raw.renamed(element, at, stand_ins, handles) order by number), '[]')
            from jsonb_array_elements(value) with ordinality as listed (element, number)
        );
    elsif jsonb_typeof(value) = 'object' then
        return (
            with fields as (
                select key, part, place, stand_ins -> place ? (part #>> '{}') as is_erased
                from jsonb_each(value) as each (key, part)
                cross join lateral (select concat_ws('.', nullif(at, ''), raw.place(key)) as place) as places
            )

            select coalesce(jsonb_object_agg(key, raw.renamed(part, place, stand_ins, handles)), '{}')
            from fields
            where at = '' or stand_ins ? place or not (select bool_or(is_erased is true) from fields)
        );
    elsif stand_ins -> at ? (value #>> '{}') then
        return stand_ins -> at -> (value #>> '{}');
    elsif jsonb_typeof(value) = 'string' and strpos(value #>> '{}', '@') > 0 then
        return to_jsonb(regexp_replace(value #>> '{}', handles, '@erased', 'gi'));
    end if;
    return value;
end
$$;

-- The pattern by which a text names people who have stand-ins: @ann, and @<span>ann.
create or replace function raw.handles(stand_ins jsonb) returns text
language sql immutable
as $$
    select
        '@(<[^<>]{0,60}>)?('
        || string_agg(distinct regexp_replace(split_part(names.name, '@', 1), '(\W)', '\\\1', 'g'), '|')
        || ')(@[\w.-]+\w)?(?!\w)'
    from jsonb_each(stand_ins) as places (place, named)
    cross join lateral jsonb_object_keys(places.named) as names (name)
$$;

-- The first value at a path, or at two paths together.
create or replace function raw.value_at(record jsonb, paths jsonb) returns text
language sql immutable parallel safe
as $$
    select
        jsonb_path_query_first(record, (paths ->> 0)::jsonpath) #>> '{}'
        || case
            when paths ->> 1 is null then ''
            else '/' || (jsonb_path_query_first(record, (paths ->> 1)::jsonpath) #>> '{}')
        end
$$;

-- The expression that rows are queried by for the key of an identifier.
create or replace function raw.key_of(kind text, paths jsonb) returns text
language sql immutable
as $$
    select format('raw.keyed(%L || raw.identifier(%L, raw.value_at(rows.payload, %L)), $1)', kind || '|', kind, paths)
$$;

-- The query that finds erased people in a table: the row, the erasure, and other identifiers of the person in it. One
-- pass looks at everything by which a row is known.
create or replace function raw.query_of_people(raw_table text, source text, rules jsonb) returns text
language sql immutable
as $$
    with known as (
        select
            identifier ->> 'kind' as kind,
            identifier -> 'paths' as paths,
            concat_ws(
                ', ',
                -- The id of an account is erased for good; a handle may pass to somebody else.
                case when person #>> '{0,kind}' = source then raw.key_of(source, person #> '{0,paths}') end,
                case
                    when (rules -> 'owns_case')::boolean
                        then format(
                            'case when rows.payload @> %L then %s end',
                            rules ->> 'opens', raw.key_of(rules #>> '{case,kind}', rules #> '{case,paths}')
                        )
                end
            ) as derived_keys,
            false as is_named
        from jsonb_array_elements(rules -> 'people') as person
        cross join lateral jsonb_array_elements(person) as identifier
        union all
        select rules #>> '{case,kind}', rules #> '{case,paths}', '', false where rules #>> '{case,kind}' <> ''
        union all
        select identifier ->> 'kind', identifier -> 'paths', '', true
        from jsonb_path_query(rules, '$.names[*][*]') as identifier
    ),

    arms as (
        select
            format('when %s then array[%s]::text[]', number, derived_keys) as derived,
            case
                when paths ->> 1 is null
                    then format(
                        'select %s, %L, leaf #>> %L, %L::boolean from jsonb_path_query(rows.payload, %L) as leaf',
                        number, kind, '{}', is_named, paths ->> 0
                    )
                else format('select %s, %L, raw.value_at(rows.payload, %L), %L::boolean', number, kind, paths, is_named)
            end as arm
        from (select *, row_number() over () as number from known) as numbered
    )

    select format(
        'select rows.ctid as place, erased.erasure_id, case found.number %s end as derived_keys, found.is_named'
        ' from %s as rows'
        ' cross join lateral (%s) as found (number, kind, said, is_named)'
        ' inner join ops.erased_identifiers as erased'
        '  on raw.keyed(found.kind || %L || raw.identifier(found.kind, found.said), $1) = erased.identifier_key'
        -- By key: otherwise each batch of a load would read the whole load again.
        ' where ($2 is null or rows._load_id + 0 = $2) and ($3 is null or rows._record_key = any($3))',
        string_agg(derived, ' '), raw_table, string_agg(arm, ' union all '), '|'
    )
    from arms
    having count(*) > 0
$$;

-- Removes erased people from rows of one table (of some keys of one load, or of all), including quarantine, and returns
-- the rows that lost somebody. Rows without a key are quarantined; `is_named` marks rows of somebody else, whose words
-- stay. Key, times and hash stay, so a record that is read again is still not new. Other identifiers of the people are
-- registered. Runs as the administrator, because nobody else may change a row of raw.
create or replace function raw.erase_people(
    of_source text, of_resource text, rules jsonb, of_load bigint, of_keys json
) returns table (load_id bigint, record_key text, extracted_at timestamptz, erasure_id bigint, is_named boolean)
language plpgsql security definer set search_path = pg_catalog, pg_temp
as $$
declare
    raw_table text;
    found_people text;
    pads bytea[];
begin
    if not exists (select from ops.erased_identifiers) then
        return;
    end if;
    if rules is null then
        raise exception 'no rules for %.%', of_source, of_resource using errcode = 'invalid_parameter_value';
    end if;
    raw_table := raw.own_table(of_source, of_resource);
    pads := ops.pseudonym_pads();
    if exists (
        select from ops.pseudonym_key where fingerprint <> raw.keyed('fingerprint of the key', pads)
    ) then
        raise exception 'this session has another pseudonym key' using errcode = 'object_not_in_prerequisite_state';
    end if;
    found_people := raw.query_of_people(raw_table, of_source, rules);
    if found_people is null then
        return;
    end if;
    return query execute format(
        'with hits as (%1$s),'
        ' targets as (select place, min(erasure_id) as erasure_id, bool_and(is_named) as is_named from hits group by place),'
        ' derived as ('
        '  insert into ops.erased_identifiers'
        '  select keys.key, min(hits.erasure_id), true from hits cross join lateral unnest(hits.derived_keys) as keys (key)'
        '  where keys.key is not null group by keys.key order by keys.key on conflict do nothing),'
        ' reduced as ('
        '  select targets.*, case'
        '   when is_named then raw.renamed(rows.payload, %3$L, stand_ins, raw.handles(stand_ins))'
        '   else raw.reduced(rows.payload, %3$L, $4, stand_ins) end as payload'
        '  from targets inner join %2$s as rows on targets.place = rows.ctid'
        '  cross join lateral (select raw.stand_ins('
        '   rows.payload, $5, case when is_named then $4 -> %5$L else $4 -> %4$L end, $1) as stand_ins) as made)'
        ' update %2$s as rows set payload = reduced.payload from reduced'
        ' where rows.ctid = reduced.place and rows.payload <> reduced.payload'
        ' returning rows._load_id, rows._record_key, rows._extracted_at, reduced.erasure_id, reduced.is_named',
        found_people, raw_table, '', 'people', 'names'
    ) using
        pads, of_load, case when of_keys is not null then array(select json_array_elements_text(of_keys)) end, rules, of_source;
    return query
    with erased as (
        select quarantine.quarantine_id, min(identifiers.erasure_id) as erasure_id
        from raw.quarantine
        -- The record may not be JSON: whole cells, quoted or not, and words, with their letters escaped or not.
        cross join lateral (
            select regexp_split_to_table(quarantine.content, '["\n\r\t|]+')
            union all
            select regexp_split_to_table(quarantine.content, '["\n\r\t|,;]+')
            union all
            select btrim(regexp_split_to_table(quarantine.content, '[\s"''<>(),;{}|=\[\]]+'), ':.')
        ) as parts (written)
        cross join lateral (
            select case when strpos(written, '\u') > 0 then raw.unescaped(written) else written end as said
        ) as words
        cross join lateral (
            select distinct known ->> 'kind' as kind from jsonb_path_query(rules, '$.people[*][*]') as known
        ) as kinds
        inner join ops.erased_identifiers as identifiers
            on raw.keyed(kinds.kind || '|' || raw.identifier(kinds.kind, words.said), pads) = identifiers.identifier_key
        where
            quarantine.source = of_source
            and quarantine.resource = of_resource
            and quarantine.content <> ''
            and (of_load is null or quarantine.load_id = of_load)
        group by quarantine.quarantine_id
    )

    update raw.quarantine set content = ''
    from erased
    where quarantine.quarantine_id = erased.quarantine_id
    returning quarantine.load_id, null::text, quarantine.quarantined_at, erased.erasure_id, false;
end
$$;
revoke all on function raw.erase_people(text, text, jsonb, bigint, json) from public;
grant execute on function raw.erase_people(text, text, jsonb, bigint, json) to loader, transformer;

-- Whether an author is one of the erased people, by what the author's source calls them.
create or replace function raw.is_erased(source text, native_id text, pads bytea[]) returns boolean
language sql stable parallel safe
as $$
    select exists (
        select
        from (values (source), ('email'), ('phone'), ('reference')) as kinds (kind)
        inner join ops.erased_identifiers as erased
            -- WordPress' accounts are numbers with a prefix.
            on
                raw.keyed(kind || '|' || raw.identifier(kind, regexp_replace(native_id, '^user/', '')), pads)
                = erased.identifier_key
    )
$$;

-- Forgets decisions about erased people and what they call themselves. Runs as the administrator, because nobody else
-- may delete decisions.
create or replace function ops.forget_people() returns void
language plpgsql security definer set search_path = pg_catalog, pg_temp
as $$
declare
    pads bytea[];
    forgotten bigint[];
begin
    if not exists (select from ops.erased_identifiers) then
        return;
    end if;
    pads := ops.pseudonym_pads();
    -- A transform that links people writes profiles first and links last: it ends, or waits, before anything is
    -- deleted.
    lock table enriched.author_profiles in share row exclusive mode;
    select array_agg(decision_id) into forgotten
    from ops.identity_decisions
    where
        raw.is_erased(source, author_native_id, pads)
        or raw.keyed(ops.customer_identifier(customer_id), pads) in (select identifier_key from ops.erased_identifiers);
    delete from ops.transform_decisions where decision_id = any(forgotten);
    delete from ops.identity_decisions where decision_id = any(forgotten);
    delete from enriched.identity_links as kept where raw.is_erased(kept.source, kept.author_native_id, pads);
    delete from enriched.authors_relinked as kept where raw.is_erased(kept.source, kept.author_native_id, pads);
    delete from enriched.author_profiles as kept where raw.is_erased(kept.source, kept.author_native_id, pads);
end
$$;
revoke all on function ops.forget_people() from public;
grant execute on function ops.forget_people() to transformer;
