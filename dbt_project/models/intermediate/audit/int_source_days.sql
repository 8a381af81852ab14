-- One row per resource of a source and UTC day since its first window: whether that day is complete in the warehouse.
{{ config(tags=['standing']) }}

with

windows as (

    select * from {{ source('raw', 'load_ledger') }}

),

resources as (

    select
        source,
        resource,
        min(window_start) as asked_since,
        -- Windows of a backfill may overlap those of daily runs, and others last an hour.
        range_agg(tstzrange(window_start, window_end)) filter (where status = 'checked') as complete
    from windows
    group by source, resource

),

-- The ledger's own clock: a resource that nobody asks for any more is late, too.
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
