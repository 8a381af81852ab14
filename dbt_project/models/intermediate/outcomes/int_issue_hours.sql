-- One row per market, brand, issue and local hour in which somebody first spoke of it that day.
{{
    config(
        materialized='incremental',
        unique_key=['market_code', 'local_date_key'],
        meta={'changed_keys': 'int_market_days_touched'},
        indexes=[
            {'columns': ['market_code', 'local_date_key']},
            {'columns': ['market_code', 'brand_code', 'issue_code', 'local_hour_at']}
        ]
    )
}}

with

-- People describe an outage in many ways, so everything that mentions a brand is a series too, as issue `any`.
mentions as (

    select
        mentions.*,
        series.issue_code as series_issue_code
    from {{ ref('int_market_days_touched') }} as days
    inner join {{ ref('int_issue_mentions') }} as mentions
        on days.market_code = mentions.market_code and days.local_date_key = mentions.local_date_key
    cross join lateral (values (mentions.issue_code), ('any')) as series (issue_code)
    where mentions.is_serviceable is not false

),

markets as (

    select * from {{ ref('markets') }}

),

-- A person who complains ten times a day about one issue has one problem: their first mention counts.
first_mentions as (

    select distinct on
    (
        mentions.market_code, mentions.local_date_key, mentions.brand_code, mentions.series_issue_code,
        mentions.speaker_key
    )
        mentions.*,
        date_trunc('hour', mentions.published_at at time zone coalesce(markets.timezone, 'UTC')) as local_hour_at
    from mentions
    left join markets
        on mentions.market_code = markets.market_code
    order by
        mentions.market_code, mentions.local_date_key, mentions.brand_code, mentions.series_issue_code,
        mentions.speaker_key, mentions.published_at, mentions.interaction_id

),

final as (

    select
        market_code,
        local_date_key,
        brand_code,
        series_issue_code as issue_code,
        local_hour_at,
        count(*)::integer as author_count,
        count(sentiment_label)::integer as scored_author_count,
        count(*) filter (where sentiment_label = 'negative')::integer as negative_author_count,
        (array_agg(interaction_id order by published_at, interaction_id))[1] as first_interaction_id,
        min(published_at) as first_at,
        max(published_at) as last_at
    from first_mentions
    group by market_code, local_date_key, brand_code, series_issue_code, local_hour_at

)

select * from final
