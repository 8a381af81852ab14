-- One row per market, local month and channel: contacts, their cost, and the cost of repeats.
{{ config(materialized='view') }}

with

contacts as (

    select
        *,
        date_trunc('month', local_date_key)::date as month_start_date
    from {{ ref('fct_contacts') }}

),

final as (

    select
        concat_ws(':', market_code, month_start_date, channel_code) as channel_cost_key,
        market_code,
        month_start_date,
        channel_code,
        count(*)::integer as contact_count,
        count(cost_usd)::integer as costed_count,
        count(*) filter (where is_repeat)::integer as repeat_count,
        sum(cost_usd) as cost_usd,
        sum(cost_usd) filter (where is_repeat) as repeat_cost_usd
    from contacts
    group by market_code, month_start_date, channel_code

)

select * from final
