-- One row per calendar of working hours, with a fingerprint of everything that determines its windows.
{{ config(tags=['standing']) }}

with

calendars as (

    select * from {{ ref('business_calendars') }}

),

lines as (

    select
        calendar_code,
        concat_ws('|', 'hours', iso_weekday, opens_at, closes_at, coalesce(valid_from, '-infinity'), valid_to) as line
    from {{ ref('business_hours') }}
    union all
    select
        calendar_code,
        concat_ws('|', 'exception', exception_date, coalesce(opens_at::text, 'closed'), closes_at) as line
    from {{ ref('business_exceptions') }}

),

fingerprints as (

    select
        calendar_code,
        string_agg(line, ';' order by line) as lines
    from lines
    group by calendar_code

),

final as (

    select
        calendars.calendar_code,
        calendars.timezone,
        md5(concat_ws(
            ';', '{{ var("business_horizon") | join(";") }}', calendars.timezone, fingerprints.lines
        )) as rules_hash
    from calendars
    left join fingerprints
        on calendars.calendar_code = fingerprints.calendar_code

)

select * from final
