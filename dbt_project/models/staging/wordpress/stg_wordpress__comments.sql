-- One row per WordPress comment, with any moderation status, in its newest version.
{{ config(materialized='incremental', indexes=record_indexes('conversation_native_id', 'user_id')) }}

with

source as (
    {{ newest_versions('wordpress', 'comments') }}
),

renamed as materialized ( -- or each mention of a time below would parse its text again

    select
        source._record_key,
        source._record_key as comment_key,
        'post/' || comments.post as conversation_native_id,
        'comment/' || nullif(comments.parent, '0') as replied_to_comment_key,
        nullif(comments.author, '0') as user_id,
        {{ clean_text(unescape_html('comments.author_name')) }} as author_name,
        {{ normalise_email('comments.author_email') }} as author_email,
        lower(substring(comments.link from '^https?://([^/?#]+)')) as site,
        {{ blank_to_null('comments.link') }} as url,
        {{ plain_text("(comments.content ->> 'rendered')") }} as text_plain,
        comments.status,
        {{ to_timestamp_or_null('comments.date_gmt') }} as claimed_at,
        source._extracted_at,
        source._load_id
    from source
    cross join lateral jsonb_to_record(source.payload) as comments (
        post text, parent text, author text, author_name text, author_email text, link text, content jsonb, status text,
        date_gmt text
    )

),

final as (

    select
        renamed.*,
        {{ plausible_or_read('renamed.claimed_at', 'renamed._extracted_at') }} as published_at,
        -- WordPress tells that a comment was taken away, or its post was, not since when.
        case when renamed.status in ('spam', 'trash', 'post-trashed') then renamed._extracted_at end as deleted_at
    from renamed

)

select * from final
