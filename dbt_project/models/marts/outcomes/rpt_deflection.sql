-- One row per market and local month since its first such question: questions answered by customers, and the saving.
{% set outcomes = [
    'deflected', 'answered_by_staff', 'fixed_by_staff', 'not_accepted', 'contacted_again', 'unknown_customer', 'not_over'
] %}
with

rules as (

    select * from {{ ref('peer_support_rules') }}

),

markets as (

    select
        markets.market_code,
        ({{ running_as_of() }} - contact_rules.days * interval '1 day') at time zone markets.timezone as judged_until
    from {{ ref('dim_market') }} as markets
    cross join {{ ref('contact_rules') }} as contact_rules
    where contact_rules.rule_id = 'repeat_contact'

),

contacts as (

    select
        *,
        date_trunc('month', local_date_key)::date as month_start_date
    from {{ ref('fct_contacts') }}
    where peer_outcome is not null

),

answered as (

    select
        market_code,
        month_start_date,
        count(*)::integer as peer_answered_count,
        {% for outcome in outcomes -%}
            count(*) filter (where peer_outcome = '{{ outcome }}')::integer as {{ outcome }}_count,
        {% endfor -%}
        -- What staff would have cost on the question's channel: calls cost more, but who would call is unknown.
        case
            when count(*) filter (where is_peer_deflected and cost_usd is null) = 0
                then coalesce(sum(cost_usd) filter (where is_peer_deflected), 0)
        end as direct_saved_usd,
        sum(question_views)::bigint as question_views,
        case
            when count(*) filter (where question_views > 0 and cost_usd is null) = 0 then sum(question_views * cost_usd)
        end as viewed_usd
    from contacts
    group by market_code, month_start_date

),

-- Looking after peers costs the same in a month without answers.
months as (

    select
        answered.market_code,
        months.month_start_date::date as month_start_date
    from answered
    cross join
        generate_series(
            answered.month_start_date::timestamp, date_trunc('month', {{ running_as_of() }} at time zone 'UTC'),
            interval '1 month'
        ) as months (month_start_date)
    union
    select
        market_code,
        month_start_date
    from answered

),

completed as (

    select
        months.market_code,
        months.month_start_date,
        {% for outcome in ['peer_answered'] + outcomes -%}
            coalesce(answered.{{ outcome }}_count, 0) as {{ outcome }}_count,
        {% endfor -%}
        answered.question_views,
        -- In a month whose last questions are not judged yet, a partial saving would be compared with the whole cost.
        case
            when (months.month_start_date + interval '1 month' <= markets.judged_until) is not true then null
            when answered.market_code is null then 0
            else answered.direct_saved_usd
        end as direct_saved_usd,
        case when answered.market_code is null then 0 else answered.viewed_usd end as viewed_usd
    from months
    left join markets on months.market_code = markets.market_code
    left join answered
        on months.market_code = answered.market_code and months.month_start_date = answered.month_start_date

),

final as (

    select
        completed.market_code || ':' || completed.month_start_date as deflection_key,
        completed.market_code,
        completed.month_start_date,
        {% for outcome in ['peer_answered'] + outcomes -%}
            completed.{{ outcome }}_count,
        {% endfor -%}
        completed.question_views,
        completed.direct_saved_usd,
        costs.programme_usd,
        round(completed.direct_saved_usd / nullif(costs.programme_usd, 0) - 1, 4) as direct_return,
        round(completed.viewed_usd * rules.view_rate_low, 2) as indirect_saved_usd_low,
        round(completed.viewed_usd * rules.view_rate_high, 2) as indirect_saved_usd_high
    from completed
    left join rules
        on
            rules.valid_from = (
                select max(held.valid_from) from rules as held
                where held.valid_from <= completed.month_start_date
            )
    -- The stated cost is per market, and a question without a market has no programme.
    cross join
        lateral (
            values (case when completed.market_code <> 'unknown' then rules.programme_usd_per_month end)
        ) as costs (programme_usd)

)

select * from final
