-- The warehouse's fixed tables and roles. Idempotent: `social_crm.database.prepare` runs it at every start.
-- Models live in dbt_project/; raw tables of a source are made from its registry entry.
create schema if not exists raw;
create schema if not exists ops;
create schema if not exists enriched;

-- Of models that are gone, with names of people in them. Views that still read one are made without it by a transform.
do $$
begin
    drop table if exists staging.stg_crm__customer_versions, staging.stg_zendesk__organizations;
exception
    when dependent_objects_still_exist then null;
end
$$;

create table if not exists raw.load_ledger (
    load_id bigint generated always as identity primary key,
    source text not null,
    resource text not null,
    window_start timestamptz not null,
    window_end timestamptz not null,
    attempt integer not null,
    run_id text not null,
    status text not null check (status in ('running', 'interrupted', 'failed', 'loaded', 'checked', 'rejected')),
    read_count bigint not null default 0,
    appended_count bigint not null default 0,
    unchanged_count bigint not null default 0,
    quarantined_count bigint not null default 0,
    resume_cursor text,
    resume_at timestamptz,
    error_kind text,
    error_message text,
    started_at timestamptz not null default clock_timestamp(),
    finished_at timestamptz,
    unique (source, resource, window_start, window_end, attempt)
);
comment on table raw.load_ledger is 'One row per source, resource, window and attempt: what was asked, what came, how it ended.';

create table if not exists raw.quarantine (
    quarantine_id bigint generated always as identity primary key,
    load_id bigint not null references raw.load_ledger (load_id),
    source text not null,
    resource text not null,
    reason text not null,
    detail text not null,
    position text not null,
    content text not null,
    content_sha256 bytea not null,
    quarantined_at timestamptz not null default clock_timestamp(),
    unique (source, resource, reason, position, content_sha256)
);
comment on table raw.quarantine is 'What a source sent that could not become a raw row, once per content, with the reason.';

create table if not exists raw.load_gaps (
    source text not null,
    resource text not null,
    gap_start timestamptz not null,
    gap_end timestamptz not null,
    reason text not null,
    load_id bigint not null references raw.load_ledger (load_id),
    detected_at timestamptz not null default clock_timestamp(),
    primary key (source, resource, gap_start, gap_end)
);
comment on table raw.load_gaps is 'Spans of time that a source could no longer give.';

create table if not exists raw.landed_files (
    source text not null,
    resource text not null,
    file_sha256 text not null,
    file_name text not null,
    load_id bigint not null references raw.load_ledger (load_id),
    landed_at timestamptz not null default clock_timestamp()
);
create unique index if not exists landed_files_content on raw.landed_files (source, resource, file_sha256, file_name);
comment on table raw.landed_files is 'Dropped files whose whole content is in raw, once per name and content.';

-- Attempts whose rows may be used: checked ones, and earlier attempts of a window that a later attempt completed.
create or replace view raw.completed_loads as
select earlier.load_id, earlier.source, earlier.resource, earlier.window_start, earlier.window_end
from raw.load_ledger as earlier
where exists (
    select 1
    from raw.load_ledger as checked
    where
        checked.source = earlier.source
        and checked.resource = earlier.resource
        and checked.window_start = earlier.window_start
        and checked.window_end = earlier.window_end
        and checked.status = 'checked'
        and checked.attempt >= earlier.attempt
) and earlier.status in ('checked', 'interrupted', 'failed');

-- How much each window gave, all its attempts together, beside the median of the seven windows before it: a whole week,
-- so that quiet days are among them. Few earlier windows say nothing, and the median is then null.
create or replace view raw.load_volumes as
with windows as (
    select source, resource, window_start, window_end, max(load_id) as load_id, sum(read_count) as read_count
    from raw.load_ledger
    group by source, resource, window_start, window_end
)
select
    windows.load_id, windows.source, windows.resource, windows.window_start, windows.window_end, windows.read_count,
    case when usual.window_count >= 4 then usual.read_count end as usual_read_count
from windows
cross join lateral (
    select count(*) as window_count, percentile_disc(0.5) within group (order by before.read_count) as read_count
    from (
        select earlier.read_count
        from windows as earlier
        where
            earlier.source = windows.source
            and earlier.resource = windows.resource
            and earlier.window_end <= windows.window_start
        order by earlier.window_end desc
        limit 7
    ) as before
) as usual;

