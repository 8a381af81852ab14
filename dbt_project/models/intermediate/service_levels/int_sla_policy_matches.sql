-- One row per kind of conversation in this run, metric, and period between two changes of policies: what applies.
{{ config(materialized='table') }}

with

policies as (

    select * from {{ ref('int_sla_policies') }}

),

kinds as (

    select distinct -- many conversations are of one kind
        channel_code,
        channel_family,
        market_code,
        priority,
        customer_tier
    from {{ ref('int_sla_occasions') }}

),

boundaries as (

    select coalesce(valid_from, '-infinity') as starts_at from policies
    union
    select valid_to from policies
    where valid_to is not null

),

periods as (

    select
        starts_at,
        coalesce(lead(starts_at) over (order by starts_at), 'infinity') as ends_at
    from boundaries

),

metrics as (

    select distinct metric from policies -- several policies measure one metric

),

final as (

    -- The most specific policy that matches a kind of conversation; "no policy" is a result, too.
    select distinct on (
        kinds.channel_code, kinds.market_code, kinds.priority, kinds.customer_tier, metrics.metric, periods.starts_at
    )
        kinds.channel_code,
        kinds.market_code,
        kinds.priority,
        kinds.customer_tier,
        metrics.metric,
        periods.starts_at,
        periods.ends_at,
        policies.sla_policy_key,
        policies.policy_code,
        policies.target_seconds,
        policies.in_business_hours
    from kinds
    cross join periods
    cross join metrics
    left join policies
        on
            metrics.metric = policies.metric
            and kinds.channel_code = coalesce(policies.channel_code, kinds.channel_code)
            and kinds.channel_family = coalesce(policies.channel_family, kinds.channel_family)
            and kinds.market_code = coalesce(policies.market_code, kinds.market_code)
            and kinds.priority = coalesce(policies.priority, kinds.priority)
            and kinds.customer_tier = coalesce(policies.customer_tier, kinds.customer_tier)
            and {{ during_version('periods.starts_at', 'policies') }}
    order by
        kinds.channel_code asc, kinds.market_code asc, kinds.priority asc, kinds.customer_tier asc, metrics.metric asc,
        periods.starts_at asc, policies.specificity desc nulls last

)

select * from final
