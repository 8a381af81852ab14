-- One row per person or account that spoke to the company, under a pseudonym.
{{
    config(
        materialized='incremental',
        unique_key='author_key',
        indexes=[
            {'columns': ['author_key'], 'unique': True},
            {'columns': ['first_source_conversation_id']}, {'columns': ['last_source_conversation_id']}
        ],
        post_hook="{{ delete_authors_unseen() }}"
    )
}}

with

touched as (

    select * from {{ ref('int_conversations_touched') }}

),

sights as (

    select * from {{ ref('int_author_sights') }}

),

links as (

    select * from {{ ref('int_author_customers') }}

),

{% if is_incremental() -%}
    concerned as (

        select links.author_key
        from touched
        inner join sights
            on
                touched.source = sights.source
                and touched.conversation_native_id = sights.conversation_native_id
        inner join links
            on sights.source = links.source and sights.author_native_id = links.author_native_id
        -- A corrected record may have taken away an author's first or last conversation.
        union
        select existing.author_key
        from touched
        inner join {{ this }} as existing
            on touched.source_conversation_id = existing.first_source_conversation_id
        union
        select existing.author_key
        from touched
        inner join {{ this }} as existing
            on touched.source_conversation_id = existing.last_source_conversation_id

    ),
{%- endif %}

authors as (

    select links.*
    from links
    {% if is_incremental() -%}
        inner join concerned
            on links.author_key = concerned.author_key
    {%- endif %}

),

seen as (

    select
        authors.author_key,
        authors.source,
        authors.customer_id,
        (
            array_agg(sights.followers order by sights.sighted_at desc, sights.conversation_native_id desc) filter (
                where sights.followers is not null
            )
        )[1]
            as followers,
        (array_agg(sights.source_conversation_id order by sights.first_seen_at, sights.conversation_native_id))[1]
            as first_source_conversation_id,
        (
            array_agg(
                sights.source_conversation_id order by sights.last_seen_at desc, sights.conversation_native_id desc
            )
        )[1]
            as last_source_conversation_id,
        min(sights.first_seen_at) as first_seen_at,
        max(sights.last_seen_at) as last_seen_at
    from authors
    inner join sights
        on authors.source = sights.source and authors.author_native_id = sights.author_native_id
    group by authors.author_key, authors.source, authors.customer_id

),

final as (

    select
        author_key,
        source,
        customer_id,
        first_source_conversation_id,
        last_source_conversation_id,
        followers,
        first_seen_at,
        last_seen_at
    from seen
    {% if not is_incremental() %}
        union all
        select
            special.author_key,
            null,
            null,
            null,
            null,
            null,
            null,
            null
        from (values ('unknown'), ('not_applicable')) as special (author_key)
    {% endif %}

)

select * from final
