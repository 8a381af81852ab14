-- One row per ticket that we created and on which no customer ever wrote; it is no contact.
-- A link to us does not show this, because a merge moves links; messages keep the number of their original ticket.
with

tickets as (

    select * from {{ ref('stg_request_tracker__tickets') }}
    where is_made_by_us

),

messages as (

    select * from {{ ref('stg_request_tracker__messages') }}
    where author_kind = 'customer'

),

final as (

    select tickets.conversation_native_id
    from tickets
    left join messages
        on tickets.conversation_native_id = messages.conversation_native_id
    where messages.conversation_native_id is null

)

select * from final
