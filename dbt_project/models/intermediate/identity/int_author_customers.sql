-- One row per author who spoke to the company, with their customer: by a person, a key of one customer, or similarity.
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

matches as not materialized (

    select * from {{ ref('int_author_matches') }}
    where is_current

),

links as (

    select distinct on (matches.source, matches.author_native_id) -- the strongest kind of key decides
        matches.*
    from matches
    order by matches.source, matches.author_native_id, matches.strength

),

-- Everything else that agrees with the link or contradicts it.
seconds as (

    select
        links.source,
        links.author_native_id,
        string_agg(matches.identity_kind, ',' order by matches.strength)
        filter (where matches.customer_id = links.customer_id) as evidence,
        bool_or(matches.customer_id <> links.customer_id) as is_contradicted
    from links
    inner join matches
        on links.source = matches.source and links.author_native_id = matches.author_native_id
    group by links.source, links.author_native_id

),

final as (

    select
        authors.source,
        authors.author_native_id,
        authors.author_key,
        links.customer_id,
        links.identity_kind,
        links.confidence,
        nullif(concat_ws(',', seconds.evidence, links.evidence), '') as evidence,
        seconds.is_contradicted,
        links.valid_from,
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
    left join seconds
        on authors.source = seconds.source and authors.author_native_id = seconds.author_native_id
    {% if is_incremental() -%}
    left join {{ this }} as existing
        on authors.source = existing.source and authors.author_native_id = existing.author_native_id
    {%- endif %}

)

select * from final
