-- One row per customer and author who are, or were, one person.
{{
    config(
        materialized='incremental',
        unique_key='author_key',
        meta={'changed_keys': 'int_authors_pending'},
        indexes=[{'columns': ['customer_identity_key'], 'unique': True}, {'columns': ['author_key']}, {'columns': ['customer_id']}]
    )
}}

with

authors as not materialized (

    select * from {{ ref('int_authors_pending') }}

),

links as not materialized (

    select * from {{ ref('int_author_customers') }}

),

channels_seen as (

    select * from {{ ref('int_author_channels') }}

),

-- The last of the customers who gave up a key that the author still shows. A key that was weaker than the link of that
-- time decided nothing.
former as (

    select distinct on (matches.source, matches.author_native_id) -- the last of several
        matches.source,
        matches.author_native_id,
        matches.customer_id,
        matches.identity_kind,
        matches.confidence,
        matches.valid_from,
        matches.valid_to
    from {{ ref('int_author_matches') }} as matches
    left join links
        on matches.source = links.source and matches.author_native_id = links.author_native_id
    left join {{ ref('identity_kinds') }} as linking
        on links.identity_kind = linking.identity_kind
    where
        not matches.is_current
        and matches.customer_id is distinct from links.customer_id
        and (linking.strength is null or matches.strength <= linking.strength or matches.valid_to <= links.valid_from)
    order by matches.source asc, matches.author_native_id asc, matches.valid_to desc, matches.strength asc

),

spans as (

    select
        authors.source,
        authors.author_native_id,
        authors.author_key,
        links.customer_id,
        links.identity_kind,
        links.evidence,
        links.confidence,
        links.is_contradicted,
        true as is_current,
        -- An account belongs to one customer at a time.
        greatest(links.valid_from, former.valid_to) as valid_from,
        null::timestamptz as valid_to
    from authors
    inner join links
        on authors.source = links.source and authors.author_native_id = links.author_native_id
    left join former
        on authors.source = former.source and authors.author_native_id = former.author_native_id
    where links.customer_id is not null
    union all
    select
        authors.source,
        authors.author_native_id,
        authors.author_key,
        former.customer_id,
        former.identity_kind,
        former.identity_kind as evidence,
        former.confidence,
        false,
        false,
        former.valid_from,
        former.valid_to
    from authors
    inner join former
        on authors.source = former.source and authors.author_native_id = former.author_native_id

),

final as (

    select
        md5(spans.customer_id || '|' || spans.author_key) as customer_identity_key,
        spans.customer_id,
        spans.author_key,
        spans.source,
        channels_seen.channel_code,
        spans.identity_kind as method,
        spans.evidence,
        spans.confidence,
        spans.is_contradicted,
        spans.is_current,
        spans.valid_from,
        spans.valid_to
    from spans
    -- An author who no longer says anything is not linked.
    inner join channels_seen
        on spans.source = channels_seen.source and spans.author_native_id = channels_seen.author_native_id

)

select * from final
