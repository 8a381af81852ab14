-- One row per run of a clock under one application of a service level: its target and its outcome.
{{
    config(
        materialized='incremental',
        unique_key='source_conversation_id',
        meta={'changed_keys': 'int_conversations_touched'},
        indexes=[
            {'columns': ['sla_event_id'], 'unique': True},
            {'columns': ['source_conversation_id']},
            {'columns': ['date_key']},
            {'columns': ['due_at']},
            {'columns': ['team_due_at']}
        ]
    )
}}
-- depends_on: {{ ref('int_conversations_touched') }}
-- Before this table changes: {{ ref('int_sla_months_touched') }}

with

outcomes as (

    select
        *,
        split_part(source_conversation_id, ':', 1) as source
    from {{ ref('int_sla_outcomes') }}

),

turns as (

    select * from {{ ref('int_conversation_turns') }}

),

markets as (

    select * from {{ ref('markets') }}

),

agents as (

    select * from {{ ref('int_agent_versions') }}

),

final as (

    select
        outcomes.sla_event_id,
        outcomes.source_conversation_id,
        outcomes.conversation_id,
        outcomes.source,
        outcomes.metric,
        outcomes.run_number::integer as run_number,
        outcomes.application_number::integer as application_number,
        outcomes.sla_policy_key,
        (outcomes.started_at at time zone 'UTC')::date as date_key,
        (outcomes.started_at at time zone coalesce(markets.timezone, 'UTC'))::date as local_date_key,
        outcomes.channel_code,
        outcomes.market_code,
        coalesce(turns.brand_code, 'unknown') as brand_code,
        coalesce(turns.author_key, 'unknown') as author_key,
        coalesce(turns.customer_key, 'unknown') as customer_key,
        turns.customer_id,
        case
            when agents.agent_key is not null then agents.agent_key
            when outcomes.ended_by = 'reply' then 'unknown'
            else 'not_applicable'
        end as agent_key,
        outcomes.priority,
        outcomes.customer_tier,
        outcomes.outcome,
        outcomes.not_judged_reason,
        outcomes.ended_by,
        case outcomes.outcome when 'attained' then true when 'missed' then false end as is_attained,
        case outcomes.team_outcome when 'attained' then true when 'missed' then false end as is_attained_by_team,
        outcomes.in_business_hours,
        outcomes.calendar_code,
        outcomes.is_paused,
        outcomes.target_seconds,
        outcomes.elapsed_seconds,
        outcomes.team_elapsed_seconds,
        outcomes.target_seconds - outcomes.elapsed_seconds as slack_seconds,
        outcomes.target_seconds - outcomes.team_elapsed_seconds as team_slack_seconds,
        round(100.0 * outcomes.elapsed_seconds / outcomes.target_seconds, 1) as pct_of_target,
        turns.author_followers,
        outcomes.applied_at,
        outcomes.started_at,
        outcomes.started_available_at,
        outcomes.due_at,
        outcomes.team_due_at,
        case when outcomes.ended_by in ('reply', 'resolution') then outcomes.ended_at end as fulfilled_at,
        outcomes.ended_at
    from outcomes
    inner join turns
        on outcomes.conversation_id = turns.conversation_id
    left join markets
        on outcomes.market_code = markets.market_code
    -- A clock that nobody ended is credited to nobody.
    left join agents
        on
            outcomes.ended_by in ('reply', 'resolution')
            and outcomes.source || ':' || outcomes.agent_native_id = agents.agent_id
            and {{ during_version('outcomes.ended_at', 'agents') }}

)

select * from final
