-- One row per day, issue, subject and two places of which one granted a customer what the other refused: how often.
with

conflicts as (

    select
        *,
        earlier_answer = 'refused' as is_refused_first
    from {{ ref('rpt_conflicting_answers') }}

),

placed as (

    select
        date_key,
        market_code,
        issue_code,
        subject,
        case when is_refused_first then earlier_market_code else later_market_code end as refused_by_market_code,
        case when is_refused_first then earlier_team else later_team end as refused_by_team,
        case when is_refused_first then later_market_code else earlier_market_code end as granted_by_market_code,
        case when is_refused_first then later_team else earlier_team end as granted_by_team,
        is_refused_first,
        is_other_channel
    from conflicts

),

final as (

    select
        date_key,
        market_code,
        issue_code,
        subject,
        refused_by_market_code,
        refused_by_team,
        granted_by_market_code,
        granted_by_team,
        count(*)::integer as conflict_count,
        (count(*) filter (where is_refused_first))::integer as granted_after_refusal_count,
        (count(*) filter (where is_other_channel))::integer as other_channel_count
    from placed
    group by
        date_key, market_code, issue_code, subject, refused_by_market_code, refused_by_team, granted_by_market_code,
        granted_by_team

)

select * from final
