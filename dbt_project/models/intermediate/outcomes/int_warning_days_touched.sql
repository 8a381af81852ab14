-- One row per market day whose alarms this run must replace: days whose counts changed, and days that are
-- compared with them.
{{ config(materialized='table', indexes=[{'columns': ['market_code', 'local_date_key'], 'unique': True}]) }}

with

touched as (

    select * from {{ ref('int_market_days_touched') }}

),

hours as (

    select * from {{ ref('int_issue_hours') }}

),

rules as (

    select max(history_days) as history_days from {{ ref('early_warning_rules') }}

),

-- Many changed days precede each of these.
days as (

    select
        touched.market_code,
        touched.local_date_key + following.day_count as local_date_key,
        bool_or(following.day_count = 0) as is_touched
    from touched
    cross join rules
    cross join lateral generate_series(0, rules.history_days) as following (day_count)
    group by touched.market_code, touched.local_date_key + following.day_count

),

final as (

    select
        days.market_code,
        days.local_date_key
    from days
    where
        -- A day that no longer has counts loses its alarms too.
        days.is_touched
        or exists (
            select 1 from hours
            where hours.market_code = days.market_code and hours.local_date_key = days.local_date_key
        )

)

select * from final
