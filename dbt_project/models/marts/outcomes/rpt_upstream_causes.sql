-- One row per market, local month, product and issue: what its contacts cost and how customers feel about it, ranked.
{{ config(materialized='view') }}

with

contacts as (

    select
        *,
        date_trunc('month', local_date_key)::date as month_start_date
    from {{ ref('fct_contacts') }}

),

causes as (

    select
        market_code,
        month_start_date,
        product_code,
        issue_code,
        count(*)::integer as contact_count,
        count(distinct customer_id)::integer as customer_count,
        count(*) filter (where is_repeat)::integer as repeat_count,
        -- Repeats are known earlier than their absence.
        count(is_repeated) filter (where is_repeat_time_over)::integer as judged_count,
        count(*) filter (where is_repeat_time_over and is_repeated)::integer as repeated_count,
        count(*) filter (where is_repeat_time_over and is_cross_channel_move)::integer as cross_channel_count,
        count(is_first_contact_resolved) filter (where is_repeat_time_over)::integer as first_contact_judged_count,
        count(*) filter (where is_repeat_time_over and is_first_contact_resolved)::integer
            as first_contact_resolved_count,
        count(first_customer_sentiment)::integer as scored_count,
        count(cost_usd)::integer as costed_count,
        sum(cost_usd) as cost_usd,
        round(avg(first_customer_sentiment::numeric), 4) as mean_sentiment
    from contacts
    group by market_code, month_start_date, product_code, issue_code

),

final as (

    select
        concat_ws(':', market_code, month_start_date, product_code, issue_code) as upstream_cause_key,
        market_code,
        month_start_date,
        product_code,
        issue_code,
        contact_count,
        customer_count,
        repeat_count,
        judged_count,
        repeated_count,
        cross_channel_count,
        first_contact_judged_count,
        first_contact_resolved_count,
        scored_count,
        costed_count,
        cost_usd,
        mean_sentiment,
        rank() over (partition by market_code, month_start_date order by contact_count desc)::integer as contact_rank,
        case
            when cost_usd is not null
                then rank() over (partition by market_code, month_start_date order by cost_usd desc nulls last)
        end::integer as cost_rank,
        case
            when mean_sentiment is not null
                then rank() over (partition by market_code, month_start_date order by mean_sentiment nulls last)
        end::integer as sentiment_rank
    from causes

)

select * from final
