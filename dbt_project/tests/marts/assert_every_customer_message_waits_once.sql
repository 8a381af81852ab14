-- Conversations in which customers wrote more or fewer messages than their waits hold, but for closing courtesies.
with

messages as (

    select
        conversation_id,
        customer_message_count
    from {{ ref('fct_conversations') }}

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

select messages.conversation_id
from messages
left join waits
    on messages.conversation_id = waits.conversation_id
left join courtesies
    on messages.conversation_id = courtesies.conversation_id
where
    messages.customer_message_count - coalesce(waits.customer_message_count, 0)
    not between 0 and coalesce(courtesies.message_count, 0)
