-- One row per service level and span of time in which it holds (type 2).
with

policies as (

    select * from {{ ref('int_sla_policies') }}

),

final as (

    select
        sla_policy_key,
        policy_code,
        policy,
        metric,
        channel_family,
        channel_code,
        market_code,
        priority,
        customer_tier,
        target_seconds,
        in_business_hours,
        specificity,
        valid_to is null as is_current,
        valid_from,
        valid_to
    from policies

)

select * from final
