-- One row per dated event in the life of a touched case whose source keeps the history of its statuses.
{{
    config(
        materialized='table',
        indexes=[{'columns': ['source_conversation_id', 'event_number'], 'unique': True}]
    )
}}

with

touched as (

    select touched.*
    from {{ ref('int_conversations_touched') }} as touched
    inner join {{ ref('conversation_rules') }} as rules
        on touched.source = rules.source
    where rules.status_evidence = 'history'

),

events as (

    select
        touched.source_conversation_id,
        case_events.case_event_id,
        case
            when case_events.event_type in ('created', 'merged', 'deleted', 'restored') then case_events.event_type
            else case_events.field
        end as event_kind,
        nullif(case_events.old_value, '') as old_value,
        nullif(case_events.new_value, '') as new_value,
        -- The record says that it is deleted, not an event of its own.
        case_events.event_type = 'deleted' and case_events.field is null as is_deleted_now,
        case_events.occurred_at,
        min(case_events.occurred_at) filter (where case_events.event_type = 'merged')
            over (partition by touched.source_conversation_id) as merged_at
    from touched
    inner join {{ ref('int_case_events') }} as case_events
        on
            touched.source = case_events.source
            and touched.conversation_native_id = case_events.conversation_native_id
    where
        case_events.occurred_at is not null
        and (
            case_events.event_type in ('created', 'merged', 'deleted', 'restored')
            or case_events.field in ('status', 'assignee', 'group', 'priority')
        )

),

final as (

    select
        source_conversation_id,
        row_number() over (
            partition by source_conversation_id
            order by
                occurred_at,
                -- Of one instant: a case is made before anything happens to it, and nothing happens once it is gone.
                case when event_kind = 'created' then 1 when event_kind = 'merged' or is_deleted_now then 3 else 2 end,
                length(case_event_id),
                case_event_id
        ) as event_number,
        event_kind,
        old_value,
        new_value,
        occurred_at
    from events
    -- What a merge does to the case it closes is no work on that case.
    where merged_at is null or occurred_at < merged_at or (event_kind = 'merged' and occurred_at = merged_at)

)

select * from final
