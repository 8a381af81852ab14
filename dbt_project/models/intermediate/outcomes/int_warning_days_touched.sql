-- One row per market day whose alarms this run must replace: those whose counts changed, and those compared with them.
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

final as (

    select
        hours.market_code,
        hours.local_date_key
    from touched
    cross join rules
    inner join hours
        on
            touched.market_code = hours.market_code
            and hours.local_date_key between touched.local_date_key and touched.local_date_key + rules.history_days
    -- UNION, since many changed days precede each; and a day whose counts are gone loses its alarms too.
    union
    select
        market_code,
        local_date_key
    from touched

)

select * from final
