-- One row per Instagram comment or reply, in its newest version.
{{ config(materialized='incremental', indexes=record_indexes('conversation_native_id')) }}

with

source as (
    {{ newest_versions('instagram', 'comments') }}
),

renamed as materialized ( -- or each mention of a time below would parse its text again

    select
        source._record_key,
        source._record_key as comment_id,
        coalesce({{ blank_to_null('comments.media_id') }}, source._record_key) as conversation_native_id,
        coalesce({{ blank_to_null('comments.parent_id') }}, {{ blank_to_null('comments.media_id') }}) as replied_to_id,
        lower(comments.account) as account,
        comments."from" ->> 'id' as author_native_id,
        lower(coalesce(comments.username, comments."from" ->> 'username')) as author_handle,
        {{ clean_text('comments."text"') }} as text_plain,
        coalesce({{ to_boolean_or_null('comments.hidden') }}, false) as is_hidden,
        {{ to_number_or_null('comments.like_count') }}::bigint as likes,
        {{ to_timestamp_or_null('comments."timestamp"') }} as claimed_at,
        source._extracted_at,
        source._load_id
    from source
    cross join lateral jsonb_to_record(source.payload) as comments (
        media_id text, parent_id text, account text, "from" jsonb, username text, "text" text, hidden text,
        like_count text, "timestamp" text
    )

),

final as (

    select
        renamed.*,
        {{ plausible_or_read('renamed.claimed_at', 'renamed._extracted_at') }} as published_at
    from renamed

)

select * from final
