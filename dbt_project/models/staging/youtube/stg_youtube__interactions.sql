-- One row per YouTube comment or reply, in its newest version.
with

comments as (

    select * from {{ ref('stg_youtube__comments') }}

),

removals as (

    select * from {{ ref('stg_youtube__removals') }}

),

source_accounts as (

    select * from {{ ref('source_accounts') }}
    where source = 'youtube'

),

final as (

    select
        'youtube:' || comments.comment_id as interaction_id,
        'youtube' as source,
        channels.source_account,
        comments.comment_id as native_id,
        comments.conversation_native_id,
        comments.replied_to_comment_id as in_reply_to_native_id,
        'comment' as source_channel,
        'owned' as surface,
        'public' as visibility,
        false as is_internal,
        case when own.source_account is null then 'inbound' else 'outbound' end as direction,
        case when own.source_account is null then 'customer' else 'agent' end as sender_kind,
        comments.author_native_id,
        comments.author_name,
        comments.published_at,
        comments.published_at as available_at,
        comments._extracted_at as extracted_at,
        comments.edited_at,
        removals.removed_at as deleted_at,
        comments.text_plain,
        channels.market_code,
        channels.brand_code,
        'https://www.youtube.com/watch?v=' || comments.video_id || '&lc=' || comments.comment_id as url,
        comments.likes,
        jsonb_strip_nulls(jsonb_build_object('video_id', comments.video_id)) as source_attributes,
        {{ nulls_for(
            'author_handle', 'author_email', 'author_phone', 'author_external_id', 'author_followers',
            'agent_native_id', 'rating', 'shares', 'views'
        ) }}
    from comments
    left join removals
        on comments._record_key = removals._record_key
    -- A channel's id is both where a comment stands and who writes for the company.
    left join source_accounts as channels
        on comments.channel_id = channels.source_account
    left join source_accounts as own
        on comments.author_native_id = own.source_account

)

select * from final
