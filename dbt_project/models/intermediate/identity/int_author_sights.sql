-- One row per author and conversation in which they spoke to the company.
{{
    config(
        materialized='incremental',
        unique_key=['source', 'conversation_native_id'],
        meta={'changed_keys': 'int_conversations_changed'},
        indexes=[{'columns': ['source', 'conversation_native_id']}, {'columns': ['source', 'author_native_id']}]
    )
}}

with

interactions as not materialized (

    select * from {{ ref('int_interactions') }}
    {{ only_changed('int_conversations_changed', 'source, conversation_native_id') }}

),

answers as (

    select
        source,
        conversation_native_id,
        in_reply_to_native_id,
        min(author_native_id) as first_answerer,
        max(author_native_id) as last_answerer
    from interactions
    -- A forum's bot answers everybody, and spam anybody.
    where direction = 'inbound' and in_reply_to_native_id is not null and sender_kind not in ('bot', 'system')
    group by source, conversation_native_id, in_reply_to_native_id

),

-- If anybody but the author answered, they are the first or the last of those who did, whatever their order.
utterances as (

    select
        interactions.*,
        -- Likes and reposts of a repost belong to the original's author: X shows the original's counts.
        interactions.visibility = 'public' and not {{ is_repost('interactions') }} as is_public_post,
        interactions.author_native_id <> answers.first_answerer
        or interactions.author_native_id <> answers.last_answerer as is_answered_by_others
    from interactions
    left join answers
        on
            interactions.source = answers.source
            and interactions.conversation_native_id = answers.conversation_native_id
            and interactions.native_id = answers.in_reply_to_native_id

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
        max(extracted_at) filter (where author_followers is not null) as followers_read_at,
        bool_or(visibility = 'public') as has_spoken_in_public,
        bool_or(visibility = 'private') as has_spoken_in_private,
        count(*) filter (where is_public_post) as public_post_count,
        count(*) filter (where is_public_post and is_answered_by_others) as answered_post_count,
        sum(likes) filter (where is_public_post) as like_count,
        sum(shares) filter (where is_public_post) as share_count
    from utterances
    where direction = 'inbound' and author_native_id is not null
    group by source, author_native_id, conversation_native_id

)

select * from final
