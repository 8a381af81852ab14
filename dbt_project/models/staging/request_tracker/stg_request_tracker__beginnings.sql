-- One row per ticket and field of it, with what it began with, NULL where nothing tells; `created` is itself.
-- History tells of changes alone: a ticket began with what its first change replaced, or with what it still has.
with

transactions as (

    select * from {{ ref('stg_request_tracker__transactions') }}

),

first_changes as (

    select distinct on (conversation_native_id, field) * -- of several changes of a field, the first
    from transactions
    where transaction_type <> 'create'
    order by conversation_native_id, field, created_at, length(_record_key), _record_key

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

-- What a ticket has now counts unless it is that of the one it went into, or more came of it than is known: history is
-- read to the end of a window, tickets as they are. The last change is seconds after its step: mails go out before.
still_so as (

    select tickets.*
    from {{ ref('stg_request_tracker__tickets') }} as tickets
    where
        tickets.merged_into is null
        and exists (
            select true
            from known
            where
                known.conversation_native_id = tickets.conversation_native_id
                and known.created_at >= tickets.updated_at - interval '1 minute'
        )

),

final as (

    select
        transactions._record_key,
        transactions.conversation_native_id,
        fields.field,
        case when first_changes.field is null then fields.value else first_changes.old_value end as value,
        transactions.actor_kind,
        transactions.actor_id,
        transactions.created_at
    from transactions
    left join still_so
        on transactions.conversation_native_id = still_so.conversation_native_id
    cross join
        lateral (
            values
            ('created', null), ('status', coalesce(still_so.status, 'new')),
            ('assignee', still_so.owner_id), ('group', still_so.queue_id), ('priority', still_so.priority)
        ) as fields (field, value)
    left join first_changes
        on
            transactions.conversation_native_id = first_changes.conversation_native_id
            and fields.field = first_changes.field
    where transactions.transaction_type = 'create'

)

select * from final
