-- One row per stretch of time in which a calendar of working hours is open.
{{ config(tags=['standing'], indexes=[{'columns': ['calendar_code', 'starts_at'], 'unique': True}]) }}

with

windows as (

    select * from {{ ref('int_business_windows') }}

),

calendars as (

    select * from {{ ref('business_calendars') }}

),

final as (

    select
        windows.business_window_key,
        windows.calendar_code,
        calendars.calendar,
        calendars.timezone,
        windows.open_seconds_before,
        windows.open_seconds,
        windows.starts_at,
        windows.ends_at,
        windows.next_starts_at
    from windows
    inner join calendars
        on windows.calendar_code = calendars.calendar_code

)

select * from final
