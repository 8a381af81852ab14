-- One row per stretch of time in which a calendar is open, on each local day of the horizon.
{{
    config(
        materialized='incremental',
        unique_key='calendar_code',
        tags=['standing'],
        pre_hook="{{ delete_windows_of_old_rules() }}",
        indexes=[
            {'columns': ['calendar_code', 'starts_at'], 'unique': True},
            {'columns': ['calendar_code', 'open_seconds_before']}
        ]
    )
}}

with

local_days as (

    select
        rules.calendar_code,
        rules.timezone,
        rules.rules_hash,
        days.local_day::date as local_date
    from {{ ref('int_calendar_rules') }} as rules
    cross join
        generate_series(
            date '{{ var("business_horizon")[0] }}', date '{{ var("business_horizon")[1] }}', interval '1 day'
        ) as days (local_day)
    {% if is_incremental() %}
        where rules.calendar_code not in (select known.calendar_code from {{ this }} as known)
    {% endif %}

),

hours as (

    select * from {{ ref('business_hours') }}

),

exceptions as (

    select * from {{ ref('business_exceptions') }}

),

openings as (

    select
        local_days.*,
        hours.opens_at,
        hours.closes_at
    from local_days
    inner join hours
        on
            local_days.calendar_code = hours.calendar_code
            and extract(isodow from local_days.local_date) = hours.iso_weekday
            and local_days.local_date >= coalesce(hours.valid_from, '-infinity')
            and local_days.local_date <= coalesce(hours.valid_to, 'infinity')
    left join exceptions
        on local_days.calendar_code = exceptions.calendar_code and local_days.local_date = exceptions.exception_date
    where exceptions.calendar_code is null
    union all
    select
        local_days.*,
        exceptions.opens_at,
        exceptions.closes_at
    from local_days
    inner join exceptions
        on local_days.calendar_code = exceptions.calendar_code and local_days.local_date = exceptions.exception_date
    where exceptions.opens_at is not null

),

moments as (

    select
        calendar_code,
        rules_hash,
        {{ moment_of_local('(local_date + opens_at)', 'timezone') }} as starts_at,
        {{ moment_of_local('(local_date + (closes_at <= opens_at)::integer + closes_at)', 'timezone') }} as ends_at
    from openings

),

-- Windows that overlap or touch become one; a window that a jump of the clock skips leaves nothing.
spans as (

    select
        calendar_code,
        rules_hash,
        unnest(range_agg(tstzrange(starts_at, ends_at))) as span
    from moments
    group by calendar_code, rules_hash

),

final as (

    select
        calendar_code || ':' || to_char(lower(span) at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI"Z"')
            as business_window_key,
        calendar_code,
        rules_hash,
        coalesce(
            sum(extract(epoch from upper(span) - lower(span))) over (
                partition by calendar_code order by lower(span) rows between unbounded preceding and 1 preceding
            ), 0
        )::bigint as open_seconds_before,
        extract(epoch from upper(span) - lower(span))::bigint as open_seconds,
        lower(span) as starts_at,
        upper(span) as ends_at,
        lead(lower(span)) over (partition by calendar_code order by lower(span)) as next_starts_at
    from spans

)

select * from final
