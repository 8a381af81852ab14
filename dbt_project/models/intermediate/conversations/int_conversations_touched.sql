-- One row per conversation whose fact rows this run replaces.
{{
    config(
        materialized='table',
        indexes=[
            {'columns': ['source_conversation_id'], 'unique': True},
            {'columns': ['source', 'conversation_native_id']}
        ]
    )
}}

-- depends_on: {{ ref('int_holders_touched') }}

with

changed as (

    select * from {{ ref('int_conversations_changed') }}

),

authors as (

    select * from {{ ref('int_authors_touched') }}

),

-- Public conversations of authors who wrote in private since: they may continue there, or no longer if it was deleted.
gone_private as (

    select
        sights.source,
        sights.conversation_native_id
    from {{ ref('int_authors_seen') }} as seen
    inner join {{ ref('int_author_sights') }} as sights
        on seen.source = sights.source and seen.author_native_id = sights.author_native_id
    where
        seen.has_spoken_in_private
        and seen.seen_by_transform > {{ last_published_transform() }}
        and sights.has_spoken_in_public

),

labels as (

    select * from {{ ref('stg_ops__human_labels') }}

),

-- Looked up by key: materialized for its two readers, it would be all of history, written to disk.
interactions as not materialized (

    select * from {{ ref('int_interactions') }}

),

case_events as (

    select * from {{ ref('int_case_events') }}

),

affected as (

    {% if flags.FULL_REFRESH %}
        select
            source,
            conversation_native_id
        from interactions
        union
        select
            source,
            conversation_native_id
        from case_events
    {% else %}
        select
            source,
            conversation_native_id
        from changed
        union
        select
            interactions.source,
            interactions.conversation_native_id
        from authors
        inner join interactions
            on authors.source = interactions.source and authors.author_native_id = interactions.author_native_id
        union
        select
            interactions.source,
            interactions.conversation_native_id
        from labels
        inner join interactions
            on labels.interaction_id = interactions.interaction_id
        where labels.is_pending
        union
        select
            source,
            conversation_native_id
        from gone_private
        union
        select
            holders.source,
            holders.conversation_native_id
        from {{ ref('int_holders_touched') }} as holders
        {{ overdue_conversations() }}
    {% endif %}

),

final as (

    select
        source,
        conversation_native_id,
        source || ':' || conversation_native_id as source_conversation_id
    from affected

)

select * from final
