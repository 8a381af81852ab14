-- One row per Mastodon status, in its newest version.
{{ config(materialized='incremental', indexes=record_indexes('conversation_native_id')) }}

with

source as (
    {{ newest_versions('mastodon', 'statuses') }}
),

renamed as materialized ( -- or each mention of a time below would parse its text again

    select
        source._record_key,
        source._record_key as status_id,
        coalesce({{ blank_to_null('statuses.thread_root_id') }}, source._record_key) as conversation_native_id,
        {{ blank_to_null('statuses.in_reply_to_id') }} as replied_to_status_id,
        statuses.account ->> 'id' as author_native_id,
        lower(statuses.account ->> 'acct') as author_handle,
        {{ clean_text("(statuses.account ->> 'display_name')") }} as author_name,
        coalesce({{ to_boolean_or_null("(statuses.account ->> 'bot')") }}, false) as is_bot,
        {{ to_number_or_null("(statuses.account ->> 'followers_count')") }}::bigint as author_followers,
        -- A content warning is the first thing that its author says.
        {{ plain_text("concat_ws('<br>', nullif(statuses.spoiler_text, ''), statuses.content)") }} as text_plain,
        lower(jsonb_path_query_array(statuses.mentions, '$[*].acct')::text)::jsonb as mentioned_handles,
        lower(jsonb_path_query_array(statuses.tags, '$[*].name')::text)::jsonb as hashtags,
        coalesce(statuses.visibility in ('public', 'unlisted'), true) as is_public,
        {{ to_number_or_null('statuses.favourites_count') }}::bigint as likes,
        {{ to_number_or_null('statuses.reblogs_count') }}::bigint as shares,
        statuses.url,
        {{ to_timestamp_or_null('statuses.created_at') }} as claimed_at,
        {{ to_timestamp_or_null('statuses.edited_at') }} as edited_at,
        source._extracted_at,
        source._load_id
    from source
    cross join lateral jsonb_to_record(source.payload) as statuses (
        thread_root_id text, in_reply_to_id text, account jsonb, content text, spoiler_text text,
        mentions jsonb, tags jsonb, visibility text, favourites_count text, reblogs_count text, url text,
        created_at text, edited_at text
    )

),

final as (

    select
        renamed.*,
        {{ plausible_or_read('renamed.claimed_at', 'renamed._extracted_at') }} as published_at
    from renamed

)

select * from final
