-- One row per resource of a source and UTC day since its first window: whether the whole day was read.
{{ config(tags=['standing']) }}

with

windows as (

    select * from {{ source('raw', 'load_ledger') }}

),

-- Periods that a source could no longer deliver, although the rest of the window was accepted.
gaps as (

    select
        source,
        resource,
        range_agg(tstzrange(gap_start, gap_end)) as missing
    from {{ source('raw', 'load_gaps') }}
    group by source, resource

),

resources as (

    select
        windows.source,
        windows.resource,
        min(windows.window_start) as asked_since,
        -- Windows of a backfill may overlap those of daily runs, and others last an hour.
        range_agg(tstzrange(windows.window_start, windows.window_end)) filter (where windows.status = 'checked')
        - coalesce((array_agg(gaps.missing))[1], '{}') as complete
    from windows
    left join gaps
        on windows.source = gaps.source and windows.resource = gaps.resource
    group by windows.source, windows.resource

),

-- By the ledger's own clock: a resource that nobody requests any more is late, too.
expected as (

    select max(window_end) as expected_until from windows

),

days as (

    select
        resources.*,
        starts.day_start
    from resources
    cross join expected
    cross join
        lateral generate_series(
            date_trunc('day', resources.asked_since, 'UTC'), expected.expected_until - interval '1 day', '1 day'
        ) as starts (day_start)
    where starts.day_start >= resources.asked_since

),

final as (

    select
        source,
        resource,
        (day_start at time zone 'UTC')::date as date_key,
        coalesce(complete @> tstzrange(day_start, day_start + interval '1 day'), false) as is_complete
    from days

)

select * from final
