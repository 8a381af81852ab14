-- One row per hour, issue and measure with an unusual window.
{{
    config(
        materialized='incremental',
        unique_key=['market_code', 'local_date_key'],
        meta={'changed_keys': 'int_warning_days_touched'},
        indexes=[{'columns': ['market_code', 'local_date_key']}]
    )
}}
-- depends_on: {{ ref('int_warning_days_touched') }}

with

windows as (

    select * from {{ ref('int_issue_windows') }}

),

rules as (

    select * from {{ ref('early_warning_rules') }}

),

-- Square roots of counts and arc sines of shares have the same spread whatever their size, so scores use it as unit.
scored as (

    select
        *,
        case measure
            when 'volume' then author_count / nullif(expected_author_count, 0)
            else negative_author_count::double precision / nullif(scored_author_count, 0) / usual_negative_share
        end as ratio,
        case measure
            when 'volume' then 2 * (sqrt(author_count) - sqrt(expected_author_count)) / sqrt(overdispersion)
            else
                2 * sqrt(scored_author_count) * (
                    asin(sqrt(negative_author_count::double precision / nullif(scored_author_count, 0)))
                    - asin(sqrt(usual_negative_share))
                )
        end as score
    from windows

),

final as (

    select
        scored.market_code,
        scored.local_date_key,
        scored.brand_code,
        scored.issue_code,
        scored.measure,
        scored.baseline,
        scored.local_hour_at,
        scored.first_interaction_id,
        scored.author_count,
        scored.negative_author_count,
        round(scored.expected_author_count::numeric, 2) as expected_author_count,
        round(scored.score::numeric, 2) as score,
        scored.score >= rules.severe_score as is_severe,
        rules.merge_hours,
        scored.first_at,
        scored.last_at
    from scored
    inner join rules
        on scored.measure = rules.measure and scored.baseline = rules.baseline
    where
        scored.score >= rules.minimum_score
        and (scored.ratio is null or scored.ratio >= rules.minimum_ratio)

)

select * from final