create table if not exists ops.transform_runs (
    transform_id bigint generated always as identity primary key,
    run_id text not null,
    as_of timestamptz not null,
    is_full_refresh boolean not null default false,
    status text not null check (status in ('running', 'published', 'failed')),
    started_at timestamptz not null default clock_timestamp(),
    finished_at timestamptz,
    scorer_version text,
    project_version text,
    step text not null default 'begun'
);
alter table ops.transform_runs add column if not exists scorer_version text;
alter table ops.transform_runs add column if not exists project_version text;
alter table ops.transform_runs add column if not exists step text not null default 'begun';
comment on table ops.transform_runs is 'One row per transform; as_of is the end of the newest window it saw, never the clock.';
comment on column ops.transform_runs.scorer_version is 'Version of the sentiment scorer whose scores the star shows.';
comment on column ops.transform_runs.step is 'How far it has come: begun, staged, enriched or built.';
comment on column ops.transform_runs.project_version is 'Fingerprint of the files of the dbt project that built it.';

create table if not exists ops.transform_loads (
    transform_id bigint not null references ops.transform_runs (transform_id),
    load_id bigint not null,
    primary key (transform_id, load_id)
);
create index if not exists transform_loads_load_id on ops.transform_loads (load_id);

-- What the running (else the latest) transform must still bring into the star: fixed at its start.
create or replace view ops.pending_loads as
select load_id from ops.transform_loads
where transform_id = (select max(transform_id) from ops.transform_runs);

-- What models may see: all that was ever published, and this transform's own loads.
create or replace view ops.visible_loads as
select transform_loads.load_id from ops.transform_loads
inner join ops.transform_runs on transform_loads.transform_id = transform_runs.transform_id
where transform_runs.status = 'published'
union
select load_id from ops.pending_loads;

create table if not exists ops.gate_results (
    transform_id bigint not null references ops.transform_runs (transform_id),
    table_name text not null,
    rule text not null,
    severity text not null check (severity in ('critical', 'warning')),
    is_success boolean not null,
    checked_count bigint not null,
    failed_count bigint not null,
    primary key (transform_id, table_name, rule)
);
comment on table ops.gate_results is 'What the gate ahead of bi found, one row per transform, table and rule.';

create table if not exists ops.load_warnings (
    load_id bigint not null,
    table_name text not null,
    rule text not null,
    checked_count bigint not null,
    failed_count bigint not null,
    noted_at timestamptz not null default clock_timestamp(),
    primary key (load_id, table_name, rule)
);
comment on table ops.load_warnings is 'What the front door let pass and somebody should look at, one row per load, table and rule.';

create table if not exists enriched.text_sentiment (
    text_key text not null,
    scorer_version text not null,
    language text not null,
    compound double precision,
    positive double precision,
    neutral double precision,
    negative double precision,
    unscored_reason text check (unscored_reason in ('language_without_lexicon', 'no_text', 'undetermined_language')),
    care_compound double precision,
    primary key (text_key, scorer_version),
    check (num_nulls(compound, positive, neutral, negative) = case when unscored_reason is null then 0 else 4 end),
    check (care_compound is null or compound is not null)
);
-- A warehouse of before the care lexicon keeps the scores of its earlier versions, which have no other.
alter table enriched.text_sentiment add column if not exists care_compound double precision;
comment on table enriched.text_sentiment is 'Language and sentiment, once per distinct text (hex SHA-256) and scorer version.';

-- What each text was found to say. The lists of one kind of decision run in parallel, the weightiest first, so that a
-- model reads a single best one without looking inside, and unnests the rest.
create table if not exists enriched.text_classification (
    text_key text not null,
    classifier_version text not null,
    is_serviceable boolean,
    serviceable_reason text,
    serviceable_weight double precision,
    serviceable_decided_by text,
    serviceable_decision_id text,
    contact_type_codes text[] not null,
    contact_type_weights double precision[] not null,
    contact_type_decided_by text[] not null,
    contact_type_decision_ids text[] not null,
    issue_codes text[] not null,
    product_codes text[] not null,
    issue_weights double precision[] not null,
    issue_decided_by text[] not null,
    issue_decision_ids text[] not null,
    flags text[] not null,
    flag_decision_ids text[] not null,
    primary key (text_key, classifier_version)
);
comment on table enriched.text_classification is 'What was decided of each distinct text (hex SHA-256), once per classifier version.';

-- The version whose decisions the star shows: the one that the last finished enrichment used.
create table if not exists enriched.classifier_in_use (
    is_only boolean primary key default true check (is_only),
    classifier_version text not null
);

create table if not exists ops.human_labels (
    label_id bigint generated always as identity primary key,
    interaction_id text not null,
    decision text not null,
    value text,
    labelled_by text not null,
    labelled_at timestamptz not null default clock_timestamp()
);
create index if not exists human_labels_interaction_id on ops.human_labels (interaction_id);
comment on table ops.human_labels is 'What people decided of an utterance; the newest row of a decision wins, and one without a value withdraws it.';

