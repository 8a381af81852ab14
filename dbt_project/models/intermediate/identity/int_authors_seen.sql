-- One row per author and conversation in which they spoke to the company, now or in an earlier version of it.
{{
    config(
        materialized='incremental',
        unique_key=['source', 'conversation_native_id'],
        meta={'changed_keys': 'int_conversations_changed'},
        indexes=[
            {'columns': ['source', 'conversation_native_id', 'author_native_id'], 'unique': True},
            {'columns': ['seen_by_transform']}
        ]
    )
}}

with

conversations as (

    select * from {{ ref('int_conversations_changed') }}

),

sights as (

    select * from {{ ref('int_author_sights') }}

),

seen as (

    select
        sights.source,
        sights.author_native_id,
        sights.conversation_native_id,
        sights.has_spoken_in_private
    from conversations
    inner join sights
        on
            conversations.source = sights.source
            and conversations.conversation_native_id = sights.conversation_native_id
    {% if is_incremental() %}
        union all
        -- An author who no longer speaks there may lose a link, or all words, so the row is kept.
        select
            earlier.source,
            earlier.author_native_id,
            earlier.conversation_native_id,
            earlier.has_spoken_in_private
        from conversations
        inner join {{ this }} as earlier
            on
                conversations.source = earlier.source
                and conversations.conversation_native_id = earlier.conversation_native_id
    {% endif %}

),

final as (

    select
        source,
        author_native_id,
        conversation_native_id,
        bool_or(has_spoken_in_private) as has_spoken_in_private,
        {{ running_transform() }} as seen_by_transform
    from seen
    group by source, author_native_id, conversation_native_id

)

select * from final
