-- One row per WordPress post that is or was published, in its newest version.
{{ config(materialized='incremental', indexes=record_indexes('conversation_native_id')) }}

with

source as (
    {{ newest_versions('wordpress', 'posts') }}
),

renamed as materialized ( -- or each mention of a time below would parse its text again

    select
        source._record_key,
        source._record_key as post_key,
        source._record_key as conversation_native_id,
        nullif(posts.author, '0') as user_id,
        lower(substring(posts.link from '^https?://([^/?#]+)')) as site,
        {{ blank_to_null('posts.link') }} as url,
        {{ plain_text("concat_ws('<br>', nullif(posts.title ->> 'rendered', ''), posts.content ->> 'rendered')") }}
            as text_plain,
        coalesce(posts.status = 'trash', false) as is_in_trash,
        {{ to_timestamp_or_null('posts.date_gmt') }} as claimed_at,
        {{ to_timestamp_or_null('posts.modified_gmt') }} as modified_at,
        source._extracted_at,
        source._load_id
    from source
    cross join lateral jsonb_to_record(source.payload) as posts (
        author text, link text, title jsonb, content jsonb, status text, date_gmt text, modified_gmt text
    )

),

final as (

    select
        renamed.*,
        {{ plausible_or_read('renamed.claimed_at', 'renamed._extracted_at') }} as published_at,
        case when renamed.modified_at > renamed.claimed_at and not renamed.is_in_trash then renamed.modified_at end
            as edited_at,
        case when renamed.is_in_trash then coalesce(renamed.modified_at, renamed._extracted_at) end as deleted_at
    from renamed

)

select * from final
