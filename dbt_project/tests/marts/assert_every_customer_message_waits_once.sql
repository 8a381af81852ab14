-- Conversations in which customers wrote more or fewer messages than their waits hold.
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

)

select messages.conversation_id
from messages
left join waits
    on messages.conversation_id = waits.conversation_id
where messages.customer_message_count <> coalesce(waits.customer_message_count, 0)
