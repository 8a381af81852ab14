-- One row per touched market day, brand and issue: the usual number of people on such a day, and its spread.
{{ config(materialized='table', indexes=[{'columns': ['market_code', 'local_date_key']}]) }}

with

histories as not materialized (

    select * from {{ ref('int_market_day_histories') }}

),

issue_days as (

    select
        market_code,
        local_date_key,
        brand_code,
        issue_code,
        sum(author_count) as author_count,
        sum(scored_author_count) as scored_author_count,
        sum(negative_author_count) as negative_author_count
    from {{ ref('int_issue_hours') }}
    where local_date_key >= (select min(histories.history_date) from histories)
    group by market_code, local_date_key, brand_code, issue_code

),

-- A day without the issue counts as 0, and each count is relative to the usual traffic of its weekday.
compared as (

    select
        judged.market_code,
        judged.local_date_key,
        judged.brand_code,
        judged.issue_code,
        histories.usual_author_count,
        coalesce(earlier.author_count, 0) as author_count,
        coalesce(earlier.author_count, 0) / histories.history_usual_author_count as traffic_share,
        earlier.scored_author_count,
        earlier.negative_author_count
    from histories
    inner join issue_days as judged
        on histories.market_code = judged.market_code and histories.local_date_key = judged.local_date_key
    left join issue_days as earlier
        on
            judged.market_code = earlier.market_code
            and histories.history_date = earlier.local_date_key
            and judged.brand_code = earlier.brand_code
            and judged.issue_code = earlier.issue_code

),

summaries as (

    select
        market_code,
        local_date_key,
        brand_code,
        issue_code,
        count(*)::integer as history_day_count,
        min(usual_author_count) as usual_author_count,
        max(author_count) as peak_author_count,
        percentile_cont(0.5) within group (order by traffic_share) as median_share,
        array_agg(traffic_share) as traffic_shares,
        -- As if there had been one more positive and one more negative person: a small number never gives a share of 0
        -- or 1.
        (coalesce(sum(negative_author_count), 0) + 1)::double precision
        / (coalesce(sum(scored_author_count), 0) + 2) as negative_share
    from compared
    group by market_code, local_date_key, brand_code, issue_code

),

final as (

    select
        market_code,
        local_date_key,
        brand_code,
        issue_code,
        history_day_count,
        peak_author_count,
        median_share * usual_author_count as expected_author_count,
        1.4826 * usual_author_count * (
            select percentile_cont(0.5) within group (order by abs(past.traffic_share - summaries.median_share))
            from unnest(summaries.traffic_shares) as past (traffic_share)
        ) as author_count_spread,
        negative_share
    from summaries

)

select * from final
