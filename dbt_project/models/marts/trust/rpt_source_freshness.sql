-- One row per resource of a source: up to when it is complete, and what is missing. Read from the ledger as it is now.
{{ config(materialized='view') }}

with

ledger as (

    select * from {{ source('raw', 'load_ledger') }}

),

windows as (

    select
        source,
        resource,
        window_start,
        window_end,
        bool_or(status = 'checked') as is_complete,
        (array_agg(status order by attempt desc))[1] as last_status,
        (array_agg(error_kind order by attempt desc))[1] as last_error_kind,
        max(coalesce(finished_at, started_at)) as last_tried_at
    from ledger
    group by source, resource, window_start, window_end

),

-- Windows of a backfill may overlap those of daily runs.
complete as (

    select
        source,
        resource,
        window_start,
        window_end,
        max(window_end) over (
            partition by source, resource order by window_start, window_end
            rows between unbounded preceding and 1 preceding
        ) as complete_before
    from windows
    where is_complete

),

spans as (

    select
        source,
        resource,
        min(window_start) as complete_from,
        max(window_end) as complete_until,
        count(*) filter (where window_start > complete_before) as hole_count,
        sum(extract(epoch from window_start - complete_before)) filter (where window_start > complete_before)
            as hole_seconds
    from complete
    group by source, resource

),

newest as (

    select distinct on (source, resource) -- the window that was last due
        source,
        resource,
        window_end - window_start as window_length,
        last_status,
        last_error_kind,
        last_tried_at
    from windows
    order by source asc, resource asc, window_end desc, window_start desc

),

-- The ledger's own clock: the newest window that any source was asked for.
expected as (

    select max(window_end) as expected_until from ledger

),

final as (

    select
        newest.source || '.' || newest.resource as resource_key,
        newest.source,
        newest.resource,
        newest.last_status,
        newest.last_error_kind,
        {{ seconds_between('spans.complete_until', 'expected.expected_until') }} as lag_seconds,
        coalesce(spans.hole_count, 0) as hole_count,
        coalesce(spans.hole_seconds, 0)::bigint as hole_seconds,
        coalesce(expected.expected_until - spans.complete_until >= newest.window_length, true) as is_stale,
        spans.complete_from,
        spans.complete_until,
        expected.expected_until,
        newest.last_tried_at
    from newest
    cross join expected
    left join spans
        on newest.source = spans.source and newest.resource = spans.resource

)

select * from final
