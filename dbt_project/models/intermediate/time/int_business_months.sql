-- One row per calendar and UTC month that its windows reach: those windows, in order.
{{
    config(
        materialized='table',
        tags=['standing'],
        indexes=[{'columns': ['calendar_code', 'month_start_date'], 'unique': True}]
    )
}}

with

windows as (

    select
        *,
        coalesce(next_starts_at, ends_at) as known_until
    from {{ ref('int_business_windows') }}

),

-- A window applies to all moments until the next one: also in the months between them.
reached as (

    select
        windows.*,
        months.month_start_date::date as month_start_date
    from windows
    cross join
        generate_series(
            date_trunc('month', windows.starts_at at time zone 'UTC'),
            windows.known_until at time zone 'UTC',
            interval '1 month'
        ) as months (month_start_date)

),

final as (

    select
        calendar_code,
        month_start_date,
        array_agg(starts_at order by starts_at) as starts_at,
        array_agg(open_seconds_before order by starts_at) as open_seconds_before,
        array_agg(open_seconds order by starts_at) as open_seconds,
        max(known_until) as known_until
    from reached
    group by calendar_code, month_start_date

)

select * from final
