-- One row per case and stretch of time in which one agent or team held it.
{{
    config(
        materialized='incremental',
        unique_key='source_conversation_id',
        meta={'changed_keys': 'int_conversations_touched'},
        indexes=[
            {'columns': ['agent_assignment_id'], 'unique': True},
            {'columns': ['source_conversation_id']},
            {'columns': ['agent_id']}
        ]
    )
}}
-- depends_on: {{ ref('int_conversations_touched') }}

with

holders as (

    select
        *,
        split_part(source_conversation_id, ':', 1) as source,
        lead(agent_native_id) over cases as next_agent_native_id,
        lead(group_native_id) over cases as next_group_native_id,
        lead(started_at) over cases as next_started_at
    from {{ ref('int_assignment_spans') }}
    window cases as (partition by source_conversation_id order by span_number)

),

milestones as (

    select * from {{ ref('int_case_milestones') }}

),

calendars as (

    select * from {{ ref('int_conversation_calendars') }}

),

replies as (

    select
        replies.*,
        floor({{ business_seconds_by_month(
            'clock_months', 'replies.first_reply_clock_started_at', 'reply_months', 'replies.first_reply_at'
        ) }})::bigint as first_reply_business_seconds
    from {{ ref('int_assignment_replies') }} as replies
    left join calendars
        on replies.source_conversation_id = calendars.conversation_id
    {{ business_months('clock_months', 'calendars.calendar_code', 'replies.first_reply_clock_started_at') }}
    {{ business_months('reply_months', 'calendars.calendar_code', 'replies.first_reply_at') }}

),

turns as (

    select * from {{ ref('int_conversation_turns') }}

),

final as (

    select
        holders.source_conversation_id || '#' || holders.span_number as agent_assignment_id,
        holders.source_conversation_id,
        holders.source_conversation_id as conversation_id,
        holders.span_number::integer as assignment_number,
        (holders.started_at at time zone 'UTC')::date as date_key,
        coalesce(turns.market_code, 'unknown') as market_code,
        case
            when holders.agent_native_id is null then 'not_applicable'
            else coalesce(agents.agent_key, 'unknown')
        end as agent_key,
        holders.source || ':' || holders.agent_native_id as agent_id,
        holders.source || ':' || holders.group_native_id as team_id,
        case
            when holders.ended_at is null then null
            when holders.ended_at = milestones.merged_at then 'merged'
            when coalesce(holders.next_started_at > holders.ended_at, true) then 'deleted'
            when coalesce(holders.next_group_native_id, '') <> coalesce(holders.group_native_id, '') then 'other_team'
            when holders.next_agent_native_id is null then 'unassigned'
            when holders.agent_native_id is null then 'taken'
            else 'other_agent'
        end as end_reason,
        calendars.calendar_code,
        coalesce(replies.reply_count, 0) as reply_count,
        {{ seconds_between('replies.first_reply_clock_started_at', 'replies.first_reply_at') }} as first_reply_seconds,
        replies.first_reply_business_seconds,
        {{ seconds_between('holders.started_at', 'holders.ended_at') }} as calendar_seconds,
        floor({{ business_seconds_by_month(
            'start_months', 'holders.started_at', 'end_months', 'holders.ended_at'
        ) }})::bigint as business_seconds,
        holders.started_at,
        holders.ended_at,
        replies.first_reply_clock_started_at,
        replies.first_reply_at
    from holders
    left join replies
        on
            holders.source_conversation_id = replies.source_conversation_id
            and holders.span_number = replies.span_number
    left join milestones
        on holders.source_conversation_id = milestones.source_conversation_id
    left join calendars
        on holders.source_conversation_id = calendars.conversation_id
    {{ business_months('start_months', 'calendars.calendar_code', 'holders.started_at') }}
    {{ business_months('end_months', 'calendars.calendar_code', 'holders.ended_at') }}
    left join turns
        on holders.source_conversation_id = turns.conversation_id
    -- Only agents in the directory: others become known once they speak, which would change what was built before.
    left join {{ ref('int_agent_versions') }} as agents
        on
            holders.source || ':' || holders.agent_native_id = agents.agent_id
            and agents.is_in_directory
            and {{ during_version('holders.started_at', 'agents') }}
    where holders.agent_native_id is not null or holders.group_native_id is not null

)

select * from final
