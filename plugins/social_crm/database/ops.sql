-- What transforms, doors, Airflow's runs and people record: which loads count, what was found and decided.
create schema if not exists ops;

create table if not exists ops.transform_runs (
    transform_id bigint generated always as identity primary key,
    run_id text not null,
    as_of timestamptz not null,
    is_full_refresh boolean not null default false,
    refresh_reason text,
    status text not null check (status in ('running', 'published', 'failed')),
    started_at timestamptz not null default clock_timestamp(),
    finished_at timestamptz,
    scorer_version text,
    classifier_version text,
    project_version text,
    step text not null default 'begun'
);
alter table ops.transform_runs add column if not exists refresh_reason text;
alter table ops.transform_runs add column if not exists scorer_version text;
alter table ops.transform_runs add column if not exists classifier_version text;
alter table ops.transform_runs add column if not exists project_version text;
alter table ops.transform_runs add column if not exists step text not null default 'begun';
comment on table ops.transform_runs is 'One row per transform; as_of is the end of the newest window it saw, never the clock.';
comment on column ops.transform_runs.refresh_reason is 'Why all of history was rebuilt; NULL where it was not.';
comment on column ops.transform_runs.scorer_version is 'Version of the sentiment scorer whose scores the star shows.';
comment on column ops.transform_runs.classifier_version is 'Version of the rules and the model that decided what texts mean.';
comment on column ops.transform_runs.step is 'How far it has come: begun, staged, enriched or built.';
comment on column ops.transform_runs.project_version is 'Fingerprint of the files of the dbt project that built it.';

create table if not exists ops.definitions (
    project_version text primary key,
    definitions jsonb not null
);
comment on table ops.definitions is 'One row per version of the dbt project: a fingerprint of each model, seed and function that history follows from.';

create table if not exists ops.transform_loads (
    transform_id bigint not null references ops.transform_runs (transform_id),
    load_id bigint not null,
    primary key (transform_id, load_id)
);
-- Not `if not exists`, which locks the table before it checks: a running build holds it for a long time.
do $$
begin
    if to_regclass('ops.transform_loads_load_id') is null then
        create index transform_loads_load_id on ops.transform_loads (load_id);
    end if;
end
$$;

-- What the running (else the latest) transform must still bring into the star, fixed at its start.
create or replace view ops.pending_loads as
select load_id from ops.transform_loads
where transform_id = (select max(transform_id) from ops.transform_runs);

-- What models may see: everything that was ever published, and this transform's own loads.
create or replace view ops.visible_loads as
select transform_loads.load_id from ops.transform_loads
inner join ops.transform_runs on transform_loads.transform_id = transform_runs.transform_id
where transform_runs.status = 'published'
union
select load_id from ops.pending_loads;

create table if not exists ops.doubted_tables (
    table_name text primary key,
    found_at timestamptz not null default clock_timestamp()
);
comment on table ops.doubted_tables is 'One row per table of bi that no longer held what was published; the next publication restores it.';

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

-- The same for labels: what the running transform must bring into the star, and what models may see.
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

-- One row per target, locked while something is sent there.
create table if not exists ops.activation_targets (target text primary key);
alter table ops.activation_targets owner to transformer;

-- What people must be told about tasks and runs: the failure callback of a task or a run, or a missed deadline, writes
-- it before anything is sent, so that a killed process loses nothing. One row per DAG, task, kind of error and day in
-- UTC.
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
