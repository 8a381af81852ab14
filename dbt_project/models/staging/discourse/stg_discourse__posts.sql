-- One row per Discourse post, in its newest version.
{{ config(materialized='incremental', indexes=record_indexes(['conversation_native_id', 'post_number'])) }}

with

source as (
    {{ newest_versions_and_first('discourse', 'posts') }}
),

renamed as materialized ( -- or each mention of a time below would parse its text again

    select
        source._record_key,
        source._record_key as post_id,
        posts.topic_id as conversation_native_id,
        posts.post_number,
        nullif(posts.reply_to_post_number, '0') as replied_to_post_number,
        lower(substring(posts.site from '^https?://([^/?#]+)')) as site,
        posts.site || {{ blank_to_null('posts.post_url') }} as url,
        posts.user_id,
        lower(posts.username) as author_handle,
        {{ clean_text('posts.name') }} as author_name,
        lower(source.first_payload ->> 'primary_group_name') as author_group,
        coalesce({{ to_boolean_or_null("(source.first_payload ->> 'staff')") }}, false) as is_by_staff,
        coalesce({{ to_boolean_or_null('posts.hidden') }}, false) as is_hidden,
        coalesce({{ to_boolean_or_null('posts.user_deleted') }}, false) or posts.deleted_at is not null as is_deleted,
        {{ to_boolean_or_null('posts.accepted_answer') }} as is_accepted_answer,
        -- What is quoted was said by others; a topic's title is said by its first post.
        {{ plain_text(
            "concat_ws('<br>', case when posts.post_number = '1' then posts.topic_title end,"
            ~ " regexp_replace(posts.cooked, '<aside class=\"quote.*?</aside>', '', 'gs'))"
        ) }} as text_shown,
        {{ to_number_or_null("(posts.liked ->> 'count')") }}::bigint as likes,
        {{ to_number_or_null('posts.reads') }}::bigint as views,
        {{ to_timestamp_or_null('posts.created_at') }} as claimed_at,
        {{ to_timestamp_or_null('posts.updated_at') }} as updated_at,
        {{ to_number_or_null('posts.version') }} as version,
        source._extracted_at, source._load_id
    from source
    cross join lateral (
        select
            record.*,
            jsonb_path_query_first(source.payload, '$.actions_summary[*] ? (@.id == 2)') as liked
        from jsonb_to_record(source.payload) as record (
            topic_id text, post_number text, reply_to_post_number text, site text, post_url text, user_id text,
            username text, name text, hidden text, user_deleted text, deleted_at text, accepted_answer text,
            topic_title text, cooked text, reads text, created_at text, updated_at text, version text
        )
    ) as posts

),

final as (

    select
        renamed.*,
        -- In place of the words of a deleted or hidden post stands a note of the forum.
        case when not renamed.is_deleted and not renamed.is_hidden then renamed.text_shown end as text_plain,
        {{ plausible_or_read('renamed.claimed_at', 'renamed._extracted_at') }} as published_at,
        case when renamed.version > 1 and not renamed.is_deleted then renamed.updated_at end as edited_at,
        case when renamed.is_deleted then coalesce(renamed.updated_at, renamed._extracted_at) end as deleted_at
    from renamed

)

select * from final
