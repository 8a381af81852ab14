-- One row per incident: far more people than usual speak of a brand's issues, or a far larger share is angry.
with

incidents as (

    select * from {{ ref('int_issue_incidents') }}

),

-- One outage raises alarms for several issues and for the brand as a whole: what overlaps in time is one incident.
steps as (

    select
        *,
        coalesce(
            first_hour_at > max(last_hour_at) over (
                partition by market_code, brand_code order by first_hour_at, issue_code
                rows between unbounded preceding and 1 preceding
            ), true
        ) as is_new_alert
    from incidents

),

alerts as (

    select
        *,
        count(*) filter (where is_new_alert) over (
            partition by market_code, brand_code order by first_hour_at, issue_code
        ) as alert_number,
        issue_code not in ('any', 'unknown') as is_named
    from steps

),

final as (

    select
        concat_ws(':', 'alert', market_code, brand_code, min(first_hour_at)) as alert_id,
        min(local_date_key) as local_date_key,
        market_code,
        brand_code,
        coalesce((array_agg(issue_code order by peak_score desc, issue_code asc) filter (where is_named))[1], 'unknown')
            as issue_code,
        (array_agg(first_interaction_id order by started_at, first_interaction_id))[1] as first_interaction_id,
        (array_agg(first_measure order by first_hour_at, issue_code))[1] as first_measure,
        (array_agg(baseline order by first_hour_at, issue_code))[1] as baseline,
        case when bool_or(is_severe) then 'severe' else 'warning' end as severity,
        (array_agg(peak_author_count order by peak_score desc, first_hour_at asc, issue_code asc))[1]
            as peak_author_count,
        (array_agg(peak_negative_author_count order by peak_score desc, first_hour_at asc, issue_code asc))[1]
            as peak_negative_author_count,
        (array_agg(expected_author_count order by peak_score desc, first_hour_at asc, issue_code asc))[1]
            as expected_author_count,
        max(peak_score) as peak_score,
        count(distinct issue_code) filter (where is_named)::integer as issue_count,
        bool_or(is_volume) as is_volume,
        bool_or(is_negative_share) as is_negative_share,
        min(started_at) as started_at,
        min(detected_at) as detected_at,
        max(last_evidence_at) as last_evidence_at
    from alerts
    group by market_code, brand_code, alert_number

)

select * from final
