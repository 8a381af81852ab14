-- Conversations in which customers wrote more or fewer messages than their waits hold, but for closing courtesies.
with

-- What they write once it is merged waits in the case that lives on.
messages as (

    select
        interactions.conversation_id,
        count(*) as customer_message_count
    from {{ ref('fct_interactions') }} as interactions
    inner join {{ ref('fct_conversations') }} as conversations
        on interactions.conversation_id = conversations.conversation_id
    where
        interactions.sender_kind = 'customer'
        and not interactions.is_internal
        and not (conversations.is_merged and interactions.published_at >= conversations.closed_at)
    group by interactions.conversation_id

),

waits as (

    select
        conversation_id,
        sum(customer_message_count) as customer_message_count
    from {{ ref('fct_response_gaps') }}
    group by conversation_id

),

courtesies as (

    select
        conversation_id,
        count(*) as message_count
    from {{ ref('fct_interactions') }}
    where sender_kind = 'customer' and contact_type_code = 'courtesy' and not is_serviceable
    group by conversation_id

)

select coalesce(messages.conversation_id, waits.conversation_id) as conversation_id
from messages
full join waits
    on messages.conversation_id = waits.conversation_id
left join courtesies
    on messages.conversation_id = courtesies.conversation_id
where
    coalesce(messages.customer_message_count, 0) - coalesce(waits.customer_message_count, 0)
    not between 0 and coalesce(courtesies.message_count, 0)
