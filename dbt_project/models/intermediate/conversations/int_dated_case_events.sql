-- One row per dated event of a touched case whose source keeps a history of statuses.
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
        case_events.event_type,
        case_events.field,
        nullif(case_events.old_value, '') as old_value,
        nullif(case_events.new_value, '') as new_value,
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
        row_number() over (partition by source_conversation_id order by {{ case_event_order() }}) as event_number,
        case
            when event_type in ('created', 'merged', 'deleted', 'restored') then event_type
            else field
        end as event_kind,
        old_value,
        new_value,
        occurred_at
    from events
    -- What a merge does to the case that it closes is not work on that case.
    where merged_at is null or occurred_at < merged_at or (event_type = 'merged' and occurred_at = merged_at)

)

select * from final
