-- One row per touched case with dated changes and stretch of time in which one agent or team, or nobody, held it.
{{
    config(
        materialized='table',
        indexes=[{'columns': ['source_conversation_id', 'span_number'], 'unique': True}]
    )
}}

with

events as not materialized (

    select * from {{ ref('int_dated_case_events') }}
    where event_kind <> 'priority'

),

-- A case of which only the creation is known was not unassigned all the time: its holders are unknown.
first_holders as (

    select
        source_conversation_id,
        (array_agg(old_value order by event_number) filter (where event_kind = 'assignee'))[1] as agent_native_id,
        (array_agg(old_value order by event_number) filter (where event_kind = 'group'))[1] as group_native_id
    from events
    group by source_conversation_id
    having
        count(*) filter (where event_kind in ('status', 'assignee', 'group')) > 0
        or count(old_value) filter (where event_kind = 'deleted') > 0

),

steps as (

    select
        *,
        count(*) filter (where event_kind = 'assignee') over cases as agent_step,
        count(*) filter (where event_kind = 'group') over cases as group_step,
        max(event_number) filter (where event_kind in ('merged', 'deleted')) over cases
        > coalesce(max(event_number) filter (where event_kind = 'restored') over cases, 0) as is_gone,
        coalesce(lead(occurred_at) over cases > occurred_at, true) as is_last_of_instant
    from events
    window cases as (partition by source_conversation_id order by event_number)

),

marks as (

    select
        steps.source_conversation_id,
        steps.event_number,
        steps.occurred_at,
        steps.is_last_of_instant,
        coalesce(steps.is_gone, false) as is_gone,
        case
            when steps.agent_step = 0 then first_holders.agent_native_id
            else max(steps.new_value) filter (where steps.event_kind = 'assignee')
                over (partition by steps.source_conversation_id, steps.agent_step)
        end as agent_native_id,
        case
            when steps.group_step = 0 then first_holders.group_native_id
            else max(steps.new_value) filter (where steps.event_kind = 'group')
                over (partition by steps.source_conversation_id, steps.group_step)
        end as group_native_id
    from steps
    inner join first_holders
        on steps.source_conversation_id = first_holders.source_conversation_id

),

compared as (

    select
        *,
        coalesce(lag(is_gone) over cases <> is_gone, true)
        or coalesce(lag(agent_native_id) over cases, '') <> coalesce(agent_native_id, '')
        or coalesce(lag(group_native_id) over cases, '') <> coalesce(group_native_id, '') as is_change
    from marks
    -- Somebody who got and lost the case within one instant never held it.
    where is_last_of_instant
    window cases as (partition by source_conversation_id order by event_number)

),

spans as (

    select
        source_conversation_id,
        count(*) filter (where not is_gone) over cases as span_number,
        is_gone,
        agent_native_id,
        group_native_id,
        occurred_at as started_at,
        lead(occurred_at) over cases as ended_at
    from compared
    where is_change
    window cases as (partition by source_conversation_id order by event_number)

),

final as (

    select
        source_conversation_id,
        span_number,
        agent_native_id,
        group_native_id,
        started_at,
        ended_at
    from spans
    where not is_gone

)

select * from final
