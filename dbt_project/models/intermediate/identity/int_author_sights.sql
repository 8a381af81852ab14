-- One row per author and conversation in which we saw them speak to the company.
{{
    config(
        materialized='incremental',
        unique_key=['source', 'conversation_native_id'],
        meta={'changed_keys': 'int_conversations_changed'},
        indexes=[{'columns': ['source', 'conversation_native_id']}, {'columns': ['source', 'author_native_id']}]
    )
}}

with

interactions as (

    select * from {{ ref('int_interactions') }}
    {{ only_changed('int_conversations_changed', 'source, conversation_native_id') }}

),

final as (

    select
        source,
        author_native_id,
        conversation_native_id,
        source || ':' || conversation_native_id as source_conversation_id,
        (
            array_agg(author_followers order by extracted_at desc, published_at desc, interaction_id desc)
            filter (where author_followers is not null)
        )[1] as followers,
        min(published_at) as first_seen_at,
        max(published_at) as last_seen_at,
        max(extracted_at) as sighted_at
    from interactions
    where direction = 'inbound' and author_native_id is not null
    group by source, author_native_id, conversation_native_id

)

select * from final
