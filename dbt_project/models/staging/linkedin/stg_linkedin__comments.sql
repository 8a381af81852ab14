-- One row per comment or reply on LinkedIn, in its newest version.
{{ config(materialized='incremental', indexes=record_indexes('conversation_native_id')) }}

with

source as (
    {{ newest_versions('linkedin', 'comments') }}
),

renamed as (

    select
        source._record_key,
        source._record_key as comment_id,
        coalesce({{ blank_to_null('comments.post_id') }}, source._record_key) as conversation_native_id,
        coalesce({{ blank_to_null('comments."parentComment"') }}, {{ blank_to_null('comments.post_id') }})
            as replied_to_id,
        replace(comments.organization, 'urn:li:organization:', '') as organization_id,
        {{ blank_to_null('comments.actor') }} as author_native_id,
        {{ clean_text("(comments.message ->> 'text')") }} as text_plain,
        {{ to_number_or_null("(comments.\"likesSummary\" ->> 'aggregatedTotalLikes')") }}::bigint as likes,
        source._event_at as claimed_at,
        case when source._version_at > source._event_at then source._version_at end as edited_at,
        source._extracted_at,
        source._load_id
    from source
    cross join lateral jsonb_to_record(source.payload) as comments (
        post_id text, organization text, "parentComment" text, actor text, message jsonb, "likesSummary" jsonb
    )

),

final as (

    select
        renamed.*,
        {{ plausible_or_read('renamed.claimed_at', 'renamed._extracted_at') }} as published_at
    from renamed

)

select * from final
