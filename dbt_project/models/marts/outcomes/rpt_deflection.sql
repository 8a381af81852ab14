-- One row per market and local month: what became of questions that other customers answered, and what that saved.
with

rules as (

    select * from {{ ref('peer_support_rules') }}

),

contacts as (

    select
        *,
        date_trunc('month', local_date_key)::date as month_start
    from {{ ref('fct_contacts') }}
    where peer_outcome is not null

),

answered as (

    select
        market_code,
        month_start,
        count(*)::integer as peer_answered_count,
        count(*) filter (where is_peer_deflected)::integer as deflected_count,
        count(*) filter (where peer_outcome = 'answered_by_staff')::integer as answered_by_staff_count,
        count(*) filter (where peer_outcome = 'fixed_by_staff')::integer as fixed_by_staff_count,
        count(*) filter (where peer_outcome = 'not_accepted')::integer as not_accepted_count,
        count(*) filter (where peer_outcome = 'contacted_again')::integer as contacted_again_count,
        count(*) filter (where peer_outcome = 'unknown_customer')::integer as unknown_customer_count,
        count(*) filter (where peer_outcome = 'not_over')::integer as not_over_count,
        -- What staff would have cost on the question's channel: callers cost more, but nobody knows who would call.
        case
            when count(*) filter (where is_peer_deflected and cost_usd is null) = 0
                then coalesce(sum(cost_usd) filter (where is_peer_deflected), 0)
        end as direct_saved_usd,
        sum(question_views)::bigint as question_views,
        sum(question_views * cost_usd) as viewed_usd
    from contacts
    group by market_code, month_start

),

final as (

    select
        answered.market_code || ':' || answered.month_start as deflection_key,
        answered.market_code,
        answered.month_start,
        answered.peer_answered_count,
        answered.deflected_count,
        answered.answered_by_staff_count,
        answered.fixed_by_staff_count,
        answered.not_accepted_count,
        answered.contacted_again_count,
        answered.unknown_customer_count,
        answered.not_over_count,
        answered.question_views,
        answered.direct_saved_usd,
        rules.programme_usd_per_month as programme_usd,
        round(answered.direct_saved_usd / nullif(rules.programme_usd_per_month, 0) - 1, 4) as direct_return,
        round(answered.viewed_usd * rules.view_rate_low, 2) as indirect_saved_usd_low,
        round(answered.viewed_usd * rules.view_rate_high, 2) as indirect_saved_usd_high
    from answered
    left join rules
        on
            rules.valid_from = (
                select max(held.valid_from) from rules as held
                where held.valid_from <= answered.month_start
            )

)

select * from final
