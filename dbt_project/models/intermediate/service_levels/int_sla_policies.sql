-- One row per service level and period in which it holds, with its rank among those that match a conversation.
{{ config(tags=['standing']) }}

with

policies as (

    select * from {{ ref('sla_policies') }}

),

final as (

    select
        md5(policy_code || '|' || coalesce(extract(epoch from valid_from)::text, '')) as sla_policy_key,
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
        -- Powers of two: rows that name different selectors never tie, and the first selector named outweighs the rest.
        (channel_code is not null)::integer * 16
        + (channel_family is not null)::integer * 8
        + (priority is not null)::integer * 4
        + (customer_tier is not null)::integer * 2
        + (market_code is not null)::integer as specificity,
        valid_from,
        valid_to
    from policies

)

select * from final
