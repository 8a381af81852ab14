-- One row per issue, or brand as a whole, and run of alarms without a pause.
{{ config(tags=['standing']) }}

with

alarms as (

    select * from {{ ref('int_issue_alarms') }}

),

steps as (

    select
        *,
        coalesce(
            local_hour_at - lag(local_hour_at) over (
                partition by market_code, brand_code, issue_code order by local_hour_at asc, measure desc
            ) > merge_hours * interval '1 hour', true
        ) as is_new_incident
    from alarms

),

incidents as (

    select
        *,
        count(*) filter (where is_new_incident) over (
            partition by market_code, brand_code, issue_code order by local_hour_at asc, measure desc
        ) as incident_number
    from steps

),

final as (

    select
        market_code,
        brand_code,
        issue_code,
        min(local_date_key) as local_date_key,
        min(local_hour_at) as first_hour_at,
        max(local_hour_at) as last_hour_at,
        -- Within one hour and issue, volume comes first: in descending order it precedes the negative share.
        (array_agg(first_interaction_id order by local_hour_at asc, measure desc))[1] as first_interaction_id,
        (array_agg(measure order by local_hour_at asc, measure desc))[1] as first_measure,
        (array_agg(baseline order by local_hour_at asc, measure desc))[1] as baseline,
        (array_agg(author_count order by score desc, local_hour_at asc, measure desc))[1] as peak_author_count,
        (array_agg(negative_author_count order by score desc, local_hour_at asc, measure desc))[1]
            as peak_negative_author_count,
        (array_agg(expected_author_count order by score desc, local_hour_at asc, measure desc))[1]
            as expected_author_count,
        max(score) as peak_score,
        bool_or(is_severe) as is_severe,
        bool_or(measure = 'volume') as is_volume,
        bool_or(measure = 'negative_share') as is_negative_share,
        (array_agg(first_at order by local_hour_at asc, measure desc))[1] as started_at,
        (array_agg(last_at order by local_hour_at asc, measure desc))[1] as detected_at,
        max(last_at) as last_evidence_at
    from incidents
    group by market_code, brand_code, issue_code, incident_number

)

select * from final