create table if not exists ops.transform_labels (
    transform_id bigint not null references ops.transform_runs (transform_id),
    label_id bigint not null references ops.human_labels (label_id),
    primary key (transform_id, label_id)
);
create index if not exists transform_labels_label_id on ops.transform_labels (label_id);

-- Of labels as of loads: what the running transform must bring into the star, and what models may see.
create or replace view ops.pending_labels as
select label_id from ops.transform_labels
where transform_id = (select max(transform_id) from ops.transform_runs);

create or replace view ops.visible_labels as
select human_labels.* from ops.human_labels
where label_id in (
    select transform_labels.label_id from ops.transform_labels
    inner join ops.transform_runs on transform_labels.transform_id = transform_runs.transform_id
    where transform_runs.status = 'published'
    union
    select pending_labels.label_id from ops.pending_labels
);

-- Who else an author may be, by likeness: the pairs probable enough to be looked at. One row per author and customer.
create table if not exists enriched.identity_links (
    source text not null,
    author_native_id text not null,
    customer_id text not null,
    probability double precision not null,
    evidence text not null,
    model_version text not null,
    primary key (source, author_native_id, customer_id)
);
create index if not exists identity_links_customer_id on enriched.identity_links (customer_id);
comment on table enriched.identity_links is 'Authors and customers who are probably one person, with what agreed (never its values) and the model that says so.';

-- How each author calls themselves, newest value of each kind: what likeness is judged by.
create table if not exists enriched.author_profiles (
    source text not null,
    author_native_id text not null,
    full_name text not null,
    handle text,
    email text,
    phone text,
    primary key (source, author_native_id)
);

-- Authors whose probable links a transform changed.
create table if not exists enriched.authors_relinked (
    source text not null,
    author_native_id text not null,
    transform_id bigint not null references ops.transform_runs (transform_id),
    primary key (transform_id, source, author_native_id)
);

create table if not exists ops.identity_decisions (
    decision_id bigint generated always as identity primary key,
    source text not null,
    author_native_id text not null,
    customer_id text not null,
    verdict text not null check (verdict in ('blocked', 'confirmed', 'withdrawn')),
    reason text not null,
    decided_by text not null,
    decided_at timestamptz not null default clock_timestamp()
);
create index if not exists identity_decisions_author on ops.identity_decisions (source, author_native_id);
comment on table ops.identity_decisions is 'What people decided of an author and a customer; the newest row of a pair wins, and `withdrawn` leaves it to the keys again.';

-- What a customer is known by and to whom: those of a CRM over an API have its name ahead, all others are the customer
-- database's own.
create or replace function ops.customer_identifier(customer_id text) returns text
language sql immutable strict parallel safe
as $$
    select case
        when customer_id ~ '^[a-z_]+:' then regexp_replace(lower(customer_id), ':', '|')
        else 'crm|' || lower(customer_id)
    end
$$;

create table if not exists ops.transform_decisions (
    transform_id bigint not null references ops.transform_runs (transform_id),
    decision_id bigint not null references ops.identity_decisions (decision_id),
    primary key (transform_id, decision_id)
);
create index if not exists transform_decisions_decision_id on ops.transform_decisions (decision_id);

create or replace view ops.pending_decisions as
select decision_id from ops.transform_decisions
where transform_id = (select max(transform_id) from ops.transform_runs);

create or replace view ops.visible_decisions as
select identity_decisions.* from ops.identity_decisions
where decision_id in (
    select transform_decisions.decision_id from ops.transform_decisions
    inner join ops.transform_runs on transform_decisions.transform_id = transform_runs.transform_id
    where transform_runs.status = 'published'
    union
    select pending_decisions.decision_id from ops.pending_decisions
);

