-- One row per touched market day and hour of the day: the usual share of the day's traffic in that hour.
{{ config(materialized='table', indexes=[{'columns': ['market_code', 'local_date_key']}]) }}

with

histories as (

    select * from {{ ref('int_market_day_histories') }}

),

hours as not materialized (

    select * from {{ ref('int_issue_hours') }}
    where issue_code = 'any'

),

final as (

    select
        histories.market_code,
        histories.local_date_key,
        extract(hour from hours.local_hour_at)::integer as hour_of_day,
        sum(hours.author_count)
        / sum(sum(hours.author_count)) over (partition by histories.market_code, histories.local_date_key) as hour_share
    from histories
    inner join hours
        on histories.market_code = hours.market_code and histories.history_date = hours.local_date_key
    group by histories.market_code, histories.local_date_key, extract(hour from hours.local_hour_at)

)

select * from final
