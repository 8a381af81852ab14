-- One row per service level and period in which it holds (type 2).
{{ config(tags=['standing']) }}

with

policies as (

    select * from {{ ref('int_sla_policies') }}

),

statuses as (

    select
        metric,
        string_agg(status, ', ' order by status) as running_statuses
    from {{ ref('sla_clock_statuses') }}
    group by metric

),

final as (

    select
        policies.sla_policy_key,
        policies.policy_code,
        policies.policy,
        policies.metric,
        policies.channel_family,
        policies.channel_code,
        policies.market_code,
        policies.priority,
        policies.customer_tier,
        statuses.running_statuses,
        policies.target_seconds,
        policies.in_business_hours,
        policies.specificity,
        policies.valid_to is null as is_current,
        policies.valid_from,
        policies.valid_to
    from policies
    left join statuses
        on policies.metric = statuses.metric

)

select * from final
