-- What Python finds out about texts and people.
create schema if not exists enriched;

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
-- A warehouse from before the care lexicon keeps the scores of its earlier versions, which have no care score.
alter table enriched.text_sentiment add column if not exists care_compound double precision;
comment on table enriched.text_sentiment is 'Language and sentiment, once per distinct text (hex SHA-256) and scorer version.';

-- The decisions about each text. The lists of one kind of decision run in parallel, largest weight first, so that a
-- model reads the single best one without searching, and unnests the rest.
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

-- The version whose decisions the star shows: the one that the last completed enrichment used.
create table if not exists enriched.classifier_in_use (
    is_only boolean primary key default true check (is_only),
    classifier_version text not null
);

-- Which other customers an author may be, by similarity: pairs probable enough to be reviewed. One row per author and
-- customer.
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

-- What each author calls themselves, newest value of each kind: the basis of similarity.
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
