-- One row per X post, in its newest edit.
with

own_users as (

    select * from {{ ref('stg_x__users') }}

),

-- X leaves out the authors of some posts; our own we know by their ids.
posts as (

    select
        posts.*,
        coalesce(posts.author_handle, own_users.handle) as known_handle
    from {{ ref('stg_x__posts') }} as posts
    left join own_users
        on posts.author_native_id = own_users.user_id and posts.author_handle is null

),

post_edits as (

    select * from {{ ref('stg_x__post_edits') }}

),

removals as (

    select * from {{ ref('stg_x__removals') }}

),

source_accounts as (

    select * from {{ ref('source_accounts') }}
    where source = 'x'

),

final as (

    select
        'x:' || posts.post_id as interaction_id,
        'x' as source,
        coalesce(own.source_account, addressed.source_account) as source_account,
        posts.post_id as native_id,
        posts.conversation_native_id,
        -- A reply names the version that its author saw.
        coalesce(post_edits.post_id, posts.replied_to_post_id) as in_reply_to_native_id,
        'post' as source_channel,
        case when own.source_account is null then 'earned' else 'owned' end as surface,
        'public' as visibility,
        false as is_internal,
        case when own.source_account is null then 'inbound' else 'outbound' end as direction,
        case
            -- Another's words said again ask nothing.
            when own.source_account is null and posts.reference_type = 'retweeted' then 'peer'
            when own.source_account is null then 'customer'
            when posts.signature in ('BOT', 'AUTO') then 'bot'
            else 'agent'
        end as sender_kind,
        posts.author_native_id,
        posts.known_handle as author_handle,
        posts.author_name,
        posts.author_followers,
        -- Two accounts may each have an agent who signs alike.
        case
            when posts.signature not in ('BOT', 'AUTO') then own.source_account || ':' || posts.signature
        end as agent_native_id,
        posts.published_at,
        posts.published_at as available_at,
        posts._extracted_at as extracted_at,
        posts.edited_at,
        removals.removed_at as deleted_at,
        posts.text_plain,
        coalesce(own.market_code, addressed.market_code) as market_code,
        coalesce(own.brand_code, addressed.brand_code) as brand_code,
        'https://x.com/i/status/' || posts.edit_id as url,
        posts.likes,
        posts.reposts + posts.quotes as shares,
        posts.views,
        jsonb_strip_nulls(jsonb_build_object(
            'reference_type', posts.reference_type,
            'claimed_at', nullif(posts.claimed_at, posts.version_created_at)
        )) as source_attributes,
        {{ nulls_for('author_email', 'author_phone', 'author_external_id', 'rating') }}
    from posts
    left join removals
        on posts._record_key = removals._record_key
    -- An id belongs to one post; should two claim it, one of them is taken, and always the same.
    left join lateral (
        select min(versions.post_id) as post_id
        from post_edits as versions
        where posts.replied_to_post_id = versions.edit_id
    ) as post_edits on true
    left join source_accounts as own
        on posts.known_handle = own.source_account
    left join lateral (
        select mentioned.*
        from source_accounts as mentioned
        where posts.mentioned_handles ? mentioned.source_account
        order by strpos(posts.mentioned_handles::text, to_jsonb(mentioned.source_account)::text)
        limit 1
    ) as addressed on true

)

select * from final
