-- One row per Facebook comment or reply, in its newest version.
{{ config(materialized='incremental', indexes=record_indexes('conversation_native_id')) }}

with

source as (
    {{ newest_versions('facebook', 'comments') }}
),

renamed as materialized ( -- or each mention of a time below would parse its text again

    select
        source._record_key,
        source._record_key as comment_id,
        coalesce({{ blank_to_null('comments.post_id') }}, source._record_key) as conversation_native_id,
        coalesce(comments.parent ->> 'id', {{ blank_to_null('comments.post_id') }}) as replied_to_id,
        split_part(comments.post_id, '_', 1) as page_id,
        comments."from" ->> 'id' as author_native_id,
        {{ clean_text('(comments."from" ->> \'name\')') }} as author_name,
        {{ clean_text('comments.message') }} as text_plain,
        coalesce({{ to_boolean_or_null('comments.is_hidden') }}, false) as is_hidden,
        {{ to_number_or_null('comments.like_count') }}::bigint as likes,
        comments.permalink_url as url,
        {{ to_timestamp_or_null('comments.created_time') }} as claimed_at,
        source._extracted_at,
        source._load_id
    from source
    cross join lateral jsonb_to_record(source.payload) as comments (
        post_id text, parent jsonb, "from" jsonb, message text, is_hidden text, like_count text, permalink_url text,
        created_time text
    )

),

final as (

    select
        renamed.*,
        {{ plausible_or_read('renamed.claimed_at', 'renamed._extracted_at') }} as published_at
    from renamed

)

select * from final
