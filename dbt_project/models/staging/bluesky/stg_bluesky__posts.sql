-- One row per Bluesky post, in its newest version.
{{ config(materialized='incremental', indexes=record_indexes('conversation_native_id')) }}

with

source as (
    {{ newest_versions('bluesky', 'posts') }}
),

renamed as materialized ( -- or each mention of a time below would parse its text again

    select
        source._record_key,
        source._record_key as post_id,
        -- Hashes of addresses, as the record's key is one, for an address names its author in clear.
        coalesce(md5(nullif(posts.record #>> '{reply,root,uri}', '')), source._record_key) as conversation_native_id,
        md5(nullif(posts.record #>> '{reply,parent,uri}', '')) as replied_to_post_id,
        source.payload ->> 'uri' as post_uri,
        posts.author ->> 'did' as author_native_id,
        -- What the AppView says where a name no longer leads to its account.
        nullif(lower(posts.author ->> 'handle'), 'handle.invalid') as author_handle,
        {{ clean_text("(posts.author ->> 'displayName')") }} as author_name,
        lower(posts.seen_by_handle) as seen_by_handle,
        {{ to_boolean_or_null('posts.is_addressed') }} as is_addressed,
        {{ clean_text("(posts.record ->> 'text')") }} as text_plain,
        lower(jsonb_path_query_array(posts.record, '$.facets[*].features[*].tag')::text)::jsonb as hashtags,
        {{ to_number_or_null('posts."likeCount"') }}::bigint as likes,
        {{ to_number_or_null('posts."repostCount"') }}::bigint as reposts,
        {{ to_number_or_null('posts."quoteCount"') }}::bigint as quotes,
        {{ to_timestamp_or_null("(posts.record ->> 'createdAt')") }} as claimed_at,
        {{ to_timestamp_or_null('posts."indexedAt"') }} as seen_at,
        source._extracted_at,
        source._load_id
    from source
    cross join lateral jsonb_to_record(source.payload) as posts (
        author jsonb, record jsonb, seen_by_handle text, is_addressed text, "likeCount" text, "repostCount" text,
        "quoteCount" text, "indexedAt" text
    )

),

final as (

    select
        renamed.*,
        case
            when
                {{ is_plausible_time('renamed.claimed_at', 'renamed._extracted_at') }}
                and renamed.claimed_at between renamed.seen_at - interval '1 day' and renamed.seen_at
                then renamed.claimed_at
            when {{ is_plausible_time('renamed.seen_at', 'renamed._extracted_at') }} then renamed.seen_at
            else renamed._extracted_at
        end as published_at
    from renamed

)

select * from final