-- RFC 2104's HMAC over the built-in sha256(): pgcrypto is not installed everywhere. `pad` repeats one byte eight times.
create or replace function ops.xor_block(block_hex text, pad bigint) returns bytea
language sql immutable strict parallel safe
as $$
    select string_agg(
        int8send(('x' || substr(block_hex, 1 + 16 * part, 16))::bit(64)::bigint # pad), ''::bytea order by part
    )
    from generate_series(0, 7) as part
$$;

-- What RFC 2104 puts ahead of the inner and the outer message, of the session's key, which is never part of a statement.
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

-- By which a transform knows another key than the one by which authors have their pseudonyms. Like any pseudonym, it tells
-- nothing of a key that cannot be guessed.
create table if not exists ops.pseudonym_key (
    is_only boolean primary key default true check (is_only),
    fingerprint text not null,
    kept_since timestamptz not null default clock_timestamp()
);
comment on table ops.pseudonym_key is 'The pseudonym of a word that names nobody, under the key in use: a transform with another key is refused.';

-- Hex SHA-256 of a text, by which what was decided of it is kept and found; NULL without a text.
create or replace function ops.text_key(said text) returns text
language sql stable parallel safe
as $$
    select case when said <> '' then encode(sha256(convert_to(said, 'UTF8')), 'hex') end
$$;

-- A text without what identifies a person or opens an account: e-mail addresses, card and account numbers, phone
-- numbers, national ids (US SSN, Indian PAN, Singapore NRIC), handles and the addresses of profiles; a password, PIN or
-- one-time code that is called so, if there is a digit in it: without one it is a word as any. ISO dates stay.
-- Each pattern is tried only where what it needs occurs: most texts need none, and some patterns are slow.
create or replace function ops.mask_text(said text) returns text
language plpgsql immutable strict parallel safe
as $$
declare
    -- Not a class of letters: vowel signs of Indic scripts are none.
    in_handle constant text := '[^[:space:]@.,;:!?()<>"/|#&*=+~{}$%^`\[\]\\\u2018-\u201f\u2026\u3001\u3002\uff01\uff08\uff09\uff0c\uff1a\uff1b\uff1f]';
    iso_date constant text := '\d{4}-\d{2}-\d{2}';
begin
    if said !~* '[@\d\uff10-\uff20]|\.(com|net|app|me)/|u/|\.bsky\.' then
        return said;
    end if;
    -- Blanks, dashes, digits and at signs that only look different are read as the plain ones.
    if said ~ '[\u00a0\u2007\u202f\u2010-\u2015\uff10-\uff20]' then
        said := translate(
            said,
            U&'\00A0\2007\202F\2010\2011\2012\2013\2014\2015\FF10\FF11\FF12\FF13\FF14\FF15\FF16\FF17\FF18\FF19\FF20',
            '   ------0123456789@'
        );
    end if;
    if said ~* '\m(?:pass(?:word|code)|pwd|pin|otp|cv[vc])\M' then
        said := regexp_replace(
            said,
            '(\m(?:pass(?:word|code)|pwd|pin(?: number)?|otp|cv[vc])\M *(?:is|was|=|:)[[:space:]]*)'
            || '(?=[^[:space:]]*\d)[^[:space:]]{2,}[^[:space:].,;!?)]',
            '\1[secret]', 'gi'
        );
    end if;
    if strpos(said, '@') > 0 then
        said := regexp_replace(said, '[[:alnum:]._%+-]+@[[:alnum:]-]+(?:\.[[:alnum:]-]+)+', '[email]', 'gi');
    end if;
    -- One question without looking around, which most texts answer with no, before three replacements that look around.
    if said ~* '\d(?:[ ().-]{0,3}\d){7}|\d{4}[A-Z]|\d-\d{2}-\d|\d{4} ?[/_] ?\d{4}' then
        -- Only in the groups of cards, or two dates with a blank between them would be a number.
        if said ~ '\d{4} ?[/_] ?\d{4}' then
            said := regexp_replace(
                said, '(?<!\d)\d{4}(?: ?[/_] ?\d{4}){3}(?!\d)|(?<!\d)\d{4} ?[/_] ?\d{6} ?[/_] ?\d{5}(?!\d)', '[number]', 'g'
            );
        end if;
        if said ~ '\d(?:[ .-]{0,3}\d){12}' then
            said := regexp_replace(said, '(?<!\d)\d(?:[ .-]{0,3}\d){12,}(?!\d)', '[number]', 'g');
        end if;
        if said ~* '\d{4}[A-Z]|\d-\d{2}-\d' then
            said := regexp_replace(
                said,
                '\m[STFG]\d{7}[A-Z]\M|\m[A-Z]{5}\d{4}[A-Z]\M|(?<!\d)\d{3}-\d{2}-\d{4}(?!\d)',
                '[id]', 'gi'
            );
        end if;
        -- Looking ahead for a date costs four times the rest, so only where there is one.
        said := regexp_replace(
            said,
            '\(?\+?(?<!\d)' || case when said ~ iso_date then '(?!' || iso_date || '(?!\d))' else '' end
            || '\d(?:[ ().-]{0,2}\d){7,14}(?!\d)',
            '[phone]', 'g'
        );
    end if;
    if strpos(said, '/') > 0 and said ~* '\.(com|net|app|me)/' then
        said := regexp_replace(
            said,
            '((?<![[:alnum:]])(?:(?:x|twitter|instagram|facebook|tiktok|threads)\.(?:com|net)|reddit\.com/+u(?:ser)?'
            || '|bsky\.app/+profile|linkedin\.com/+(?:in|pub)|(?:t|telegram)\.me(?:/+s)?)/+)'
            || '@?(?:did:[a-z]+:)?[[:alnum:]_.%-]+',
            '\1[handle]', 'gi'
        );
    end if;
    if strpos(said, '@') > 0 then
        said := regexp_replace(said, '@+' || in_handle || '+(?:\.' || in_handle || '+)*', '[handle]', 'g');
    end if;
    if strpos(said, '.bsky.') > 0 then
        said := regexp_replace(said, '[[:alnum:]-]+\.bsky\.social(?![[:alnum:]])', '[handle]', 'g');
    end if;
    -- Names on Reddit have three letters at least: "u/s" is none.
    if strpos(said, '/') > 0 and said ~* 'u/[[:alnum:]_-]{3}' then
        said := regexp_replace(said, '(?<![[:alnum:]_/.-])(?:/?u/[[:alnum:]_-]{3,})+', '[handle]', 'gi');
    end if;
    return said;
end
$$;

create schema if not exists bi authorization transformer;

create table if not exists bi.publications (
    publication_id bigint generated always as identity primary key,
    transform_id bigint not null unique,
    as_of timestamptz not null,
    published_at timestamptz not null default clock_timestamp(),
    run_id text not null,
    is_full_refresh boolean not null,
    load_count bigint not null,
    interaction_count bigint not null,
    conversation_count bigint not null,
    table_counts jsonb not null
);
alter table bi.publications owner to transformer;
grant select on bi.publications to bi_viewer;
comment on table bi.publications is 'One row per version of this schema: what it knows of (as_of), when it came, and how many rows it holds.';

-- Which rows of `bi` a role sees: its markets, or `all`. Filled from the seed of the same name, at once when it changes.
create table if not exists bi.market_entitlements (
    role_name text not null,
    market_code text not null,
    primary key (role_name, market_code)
);
alter table bi.market_entitlements owner to transformer;
grant select on bi.market_entitlements to bi_viewer;
comment on table bi.market_entitlements is 'One row per role and market whose rows it sees; `all` is every market and what belongs to none.';

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

-- One row per target, locked for as long as something is sent there.
drop table if exists ops.activation_lock;
create table if not exists ops.activation_targets (target text primary key);
alter table ops.activation_targets owner to transformer;

-- What the machinery has to tell people: written by the failure callback of a task or a run, or by a missed
-- deadline, before anything is sent, so that a killed one loses nothing. One row per DAG, task, kind of error and day in UTC.
create table if not exists ops.run_failures (
    failure_id text primary key,
    incident text not null check (incident in ('failed_task', 'late_run')),
    dag_id text not null,
    task_id text,
    run_id text not null,
    error_kind text not null,
    message text not null,
    next_step text not null,
    runbook text not null,
    failure_count integer not null default 1,
    first_failed_at timestamptz not null default clock_timestamp(),
    last_failed_at timestamptz not null default clock_timestamp()
);
comment on table ops.run_failures is 'What went wrong in a run of Airflow, one row per DAG, task, kind of error and day: what people are notified of.';

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

-- Posts of Bluesky were known by their addresses, which name their authors; now by hashes of these, in raw as in what
-- people and targets were told of them. A full refresh makes the rest anew.
do $$
begin
    if to_regclass('raw_bluesky.posts') is not null then
        update raw_bluesky.posts set _record_key = md5(_record_key) where _record_key like 'at://%';
    end if;
    if to_regclass('ops.cleared_words') is not null then
        update ops.cleared_words set interaction_id = 'bluesky:' || md5(substr(interaction_id, length('bluesky:') + 1))
        where interaction_id like 'bluesky:at://%';
    end if;
end
$$;
update ops.human_labels set interaction_id = 'bluesky:' || md5(substr(interaction_id, length('bluesky:') + 1))
where interaction_id like 'bluesky:at://%';
update bi.activations
set
    activation_id = replace(activation_id, activations.conversation_id, hashed.conversation_id),
    item_id = replace(item_id, activations.conversation_id, hashed.conversation_id),
    conversation_id = hashed.conversation_id
from (
    select distinct
        conversation_id as named,
        'bluesky:' || md5(substr(conversation_id, length('bluesky:') + 1)) as conversation_id
    from bi.activations
    where conversation_id like 'bluesky:at://%'
) as hashed
where activations.conversation_id = hashed.named;
