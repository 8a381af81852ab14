-- One row per Reddit comment or reply, in its newest version.
{{ config(materialized='incremental', indexes=record_indexes('conversation_native_id')) }}

with

source as (
    {{ newest_versions('reddit', 'comments') }}
),

renamed as materialized ( -- or each mention of a time below would parse its text again

    select
        source._record_key,
        source._record_key as comment_id,
        coalesce({{ blank_to_null('comments.link_id') }}, source._record_key) as conversation_native_id,
        {{ blank_to_null('comments.parent_id') }} as replied_to_id,
        lower(comments.subreddit) as subreddit,
        comments.author_fullname as author_native_id,
        nullif(lower(comments.author), '[deleted]') as author_handle,
        {{ reddit_words('comments.body') }} as text_plain,
        {{ to_boolean_or_null('comments.is_submitter') }} as is_by_submitter,
        coalesce({{ is_reddit_note('comments.body') }}, false) as is_taken_away,
        'https://www.reddit.com' || {{ blank_to_null('comments.permalink') }} as url,
        {{ to_number_or_null('comments.score') }}::bigint as likes,
        {{ moment_of_epoch('comments.created_utc') }} as claimed_at,
        {{ moment_of_epoch('comments.edited') }} as edited_at,
        source._extracted_at,
        source._load_id
    from source
    cross join lateral jsonb_to_record(source.payload) as comments (
        link_id text, parent_id text, subreddit text, author_fullname text, author text, body text, permalink text,
        score text, created_utc text, edited text, is_submitter text
    )

),

final as (

    select
        renamed.*,
        {{ plausible_or_read('renamed.claimed_at', 'renamed._extracted_at') }} as published_at,
        -- Reddit does not say when; of what changed again since, when it was last seen so.
        case when renamed.is_taken_away then renamed._extracted_at end as deleted_at
    from renamed

)

select * from final
