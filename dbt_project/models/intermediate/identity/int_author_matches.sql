-- One row per pending author and method by which they are, or were, identified as a customer.
{{ config(materialized='table', indexes=[{'columns': ['source', 'author_native_id']}]) }}

with

authors as not materialized (

    select * from {{ ref('int_authors_pending') }}

),

decisions as (

    select * from {{ ref('stg_ops__identity_decisions') }}

),

-- For each kind, the value that the author showed last.
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
        identities.source asc, identities.author_native_id asc, identities.identity_kind asc, identities.shown_at desc,
        identities.conversation_native_id desc, identities.identity_value desc

),

found as (

    -- A key that two customers share, or shared before, links to neither.
    select
        shown.source,
        shown.author_native_id,
        shown.identity_kind,
        min(customer_identities.customer_id) as customer_id,
        null::numeric as probability,
        null::text as evidence,
        min(customer_identities.valid_from) as valid_from,
        min(customer_identities.valid_to) as valid_to,
        customer_identities.is_current
    from shown
    inner join {{ ref('int_customer_identities') }} as customer_identities
        on
            shown.identity_kind = customer_identities.identity_kind
            and shown.identity_value = customer_identities.identity_value
    group by shown.source, shown.author_native_id, shown.identity_kind, customer_identities.is_current
    having count(*) = 1
    union all
    -- An author who is similar to two customers is linked to neither.
    select
        links.source,
        links.author_native_id,
        identity_kinds.identity_kind,
        min(links.customer_id),
        min(links.probability)::numeric,
        min(links.evidence),
        null,
        null,
        true
    from authors
    inner join {{ ref('stg_enriched__identity_links') }} as links
        on authors.source = links.source and authors.author_native_id = links.author_native_id
    inner join {{ ref('identity_kinds') }} as identity_kinds
        on identity_kinds.identity_kind = 'probabilistic' and links.probability >= identity_kinds.least_probability
    group by links.source, links.author_native_id, identity_kinds.identity_kind
    having count(*) = 1
    union all
    (select distinct on (decisions.source, decisions.author_native_id) -- the newest of a person's decisions counts
        decisions.source,
        decisions.author_native_id,
        'manual',
        decisions.customer_id,
        null,
        null,
        decisions.decided_at,
        null,
        true
    from authors
    inner join decisions
        on authors.source = decisions.source and authors.author_native_id = decisions.author_native_id
    where decisions.verdict = 'confirmed'
    order by decisions.source asc, decisions.author_native_id asc, decisions.decision_id desc)

),

final as (

    select
        found.source,
        found.author_native_id,
        found.identity_kind,
        found.customer_id,
        identity_kinds.strength,
        coalesce(found.probability, identity_kinds.confidence) as confidence,
        found.evidence,
        found.valid_from,
        found.valid_to,
        found.is_current
    from found
    inner join {{ ref('identity_kinds') }} as identity_kinds
        on found.identity_kind = identity_kinds.identity_kind
    -- If a source forbids matching, neither an earlier similarity nor a person's decision allows it.
    inner join {{ ref('source_policies') }} as source_policies
        on found.source = source_policies.source and source_policies.may_match_identities
    left join decisions as blocks
        on
            found.source = blocks.source
            and found.author_native_id = blocks.author_native_id
            and found.customer_id = blocks.customer_id
            and blocks.verdict = 'blocked'
    left join {{ ref('int_customer_versions') }} as customers
        on found.customer_id = customers.customer_id and customers.valid_to is null
    -- An author whose customer was deleted or merged in the CRM has no customer until a person decides again.
    where
        blocks.customer_id is null
        and (found.identity_kind <> 'manual' or customers.status is distinct from 'deleted')

)

select * from final
