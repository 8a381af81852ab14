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

utterances as (

    select
        interactions.*,
        exists(
            select 1
            from interactions as replies
            where
                replies.source = interactions.source
                and replies.conversation_native_id = interactions.conversation_native_id
                and replies.in_reply_to_native_id = interactions.native_id
                and replies.direction = 'inbound'
                and replies.author_native_id <> interactions.author_native_id
        ) as is_answered_by_others
    from interactions

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
        max(extracted_at) as sighted_at,
        count(*) filter (where visibility = 'public') as public_post_count,
        count(*) filter (where visibility = 'public' and is_answered_by_others) as answered_post_count,
        sum(likes) filter (where visibility = 'public') as like_count,
        sum(shares) filter (where visibility = 'public') as share_count
    from utterances
    where direction = 'inbound' and author_native_id is not null
    group by source, author_native_id, conversation_native_id

)

select * from final
