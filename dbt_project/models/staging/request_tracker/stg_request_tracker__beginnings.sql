-- One row per ticket and field, with its initial value, NULL if unknown; field `created` is the creation itself.
-- History contains changes only: the initial value is what the first change replaced, or the present value.
with

-- Looked up by ticket: materialized for its readers, it would be all of history, read once for each ticket.
transactions as not materialized (

    select * from {{ ref('stg_request_tracker__transactions') }}

),

known as (

    select
        conversation_native_id,
        created_at
    from transactions
    union all
    select
        conversation_native_id,
        created_at
    from {{ ref('stg_request_tracker__messages') }}

),

final as (

    select
        creations._record_key,
        creations.conversation_native_id,
        fields.field,
        case when first_changes.field is null then fields.value else first_changes.old_value end as value,
        creations.actor_id,
        creations.created_at
    from transactions as creations
    -- What a ticket has now counts unless it is that of the one it went into, or more came of it than is known: history
    -- is read to the end of a window, tickets as they are. The last change is seconds after its step: mails go out
    -- before. Each looks for one ticket by its number, or a run would read all of them.
    left join
        lateral (
            select tickets.*
            from {{ ref('stg_request_tracker__tickets') }} as tickets
            where
                tickets.conversation_native_id = creations.conversation_native_id
                and tickets.merged_into is null
                and (
                    select max(known.created_at)
                    from known
                    where known.conversation_native_id = creations.conversation_native_id
                ) >= tickets.updated_at - interval '1 minute'
        ) as still_so
        on true
    cross join
        lateral (
            values
            ('created', null), ('status', coalesce(still_so.status, 'new')),
            ('assignee', still_so.owner_id), ('group', still_so.queue_id), ('priority', still_so.priority)
        ) as fields (field, value)
    left join
        lateral (
            select
                changes.field,
                changes.old_value
            from transactions as changes
            where
                changes.conversation_native_id = creations.conversation_native_id
                and changes.field = fields.field
                and changes.transaction_type <> 'create'
            order by changes.created_at asc, length(changes._record_key) asc, changes._record_key asc
            limit 1
        ) as first_changes
        on true
    where creations.transaction_type = 'create'

)

select * from final
