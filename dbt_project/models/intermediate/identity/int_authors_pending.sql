-- One row per author whose link may differ after this run: seen again, linked to a changed customer, or sharing a key.
{{ config(materialized='table', indexes=[{'columns': ['source', 'author_native_id'], 'unique': True}]) }}
-- depends_on: {{ ref('source_policies') }}

{% set known = left_by_the_run_before('int_author_customers') %}
{% set shown = left_by_the_run_before('bridge_customer_identities', schema='bi') %}

with

seen as (

    select * from {{ ref('int_authors_seen') }}

),

sights as not materialized (

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

affected as (

    -- Also authors who lost words to a corrected record, even in a transform that died before publication.
    select
        source,
        author_native_id
    from seen
    {% if not flags.FULL_REFRESH -%}
        where seen_by_transform > {{ last_published_transform() }}
    {%- endif %}
    union
    -- Also keys of earlier versions: a key that a customer gave up may now belong to somebody else.
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
    from {{ ref('stg_ops__identity_decisions') }} as decisions
    inner join sights
        on decisions.source = sights.source and decisions.author_native_id = sights.author_native_id
    left join customers
        on decisions.customer_id = customers.customer_id
    where decisions.is_pending or customers.customer_id is not null
    union
    select
        relinked.source,
        relinked.author_native_id
    from {{ source('enriched', 'authors_relinked') }} as relinked
    inner join sights
        on relinked.source = sights.source and relinked.author_native_id = sights.author_native_id
    where relinked.transform_id > {{ last_published_transform() }}
    {% if known and shown and not flags.FULL_REFRESH -%}
        union
        -- No key leads from an erased customer to the authors linked to them. A link made by a transform that died is
        -- found again by its evidence.
        select
            known.source,
            known.author_native_id
        from customers
        inner join {{ shown }} as shown
            on customers.customer_id = shown.customer_id
        inner join {{ known }} as known
            on shown.author_key = known.author_key
        union
        -- Authors who are, or were, linked although their source now forbids it.
        select
            known.source,
            known.author_native_id
        from {{ shown }} as shown
        inner join {{ known }} as known
            on shown.author_key = known.author_key
        left join {{ ref('source_policies') }} as source_policies
            on shown.source = source_policies.source and source_policies.may_match_identities
        where source_policies.source is null
    {%- endif %}

),

final as (

    select
        source,
        author_native_id,
        ops.pseudonym(source || '|' || author_native_id) as author_key
    from affected

)

select * from final
