-- One row per resource of a source: up to when it is complete, and what is missing, by the ledger as it is now.
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
        max(window_end) over so_far as complete_until,
        max(window_end) over before as complete_before,
        -- A backfill is running next to the gap that it fills.
        greatest(last_tried_at, lag(last_tried_at) over so_far) as last_tried_beside_at
    from windows
    where is_complete
    window
        so_far as (partition by source, resource order by window_start, window_end),
        before as (so_far rows between unbounded preceding and 1 preceding)

),

spans as (

    select
        source,
        resource,
        min(window_start) as complete_from,
        max(complete_until) as complete_until,
        count(*) filter (where window_start > complete_before) as hole_count,
        min(complete_before) filter (where window_start > complete_before) as hole_from,
        min(window_start) filter (where window_start > complete_before) as hole_until,
        max(last_tried_beside_at) filter (where window_start > complete_before) as hole_tried_at,
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

-- By the ledger's own clock: the newest window that was requested from any source.
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
        spans.hole_from,
        spans.hole_until,
        spans.hole_tried_at,
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
