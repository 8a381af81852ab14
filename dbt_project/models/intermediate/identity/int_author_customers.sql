-- One row per author who spoke to the company, with the customer they are, if a key that only one customer holds says so.
{{
    config(
        materialized='incremental',
        unique_key=['source', 'author_native_id'],
        meta={'changed_keys': 'int_authors_pending'},
        indexes=[
            {'columns': ['source', 'author_native_id'], 'unique': True},
            {'columns': ['author_key']},
            {'columns': ['customer_id']},
            {'columns': ['linked_by_transform']}
        ]
    )
}}

with

authors as (

    select * from {{ ref('int_authors_pending') }}

),

identity_kinds as (

    select * from {{ ref('identity_kinds') }}

),

-- Of each kind, the value that the author showed last.
shown as (

    select distinct on (identities.source, identities.author_native_id, identities.identity_kind)
        identities.source,
        identities.author_native_id,
        identities.identity_kind,
        identities.identity_value
    from authors
    inner join {{ ref('int_author_identities') }} as identities
        on authors.source = identities.source and authors.author_native_id = identities.author_native_id
    order by
        identities.source, identities.author_native_id, identities.identity_kind, identities.shown_at desc,
        identities.conversation_native_id desc, identities.identity_value desc

),

-- A key that two customers hold links to neither.
matches as (

    select
        shown.source,
        shown.author_native_id,
        shown.identity_kind,
        min(customer_identities.customer_id) as customer_id
    from shown
    inner join {{ ref('int_customer_identities') }} as customer_identities
        on
            shown.identity_kind = customer_identities.identity_kind
            and shown.identity_value = customer_identities.identity_value
    where customer_identities.is_current
    group by shown.source, shown.author_native_id, shown.identity_kind
    having count(*) = 1

),

links as (

    select distinct on (matches.source, matches.author_native_id) -- the strongest kind of key decides
        matches.*
    from matches
    inner join identity_kinds
        on matches.identity_kind = identity_kinds.identity_kind
    order by matches.source, matches.author_native_id, identity_kinds.strength

),

final as (

    select
        authors.source,
        authors.author_native_id,
        ops.pseudonym(authors.source || '|' || authors.author_native_id) as author_key,
        links.customer_id,
        links.identity_kind,
        {% if is_incremental() -%}
        case
            when existing.customer_id is not distinct from links.customer_id
                then coalesce(existing.linked_by_transform, 0)
            else {{ running_transform() }}
        end as linked_by_transform
        {%- else -%}
        {{ running_transform() }} as linked_by_transform
        {%- endif %}
    from authors
    left join links
        on authors.source = links.source and authors.author_native_id = links.author_native_id
    {% if is_incremental() -%}
    left join {{ this }} as existing
        on authors.source = existing.source and authors.author_native_id = existing.author_native_id
    {%- endif %}

)

select * from final
