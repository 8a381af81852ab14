-- One row per Reddit post or comment, in its newest version.
with

source_accounts as (

    select * from {{ ref('source_accounts') }}
    where source = 'reddit'

),

said as (

    select
        submission_id as native_id,
        conversation_native_id,
        null::text as in_reply_to_native_id,
        'submission' as source_channel,
        subreddit,
        author_native_id,
        author_handle,
        published_at,
        _extracted_at,
        edited_at,
        deleted_at,
        text_plain,
        url,
        likes,
        shares,
        null::boolean as is_by_submitter
    from {{ ref('stg_reddit__submissions') }}
    union all
    select
        comment_id,
        conversation_native_id,
        replied_to_id,
        'comment',
        subreddit,
        author_native_id,
        author_handle,
        published_at,
        _extracted_at,
        edited_at,
        deleted_at,
        text_plain,
        url,
        likes,
        null,
        is_by_submitter
    from {{ ref('stg_reddit__comments') }}

),

final as (

    select
        'reddit:' || said.native_id as interaction_id,
        'reddit' as source,
        coalesce(own.source_account, subreddits.source_account) as source_account,
        said.native_id,
        said.conversation_native_id,
        said.in_reply_to_native_id,
        said.source_channel,
        case when own.source_account is null then 'earned' else 'owned' end as surface,
        'public' as visibility,
        false as is_internal,
        case when own.source_account is null then 'inbound' else 'outbound' end as direction,
        case
            when own.source_account is not null then 'agent'
            -- Reddit's own, which answers in any subreddit that sets it up.
            when said.author_handle = 'automoderator' then 'bot'
            -- Whoever took it away took the name with it.
            when said.deleted_at is not null and said.author_handle is null then 'unknown'
            else 'customer'
        end as sender_kind,
        said.author_native_id,
        said.author_handle,
        said.published_at,
        said.published_at as available_at,
        said._extracted_at as extracted_at,
        said.edited_at,
        said.deleted_at,
        said.text_plain,
        coalesce(own.market_code, subreddits.market_code) as market_code,
        coalesce(own.brand_code, subreddits.brand_code) as brand_code,
        said.url,
        said.likes,
        said.shares,
        jsonb_strip_nulls(
            jsonb_build_object('subreddit', said.subreddit, 'is_by_submitter', said.is_by_submitter)
        ) as source_attributes,
        {{ nulls_for(
            'author_name', 'author_email', 'author_phone', 'author_external_id', 'author_followers', 'agent_native_id',
            'rating', 'views'
        ) }}
    from said
    left join source_accounts as own
        on 'u/' || said.author_handle = own.source_account
    left join source_accounts as subreddits
        on 'r/' || said.subreddit = subreddits.source_account

)

select * from final
