-- One row per local month, market, channel family and metric: service levels attained and missed, counted and weighted.
{{
    config(
        materialized='incremental',
        unique_key='month_start_date',
        meta={'changed_keys': 'int_sla_months_touched'},
        indexes=[{'columns': ['sla_attainment_id'], 'unique': True}, {'columns': ['month_start_date']}]
    )
}}

with

months as (

    select * from {{ ref('int_sla_months_touched') }}

),

events as (

    select
        months.month_start_date,
        events.market_code,
        channels.channel_family,
        events.metric,
        events.conversation_id,
        events.customer_id,
        events.outcome,
        events.is_attained,
        events.is_attained_by_team,
        -- A weight without a verdict would only be in the denominator; a customer of negative value has no weight.
        case
            when events.is_attained is not null and customers.lifetime_value_usd > 0 then customers.lifetime_value_usd
        end as judged_value_usd,
        case when events.is_attained is not null then events.author_followers end as judged_reach
    from months
    inner join {{ ref('fct_sla_events') }} as events
        on
            months.month_start_date <= events.local_date_key
            and months.month_start_date + interval '1 month' > events.local_date_key
            -- Found by its index: no market's day is further away from the day in UTC.
            and events.date_key between months.month_start_date - 1 and months.month_start_date + interval '1 month'
    inner join {{ ref('dim_channel') }} as channels
        on events.channel_code = channels.channel_code
    inner join {{ ref('dim_customer') }} as customers
        on events.customer_key = customers.customer_key

),

counted as (

    select
        month_start_date,
        market_code,
        channel_family,
        metric,
        count(*)::integer as event_count,
        count(distinct conversation_id)::integer as conversation_count,
        count(distinct customer_id)::integer as customer_count,
        count(*) filter (where outcome = 'attained')::integer as attained_count,
        count(*) filter (where outcome = 'missed')::integer as missed_count,
        count(*) filter (where outcome = 'running')::integer as running_count,
        count(*) filter (where outcome = 'not_judged')::integer as not_judged_count,
        avg(is_attained::integer) as attained_share,
        avg(is_attained_by_team::integer) as team_attained_share,
        sum(judged_value_usd) as judged_value_usd,
        sum(judged_value_usd) filter (where is_attained) as attained_value_usd,
        sum(judged_reach)::bigint as judged_reach,
        sum(judged_reach) filter (where is_attained)::bigint as attained_reach
    from events
    group by month_start_date, market_code, channel_family, metric

),

final as (

    select
        concat_ws(':', month_start_date, market_code, channel_family, metric) as sla_attainment_id,
        month_start_date,
        market_code,
        channel_family,
        metric,
        event_count,
        conversation_count,
        customer_count,
        attained_count,
        missed_count,
        running_count,
        not_judged_count,
        round(attained_share, 4) as attained_share,
        round(team_attained_share, 4) as team_attained_share,
        round(coalesce(attained_value_usd, 0) / nullif(judged_value_usd, 0), 4) as attained_share_of_value,
        round(coalesce(attained_reach, 0)::numeric / nullif(judged_reach, 0), 4) as attained_share_of_reach,
        judged_value_usd,
        judged_reach
    from counted

)

select * from final
