-- One row per YouTube comment or reply, in its newest version.
{{ config(materialized='incremental', indexes=record_indexes('conversation_native_id')) }}

with

source as (
    {{ newest_versions('youtube', 'comments') }}
),

renamed as materialized ( -- or each mention of a time below would parse its text again

    select
        source._record_key,
        source._record_key as comment_id,
        coalesce({{ blank_to_null('comments.thread_id') }}, source._record_key) as conversation_native_id,
        nullif(comments.snippet ->> 'parentId', '') as replied_to_comment_id,
        nullif(comments.video_id, '') as video_id,
        coalesce(comments.snippet ->> 'channelId', nullif(comments.channel_id, '')) as channel_id,
        comments.snippet #>> '{authorChannelId,value}' as author_native_id,
        {{ clean_text("(comments.snippet ->> 'authorDisplayName')") }} as author_name,
        -- What was typed, in which a < is one; what is displayed may be HTML.
        coalesce(
            {{ clean_text("(comments.snippet ->> 'textOriginal')") }},
            {{ plain_text("(comments.snippet ->> 'textDisplay')") }}
        ) as text_plain,
        {{ to_number_or_null("(comments.snippet ->> 'likeCount')") }}::bigint as likes,
        {{ to_timestamp_or_null("(comments.snippet ->> 'publishedAt')") }} as claimed_at,
        {{ to_timestamp_or_null("(comments.snippet ->> 'updatedAt')") }} as updated_at,
        source._extracted_at,
        source._load_id
    from source
    cross join lateral jsonb_to_record(source.payload) as comments (
        thread_id text, video_id text, channel_id text, snippet jsonb
    )

),

final as (

    select
        renamed.*,
        {{ plausible_or_read('renamed.claimed_at', 'renamed._extracted_at') }} as published_at,
        case when renamed.updated_at > renamed.claimed_at then renamed.updated_at end as edited_at
    from renamed

)

select * from final
