-- One row per market, product, issue, channel family and local day on which customers spoke about it.
{{
    config(
        materialized='incremental',
        unique_key=['market_code', 'local_date_key'],
        meta={'changed_keys': 'int_market_days_touched'},
        indexes=[{'columns': ['issue_day_key'], 'unique': True}, {'columns': ['market_code', 'local_date_key']}]
    )
}}

with

mentions as (

    select * from {{ ref('int_issue_mentions') }}
    {{ only_changed('int_market_days_touched', 'market_code, local_date_key') }}

),

final as (

    select
        concat_ws(':', market_code, local_date_key, channel_family, product_code, issue_code) as issue_day_key,
        market_code,
        local_date_key,
        channel_family,
        product_code,
        issue_code,
        count(distinct interaction_id)::integer as interaction_count,
        sum(weight) as weighted_interaction_count,
        count(distinct conversation_id)::integer as conversation_count,
        count(distinct speaker_key)::integer as author_count,
        count(distinct customer_id)::integer as customer_count,
        count(distinct interaction_id) filter (where is_serviceable)::integer as serviceable_count,
        count(distinct interaction_id) filter (where sentiment_label is not null)::integer as scored_count,
        count(distinct interaction_id) filter (where sentiment_label = 'negative')::integer as negative_count,
        round(
            count(distinct interaction_id) filter (where sentiment_label = 'negative')::numeric
            / nullif(count(distinct interaction_id) filter (where sentiment_label is not null), 0), 4
        ) as negative_share
    from mentions
    group by market_code, local_date_key, channel_family, product_code, issue_code

)

select * from final
