-- One row per touched case and stretch of unsolved time with the same status and holder.
{{ config(materialized='table', indexes=[{'columns': ['source_conversation_id', 'interval_number'], 'unique': True}]) }}

with

statuses as (

    select * from {{ ref('int_status_spans') }}
    where status not in ('solved', 'closed') and ended_at is distinct from started_at

),

holders as (

    select
        *,
        split_part(source_conversation_id, ':', 1) as source
    from {{ ref('int_assignment_spans') }}

),

automated_agents as (

    select * from {{ ref('automated_agents') }}

),

-- Agents that Intercom itself calls bots when it assigns conversations to them.
intercom_bots as (

    -- The same bot may get it several times.
    select distinct
        touched.source_conversation_id,
        steps.assignee_id as agent_native_id
    from {{ ref('int_conversations_touched') }} as touched
    inner join {{ ref('stg_intercom__conversation_steps') }} as steps
        on touched.conversation_native_id = steps.conversation_native_id
    where touched.source = 'intercom' and steps.assignee_kind = 'bot'

),

intervals as (

    select
        statuses.source_conversation_id,
        holders.source,
        row_number() over (
            partition by statuses.source_conversation_id order by statuses.span_number, holders.span_number
        )::integer as interval_number,
        statuses.status,
        holders.agent_native_id,
        holders.group_native_id,
        greatest(statuses.started_at, holders.started_at) as started_at,
        -- The earlier of the two; NULL, still running, if both are.
        least(statuses.ended_at, holders.ended_at) as ended_at
    from statuses
    inner join holders
        on
            statuses.source_conversation_id = holders.source_conversation_id
            and holders.started_at < coalesce(statuses.ended_at, 'infinity')
            and coalesce(holders.ended_at, 'infinity') > statuses.started_at

),

final as (

    select
        intervals.source_conversation_id,
        intervals.interval_number,
        intervals.status,
        intervals.source || ':' || intervals.agent_native_id as agent_id,
        case
            when intervals.agent_native_id is null then 'not_applicable'
            else coalesce(agents.agent_key, 'unknown')
        end as agent_key,
        intervals.source || ':' || intervals.group_native_id as team_id,
        calendars.calendar_code,
        {{ seconds_between('intervals.started_at', 'intervals.ended_at') }} as calendar_seconds,
        floor({{ business_seconds_by_month(
            'start_months', 'intervals.started_at', 'end_months', 'intervals.ended_at'
        ) }})::bigint as business_seconds,
        intervals.agent_native_id is not null as is_assigned,
        intervals.agent_native_id is not null
        and automated_agents.agent_native_id is null
        and intercom_bots.agent_native_id is null
        -- Somebody who is no longer staff handles nothing.
        and coalesce(agents.role, 'agent') in ('agent', 'admin') as is_held_by_human,
        intervals.started_at,
        intervals.ended_at
    from intervals
    left join automated_agents
        on
            intervals.source = automated_agents.source
            and intervals.agent_native_id = automated_agents.agent_native_id
    left join intercom_bots
        on
            intervals.source_conversation_id = intercom_bots.source_conversation_id
            and intervals.agent_native_id = intercom_bots.agent_native_id
    -- Only agents in the directory: others become known once they speak, which would change what was built before.
    left join {{ ref('int_agent_versions') }} as agents
        on
            intervals.source || ':' || intervals.agent_native_id = agents.agent_id
            and agents.is_in_directory
            and {{ during_version('intervals.started_at', 'agents') }}
    left join {{ ref('int_conversation_calendars') }} as calendars
        on intervals.source_conversation_id = calendars.conversation_id
    {{ business_months('start_months', 'calendars.calendar_code', 'intervals.started_at') }}
    {{ business_months('end_months', 'calendars.calendar_code', 'intervals.ended_at') }}

)

select * from final
