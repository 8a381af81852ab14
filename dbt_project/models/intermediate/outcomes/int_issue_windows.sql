-- One row per touched hour with mentions of an issue and rule that judges it: what the window ending with it holds.
{{ config(materialized='table', indexes=[{'columns': ['market_code', 'local_date_key']}]) }}

with

baselines as (

    select * from {{ ref('int_issue_baselines') }}

),

rules as (

    select * from {{ ref('early_warning_rules') }}

),

hours as (

    select * from {{ ref('int_issue_hours') }}

),

rhythms as (

    select * from {{ ref('int_market_day_rhythms') }}

),

-- Of each measure the rule that asks for the longest history there is; with a shorter one than any asks, none.
judged as (

    select distinct on
    (baselines.market_code, baselines.local_date_key, baselines.brand_code, baselines.issue_code, rules.measure)
        baselines.*,
        rules.measure,
        rules.baseline,
        rules.window_hours
    from baselines
    inner join rules
        on
            baselines.history_day_count >= rules.minimum_days
            and (rules.baseline = 'peak' or baselines.expected_author_count is not null)
    order by
        baselines.market_code asc,
        baselines.local_date_key asc,
        baselines.brand_code asc,
        baselines.issue_code asc,
        rules.measure asc,
        rules.minimum_days desc

),

final as (

    select
        judged.market_code,
        judged.local_date_key,
        judged.brand_code,
        judged.issue_code,
        judged.measure,
        judged.baseline,
        hours.local_hour_at,
        -- Single mentions are what any window begins with; evidence is where several people speak within an hour.
        coalesce(
            (
                array_agg(recent.first_interaction_id order by recent.local_hour_at) filter (
                    where recent.author_count > 1
                )
            )[1],
            (array_agg(recent.first_interaction_id order by recent.local_hour_at))[1]
        ) as first_interaction_id,
        sum(recent.author_count)::integer as author_count,
        sum(recent.scored_author_count)::integer as scored_author_count,
        sum(recent.negative_author_count)::integer as negative_author_count,
        min(judged.negative_share) as usual_negative_share,
        min(case judged.baseline when 'peak' then judged.peak_author_count else judged.expected_author_count end) * (
            select coalesce(sum(rhythms.hour_share), 0)
            from rhythms
            where
                rhythms.market_code = judged.market_code
                and rhythms.local_date_key = judged.local_date_key
                and mod(extract(hour from hours.local_hour_at)::integer - rhythms.hour_of_day + 24, 24)
                < min(judged.window_hours)
        ) as expected_author_count,
        -- How much wider than a Poisson count's the spread is; never narrower, however quiet the past was.
        min(case judged.baseline when 'peak' then 1 else greatest(
            1, judged.author_count_spread ^ 2 / greatest(judged.expected_author_count, 1)
        ) end) as overdispersion,
        coalesce(min(recent.first_at) filter (where recent.author_count > 1), min(recent.first_at)) as first_at,
        max(recent.last_at) as last_at
    from judged
    inner join hours
        on
            judged.market_code = hours.market_code
            and judged.local_date_key = hours.local_date_key
            and judged.brand_code = hours.brand_code
            and judged.issue_code = hours.issue_code
    -- Not through the CTE, which has no index to find a window's hours by.
    inner join {{ ref('int_issue_hours') }} as recent
        on
            hours.market_code = recent.market_code
            and hours.brand_code = recent.brand_code
            and hours.issue_code = recent.issue_code
            and recent.local_hour_at > hours.local_hour_at - judged.window_hours * interval '1 hour'
            and hours.local_hour_at >= recent.local_hour_at
    group by
        judged.market_code,
        judged.local_date_key,
        judged.brand_code,
        judged.issue_code,
        judged.measure,
        judged.baseline,
        hours.local_hour_at

)

select * from final
