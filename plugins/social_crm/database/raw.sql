-- What landing keeps beside the raw tables of sources, which are created from the registry.
create schema if not exists raw;

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

-- Attempts whose rows may be used: checked ones, and earlier attempts at a window that a later attempt completed.
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

-- How many records each window gave, all its attempts together, with the median of the seven windows before it: a whole
-- week, so that it includes quiet days. With too few earlier windows, the median is null.
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
