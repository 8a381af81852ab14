-- One row per ticket that we created and on which no customer has written yet; it is no contact.
with

tickets as (

    select * from {{ ref('stg_zendesk__tickets') }}
    where is_made_by_us

),

final as (

    select tickets.conversation_native_id
    from tickets
    where not {{ has_customer_comment('tickets.conversation_native_id') }}

)

select * from final
