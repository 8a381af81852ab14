-- One row per creation, deletion, merge and change of status, owner, queue or priority of a ticket.
with

own_cases as (

    select * from {{ ref('stg_request_tracker__own_cases') }}

),

transactions as (

    select * from {{ ref('stg_request_tracker__transactions') }}

),

beginnings as (

    select * from {{ ref('stg_request_tracker__beginnings') }}

),

status_codes as (

    select * from {{ ref('status_codes') }}
    where source = 'request_tracker'

),

steps as (

    select
        _record_key,
        conversation_native_id,
        field,
        null::text as old_value,
        value as new_value,
        actor_id,
        created_at
    from beginnings
    where field = 'created' or value is not null
    union all
    select
        _record_key,
        conversation_native_id,
        field,
        old_value,
        case when field = 'mergedinto' then substring(new_value from '[0-9]+$') else new_value end as new_value,
        actor_id,
        created_at
    from transactions
    where transaction_type <> 'create'

),

final as (

    select
        'request_tracker:' || steps._record_key || ':' || steps.field as case_event_id,
        'request_tracker' as source,
        steps.conversation_native_id,
        case
            when steps.field = 'created' then 'created'
            when steps.field = 'mergedinto' then 'merged'
            when steps.field = 'status' and steps.new_value = 'deleted' then 'deleted'
            when steps.field = 'status' and steps.old_value = 'deleted' then 'restored'
            else 'changed'
        end as event_type,
        case when steps.field not in ('created', 'mergedinto') then steps.field end as field,
        case steps.field
            when 'status' then coalesce(old_statuses.status, steps.old_value)
            when 'priority' then {{ request_tracker_priority('steps.old_value') }}
            else steps.old_value
        end as old_value,
        case steps.field
            when 'status' then coalesce(new_statuses.status, steps.new_value)
            when 'priority' then {{ request_tracker_priority('steps.new_value') }}
            else steps.new_value
        end as new_value,
        steps.actor_id as actor_native_id,
        steps.created_at as occurred_at
    from steps
    left join own_cases
        on steps.conversation_native_id = own_cases.conversation_native_id
    left join status_codes as old_statuses
        on steps.field = 'status' and steps.old_value = old_statuses.source_status
    left join status_codes as new_statuses
        on steps.field = 'status' and steps.new_value = new_statuses.source_status
    where
        own_cases.conversation_native_id is null
        -- A merge is noted on both tickets.
        and (steps.field <> 'mergedinto' or steps.new_value <> steps.conversation_native_id)

)

select * from final
