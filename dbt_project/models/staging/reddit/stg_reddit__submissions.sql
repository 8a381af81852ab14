-- One row per Reddit post, in its newest version.
{{ config(materialized='incremental', indexes=record_indexes('conversation_native_id')) }}

with

source as (
    {{ newest_versions('reddit', 'submissions') }}
),

renamed as materialized ( -- or each mention of a time below would parse its text again

    select
        source._record_key,
        source._record_key as submission_id,
        source._record_key as conversation_native_id,
        lower(posts.subreddit) as subreddit,
        posts.author_fullname as author_native_id,
        nullif(lower(posts.author), '[deleted]') as author_handle,
        {{ reddit_words('posts.title') }} as title,
        {{ reddit_words('posts.selftext') }} as body,
        -- A link has no words of its own; for one that was removed, Reddit says by whom.
        coalesce({{ is_reddit_note('posts.selftext') }}, false)
        or coalesce({{ is_reddit_note('posts.title') }}, false)
        or {{ blank_to_null('posts.removed_by_category') }} is not null as is_taken_away,
        'https://www.reddit.com' || {{ blank_to_null('posts.permalink') }} as url,
        {{ to_number_or_null('posts.score') }}::bigint as likes,
        {{ to_number_or_null('posts.num_crossposts') }}::bigint as shares,
        {{ moment_of_epoch('posts.created_utc') }} as claimed_at,
        {{ moment_of_epoch('posts.edited') }} as edited_at,
        source._extracted_at,
        source._load_id
    from source
    cross join lateral jsonb_to_record(source.payload) as posts (
        subreddit text, author_fullname text, author text, title text, selftext text, removed_by_category text,
        permalink text, score text, num_crossposts text, created_utc text, edited text
    )

),

final as (

    select
        renamed.*,
        case when not renamed.is_taken_away then nullif(concat_ws(e'\n', renamed.title, renamed.body), '') end
            as text_plain,
        {{ plausible_or_read('renamed.claimed_at', 'renamed._extracted_at') }} as published_at,
        -- Reddit does not say when; of what changed again since, when it was last seen so.
        case when renamed.is_taken_away then renamed._extracted_at end as deleted_at
    from renamed

)

select * from final
