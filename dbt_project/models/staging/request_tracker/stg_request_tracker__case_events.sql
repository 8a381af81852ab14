-- One row per creation, deletion, merge and change of status, owner, queue or priority of a ticket.
with

tickets as (

    select * from {{ ref('stg_request_tracker__tickets') }}

),

transactions as (

    select transactions.*
    from {{ ref('stg_request_tracker__transactions') }} as transactions
    left join tickets
        on transactions.conversation_native_id = tickets.conversation_native_id
    where tickets.is_made_by_us is not true

),

status_codes as (

    select * from {{ ref('status_codes') }}
    where source = 'request_tracker'

),

-- History tells of changes alone: what a ticket began with is what its first change replaced, or what it still has.
first_changes as (

    select distinct on (conversation_native_id, field) -- of several changes of a field, the first
        conversation_native_id,
        field,
        old_value
    from transactions
    where transaction_type <> 'create'
    order by conversation_native_id, field, created_at, length(_record_key), _record_key

),

beginnings as (

    select
        transactions._record_key,
        transactions.conversation_native_id,
        moments.field,
        null::text as old_value,
        case when first_changes.field is null then moments.value else first_changes.old_value end as new_value,
        transactions.actor_kind,
        transactions.actor_id,
        transactions.created_at
    from transactions
    left join tickets
        on transactions.conversation_native_id = tickets.conversation_native_id
    cross join
        lateral (
            values
            ('created', null),
            ('status', tickets.status),
            ('assignee', tickets.owner_id),
            ('group', tickets.queue_id),
            ('priority', tickets.priority)
        ) as moments (field, value)
    left join first_changes
        on
            transactions.conversation_native_id = first_changes.conversation_native_id
            and moments.field = first_changes.field
    where transactions.transaction_type = 'create'

),

steps as (

    select * from beginnings
    where field = 'created' or new_value is not null
    union all
    select
        _record_key,
        conversation_native_id,
        field,
        old_value,
        case when field = 'mergedinto' then substring(new_value from '[0-9]+$') else new_value end as new_value,
        actor_kind,
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
        steps.actor_kind,
        steps.actor_id as actor_native_id,
        steps.created_at as occurred_at,
        '{}'::jsonb as source_attributes
    from steps
    left join status_codes as old_statuses
        on steps.field = 'status' and steps.old_value = old_statuses.source_status
    left join status_codes as new_statuses
        on steps.field = 'status' and steps.new_value = new_statuses.source_status
    -- A merge is noted on both tickets.
    where steps.field <> 'mergedinto' or steps.new_value <> steps.conversation_native_id

)

select * from final
