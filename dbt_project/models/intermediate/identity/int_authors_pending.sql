-- One row per author whose link may differ after this run: seen anew, or sharing a key with a changed customer.
{{ config(materialized='table', indexes=[{'columns': ['source', 'author_native_id'], 'unique': True}]) }}

with

conversations as (

    select * from {{ ref('int_conversations_changed') }}

),

sights as (

    select * from {{ ref('int_author_sights') }}

),

customers as (

    select * from {{ ref('int_customers_changed') }}

),

customer_identities as (

    select * from {{ ref('int_customer_identities') }}

),

author_identities as (

    select * from {{ ref('int_author_identities') }}

),

final as (

    {% if flags.FULL_REFRESH %}
        select
            source,
            author_native_id
        from sights
    {% else %}
        select
            sights.source,
            sights.author_native_id
        from conversations
        inner join sights
            on
                conversations.source = sights.source
                and conversations.conversation_native_id = sights.conversation_native_id
    {% endif %}
    union
    -- Keys of earlier versions too: a customer who gave up a key may leave it to somebody else.
    select
        author_identities.source,
        author_identities.author_native_id
    from customers
    inner join customer_identities
        on customers.customer_id = customer_identities.customer_id
    inner join author_identities
        on
            customer_identities.identity_kind = author_identities.identity_kind
            and customer_identities.identity_value = author_identities.identity_value

)

select * from final
