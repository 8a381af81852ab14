-- One row per Bluesky post, in its newest version.
with

posts as (

    select * from {{ ref('stg_bluesky__posts') }}

),

removals as (

    select * from {{ ref('stg_bluesky__removals') }}

),

source_accounts as (

    select * from {{ ref('source_accounts') }}
    where source = 'bluesky'

),

final as (

    select
        'bluesky:' || posts.post_id as interaction_id,
        'bluesky' as source,
        coalesce(own.source_account, addressed.source_account) as source_account,
        posts.post_id as native_id,
        posts.conversation_native_id,
        posts.replied_to_post_id as in_reply_to_native_id,
        'post' as source_channel,
        case when own.source_account is null then 'earned' else 'owned' end as surface,
        'public' as visibility,
        false as is_internal,
        case when own.source_account is null then 'inbound' else 'outbound' end as direction,
        case when own.source_account is null then 'customer' else 'agent' end as sender_kind,
        posts.author_native_id,
        posts.author_handle,
        posts.author_name,
        posts.published_at,
        posts.published_at as available_at,
        posts._extracted_at as extracted_at,
        removals.removed_at as deleted_at,
        posts.text_plain,
        coalesce(own.market_code, addressed.market_code) as market_code,
        coalesce(own.brand_code, addressed.brand_code) as brand_code,
        'https://bsky.app/profile/'
        || replace(substr(posts.post_uri, length('at://') + 1), '/app.bsky.feed.post/', '/post/') as url,
        posts.likes,
        posts.reposts + posts.quotes as shares,
        jsonb_strip_nulls(jsonb_build_object(
            'hashtags', posts.hashtags,
            'is_found', case when own.source_account is null and not posts.is_addressed then true end
        )) as source_attributes,
        -- An edit is a new `cid` under the same address, and has no time.
        {{ nulls_for(
            'author_email', 'author_phone', 'author_external_id', 'author_followers', 'agent_native_id', 'edited_at',
            'rating', 'views'
        ) }}
    from posts
    left join removals
        on posts._record_key = removals._record_key
    left join source_accounts as own
        on posts.author_handle = own.source_account
    -- A mention names an account by an id; whom it was read for is known.
    left join source_accounts as addressed
        on posts.seen_by_handle = addressed.source_account

)

select * from final
