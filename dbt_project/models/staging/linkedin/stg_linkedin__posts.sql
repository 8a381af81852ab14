-- One row per post of a page on LinkedIn, in its newest version.
{{ config(materialized='incremental', indexes=record_indexes('conversation_native_id')) }}

with

source as (
    {{ newest_versions('linkedin', 'posts') }}
),

posts as (

    select
        source._record_key,
        source._event_at,
        source._version_at,
        source._extracted_at,
        source._load_id,
        posts.author,
        posts."lifecycleStateInfo" ->> 'isEditedByAuthor' as is_edited,
        -- LinkedIn's "little" format: {hashtag|\#|acme}, @[Acme](urn:li:organization:1), a backslash before brackets.
        regexp_replace(
            regexp_replace(
                regexp_replace(posts.commentary, '\{hashtag\|\\?#\|([^}]*)\}', '#\1', 'g'),
                '@\[([^]]*)\]\(urn:[^)]*\)', '@\1', 'g'
            ),
            '\\([][|{}@()<>#\\*_~])', '\1', 'g'
        ) as commentary
    from source
    cross join lateral jsonb_to_record(source.payload) as posts (
        author text, commentary text, "lifecycleStateInfo" jsonb
    )

),

renamed as (

    select
        _record_key,
        _record_key as post_id,
        _record_key as conversation_native_id,
        replace(author, 'urn:li:organization:', '') as organization_id,
        author as author_native_id,
        {{ clean_text('commentary') }} as text_plain,
        _event_at as claimed_at,
        case when is_edited = 'true' then _version_at end as edited_at,
        _extracted_at,
        _load_id
    from posts

),

final as (

    select
        renamed.*,
        {{ plausible_or_read('renamed.claimed_at', 'renamed._extracted_at') }} as published_at
    from renamed

)

select * from final
