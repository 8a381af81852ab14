-- One row per entry of an RSS or Atom feed, in its newest version.
{{ config(materialized='incremental', indexes=record_indexes('conversation_native_id')) }}

with

source as (
    {{ newest_versions('feeds', 'entries') }}
),

renamed as materialized ( -- or each mention of a time below would parse its text again

    select
        source._record_key,
        source._record_key as entry_key,
        source._record_key as conversation_native_id,
        entries.feed_url,
        lower(substring(entries.feed_url from '^https?://([^/?#]+)')) as feed_host,
        {{ clean_text('entries.feed_title') }} as feed_title,
        {{ clean_text(unescape_html('entries.author')) }} as author_name,
        {{ plain_text("concat_ws('<br>', nullif(entries.title, ''), entries.content)") }} as text_plain,
        {{ blank_to_null('entries.link') }} as url,
        {{ to_timestamp_or_null('coalesce(entries.published_at, entries.updated_at)') }} as claimed_at,
        {{ to_timestamp_or_null('entries.updated_at') }} as updated_at,
        source._extracted_at,
        source._load_id
    from source
    cross join lateral jsonb_to_record(source.payload) as entries (
        feed_url text, feed_title text, author text, title text, content text,
        link text, published_at text, updated_at text
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
