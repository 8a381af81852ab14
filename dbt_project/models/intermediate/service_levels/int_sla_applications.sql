-- One row per metric of a touched conversation and application of a policy that differs from the one before.
{{ config(materialized='table', indexes=[{'columns': ['conversation_id', 'metric']}]) }}

with

occasions as (

    select * from {{ ref('int_sla_occasions') }}

),

matches as (

    select * from {{ ref('int_sla_policy_matches') }}

),

applied as (

    select
        occasions.conversation_id,
        occasions.source_conversation_id,
        occasions.channel_code,
        occasions.channel_family,
        occasions.market_code,
        occasions.priority,
        occasions.customer_tier,
        occasions.applied_at,
        matches.metric,
        matches.sla_policy_key,
        matches.policy_code,
        matches.target_seconds,
        matches.in_business_hours
    from occasions
    inner join matches
        on
            occasions.channel_code = matches.channel_code
            and occasions.market_code = matches.market_code
            and occasions.priority = matches.priority
            and occasions.customer_tier = matches.customer_tier
            and occasions.applied_at >= matches.starts_at
            and occasions.applied_at < matches.ends_at

),

compared as (

    select
        *,
        row_number() over cases as occasion_number,
        lag(sla_policy_key) over cases as policy_key_before
    from applied
    window cases as (partition by conversation_id, metric order by applied_at)

),

-- A new priority under which the same policy applies changes nothing.
changed as (

    select
        *,
        row_number() over cases as application_number,
        lead(applied_at) over cases as replaced_at
    from compared
    where occasion_number = 1 or sla_policy_key is distinct from policy_key_before
    window cases as (partition by conversation_id, metric order by applied_at)

),

final as (

    select
        conversation_id,
        source_conversation_id,
        metric,
        application_number,
        sla_policy_key,
        policy_code,
        channel_code,
        channel_family,
        market_code,
        priority,
        customer_tier,
        target_seconds,
        in_business_hours,
        applied_at,
        replaced_at
    from changed
    -- Without a policy, only the end of the previous one matters.
    where sla_policy_key is not null

)

select * from final
