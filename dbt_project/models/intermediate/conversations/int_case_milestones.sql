-- One row per touched case (ticket, call, complaint) of a system of record, with its milestones.
{{ config(materialized='table', indexes=[{'columns': ['source_conversation_id'], 'unique': True}]) }}

with

touched as (

    select * from {{ ref('int_conversations_touched') }}

),

events as (

    select
        touched.source_conversation_id,
        case_events.*,
        min(case_events.occurred_at) filter (where case_events.event_type = 'merged')
            over (partition by touched.source_conversation_id) as merged_at
    from touched
    inner join {{ ref('int_case_events') }} as case_events
        on
            touched.source = case_events.source
            and touched.conversation_native_id = case_events.conversation_native_id

),

-- What a merge does to the case that it closes is not work on that case.
own_events as (

    select * from events
    where merged_at is null or occurred_at is null or occurred_at < merged_at or event_type = 'merged'

),

-- A case that is restored has a status of its own; the previous value only shows the deletion.
compared as (

    select
        *,
        case
            when event_type = 'changed' then old_value
            when event_type = 'restored' then lag(old_value) over (
                partition by source_conversation_id, event_type in ('deleted', 'restored')
                order by {{ case_event_order() }}
            )
        end as status_before
    from own_events

),

marked as (

    select
        *,
        field = 'status'
        and status_before in ('solved', 'closed') and new_value not in ('solved', 'closed') as is_reopening
    from compared

),

final as (

    select
        source_conversation_id,
        {{ latest_value('new_value', "field = 'status'") }} as status,
        {{ latest_value('new_value', "field = 'priority'") }} as priority,
        -- A reopening counts at once, not only when the case is solved again.
        count(*) filter (where is_reopening) as reopened_count,
        count(*) filter (where field = 'status') as status_count,
        -- A deleted case can be restored.
        coalesce(
            {{ latest_value("event_type = 'deleted'", "field = 'status' or event_type = 'deleted'") }}, false
        ) as is_deleted,
        min(occurred_at) filter (where event_type = 'created') as created_at,
        min(occurred_at) filter (where event_type = 'ended') as ended_at,
        min(merged_at) as merged_at,
        min(occurred_at) filter (where {{ is_status_change_to('solved') }}) as first_solved_at,
        -- When the case was last finished, as an episode ends: closing a solved case is no second end.
        max(occurred_at) filter (
            where event_type = 'changed' and field = 'status'
            and new_value in ('solved', 'closed') and coalesce(old_value, '') not in ('solved', 'closed')
        ) as last_done_at,
        min(occurred_at) filter (where {{ is_status_change_to('closed') }}) as first_closed_at,
        max(occurred_at) filter (where {{ is_status_change_to('closed') }}) as last_closed_at,
        min(occurred_at) filter (where is_reopening) as first_reopened_at
    from marked
    group by source_conversation_id

)

select * from final
