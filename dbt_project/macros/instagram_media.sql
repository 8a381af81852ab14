{# Media of Instagram from one raw table (our own, or those that tag us): one row per record in its newest version. #}
{% macro instagram_media(table) %}
with

source as (
    {{ newest_versions('instagram', table) }}
),

renamed as materialized ( -- or each mention of a time below would parse its text again

    select
        source._record_key,
        source._record_key as media_id,
        source._record_key as conversation_native_id,
        lower(media.account) as account,
        lower(media.username) as author_handle,
        {{ clean_text('media.caption') }} as text_plain,
        lower(media.media_type) as media_type,
        media.permalink as url,
        {{ to_number_or_null('media.like_count') }}::bigint as likes,
        {{ to_timestamp_or_null('media."timestamp"') }} as claimed_at,
        source._extracted_at,
        source._load_id
    from source
    cross join lateral jsonb_to_record(source.payload) as media (
        account text, username text, caption text, media_type text, permalink text, like_count text, "timestamp" text
    )

),

final as (

    select
        renamed.*,
        {{ plausible_or_read('renamed.claimed_at', 'renamed._extracted_at') }} as published_at
    from renamed

)

select * from final
{% endmacro %}
