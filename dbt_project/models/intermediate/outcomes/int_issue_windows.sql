-- One row per touched hour and rule with enough people in the window that ends with it: the counts of that window.
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

-- For each measure, the rule that needs the longest history available; none if the history is too short for all.
judged as (

    select distinct on
    (baselines.market_code, baselines.local_date_key, baselines.brand_code, baselines.issue_code, rules.measure)
        baselines.*,
        rules.measure,
        rules.baseline,
        rules.window_hours,
        rules.minimum_authors
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

-- Few people are no evidence, however unusual their number.
windows as (

    select
        judged.*,
        hours.local_hour_at,
        recent.*
    from judged
    inner join hours
        on
            judged.market_code = hours.market_code
            and judged.local_date_key = hours.local_date_key
            and judged.brand_code = hours.brand_code
            and judged.issue_code = hours.issue_code
    cross join
        lateral (
            select
                -- Any window begins with single mentions; several people within one hour are evidence.
                coalesce(
                    (
                        array_agg(spoken.first_interaction_id order by spoken.local_hour_at) filter (
                            where spoken.author_count > 1
                        )
                    )[1],
                    (array_agg(spoken.first_interaction_id order by spoken.local_hour_at))[1]
                ) as first_interaction_id,
                sum(spoken.author_count)::integer as author_count,
                sum(spoken.scored_author_count)::integer as scored_author_count,
                sum(spoken.negative_author_count)::integer as negative_author_count,
                coalesce(min(spoken.first_at) filter (where spoken.author_count > 1), min(spoken.first_at)) as first_at,
                max(spoken.last_at) as last_at
            -- Not through the CTE, which has no index on the hours.
            from {{ ref('int_issue_hours') }} as spoken
            where
                spoken.market_code = hours.market_code
                and spoken.brand_code = hours.brand_code
                and spoken.issue_code = hours.issue_code
                and spoken.local_hour_at > hours.local_hour_at - judged.window_hours * interval '1 hour'
                and spoken.local_hour_at <= hours.local_hour_at
        ) as recent
    where
        case judged.measure when 'volume' then recent.author_count else recent.scored_author_count end
        >= judged.minimum_authors

),

final as (

    select
        windows.market_code,
        windows.local_date_key,
        windows.brand_code,
        windows.issue_code,
        windows.measure,
        windows.baseline,
        windows.local_hour_at,
        windows.first_interaction_id,
        windows.author_count,
        windows.scored_author_count,
        windows.negative_author_count,
        windows.negative_share as usual_negative_share,
        case windows.baseline when 'peak' then windows.peak_author_count else windows.expected_author_count end * (
            select coalesce(sum(rhythms.hour_share), 0)
            from {{ ref('int_market_day_rhythms') }} as rhythms
            where
                rhythms.market_code = windows.market_code
                and rhythms.local_date_key = windows.local_date_key
                and mod(extract(hour from windows.local_hour_at)::integer - rhythms.hour_of_day + 24, 24)
                < windows.window_hours
        ) as expected_author_count,
        -- How much wider the spread is than a Poisson count's; never narrower, however quiet the past was.
        case windows.baseline when 'peak' then 1 else greatest(
            1, windows.author_count_spread ^ 2 / greatest(windows.expected_author_count, 1)
        ) end as overdispersion,
        windows.first_at,
        windows.last_at
    from windows

)

select * from final
