-- One row per author whose link may differ after this run: seen anew, or sharing a key with a changed customer.
{{ config(materialized='table', indexes=[{'columns': ['source', 'author_native_id'], 'unique': True}]) }}
-- depends_on: {{ ref('int_conversations_changed') }}

{#- As the run before this one left them; `ref` would be a cycle. In a unit test there is no such run, nor `this`. -#}
{% set known = load_relation(this.incorporate(path={'schema': 'marts', 'identifier': 'dim_author'})) if this %}
{% set linked = load_relation(this.incorporate(path={'identifier': 'int_author_customers'})) if this %}

with

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

decisions as (

    select * from {{ ref('stg_ops__identity_decisions') }}

),

affected as (

    {% if flags.FULL_REFRESH %}
        select
            source,
            author_native_id
        from sights
    {% else %}
        select
            sights.source,
            sights.author_native_id
        from {{ ref('int_conversations_changed') }} as conversations
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
    union
    select
        decisions.source,
        decisions.author_native_id
    from decisions
    inner join sights
        on decisions.source = sights.source and decisions.author_native_id = sights.author_native_id
    where decisions.is_pending
    union
    select
        relinked.source,
        relinked.author_native_id
    from {{ source('enriched', 'authors_relinked') }} as relinked
    inner join sights
        on relinked.source = sights.source and relinked.author_native_id = sights.author_native_id
    where relinked.transform_id > {{ last_published_transform() }}
    {% if known and linked and not flags.FULL_REFRESH %}
    -- A corrected record may have taken away an author's only words.
    union
    select linked.source, linked.author_native_id
    from {{ ref('int_conversations_changed') }} as conversations
    inner join {{ known }} as known
        on conversations.source_conversation_id = known.last_source_conversation_id
    inner join {{ linked }} as linked
        on known.author_key = linked.author_key
    {% endif %}

),

final as (

    select
        source,
        author_native_id,
        ops.pseudonym(source || '|' || author_native_id) as author_key
    from affected

)

select * from final
