-- One row per Facebook post, in its newest version.
{{ config(materialized='incremental', indexes=record_indexes('conversation_native_id')) }}

with

source as (
    {{ newest_versions('facebook', 'posts') }}
),

renamed as materialized ( -- or each mention of a time below would parse its text again

    select
        source._record_key,
        source._record_key as post_id,
        source._record_key as conversation_native_id,
        -- A post's id begins with that of the Page it stands on, whoever wrote it.
        split_part(source._record_key, '_', 1) as page_id,
        posts."from" ->> 'id' as author_native_id,
        {{ clean_text('(posts."from" ->> \'name\')') }} as author_name,
        {{ clean_text('coalesce(posts.message, posts.story)') }} as text_plain,
        {{ to_number_or_null("(posts.reactions #>> '{summary,total_count}')") }}::bigint as likes,
        {{ to_number_or_null("(posts.shares ->> 'count')") }}::bigint as shares,
        posts.permalink_url as url,
        {{ to_timestamp_or_null('posts.created_time') }} as claimed_at,
        source._extracted_at,
        source._load_id
    from source
    cross join lateral jsonb_to_record(source.payload) as posts (
        "from" jsonb, message text, story text, reactions jsonb, shares jsonb, permalink_url text, created_time text
    )

),

final as (

    select
        renamed.*,
        {{ plausible_or_read('renamed.claimed_at', 'renamed._extracted_at') }} as published_at
    from renamed

)

select * from final
