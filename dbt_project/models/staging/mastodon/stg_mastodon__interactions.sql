-- One row per Mastodon status, in its newest version.
with

statuses as (

    select * from {{ ref('stg_mastodon__statuses') }}

),

removals as (

    select * from {{ ref('stg_mastodon__removals') }}

),

source_accounts as (

    select * from {{ ref('source_accounts') }}
    where source = 'mastodon'

),

final as (

    select
        'mastodon:' || statuses.status_id as interaction_id,
        'mastodon' as source,
        coalesce(own.source_account, addressed.source_account) as source_account,
        statuses.status_id as native_id,
        statuses.conversation_native_id,
        statuses.replied_to_status_id as in_reply_to_native_id,
        'status' as source_channel,
        case when own.source_account is null then 'earned' else 'owned' end as surface,
        case when statuses.is_public then 'public' else 'private' end as visibility,
        false as is_internal,
        case when own.source_account is null then 'inbound' else 'outbound' end as direction,
        case
            when statuses.is_bot then 'bot'
            when own.source_account is null then 'customer'
            else 'agent'
        end as sender_kind,
        statuses.author_native_id,
        statuses.author_handle,
        statuses.author_name,
        statuses.author_followers,
        statuses.published_at,
        statuses.published_at as available_at,
        statuses._extracted_at as extracted_at,
        statuses.edited_at,
        removals.removed_at as deleted_at,
        statuses.text_plain,
        coalesce(own.market_code, addressed.market_code) as market_code,
        coalesce(own.brand_code, addressed.brand_code) as brand_code,
        statuses.url,
        statuses.likes,
        statuses.shares,
        jsonb_strip_nulls(jsonb_build_object(
            'hashtags', statuses.hashtags,
            'is_found', case when own.source_account is null and addressed.source_account like '#%' then true end
        )) as source_attributes,
        {{ nulls_for(
            'author_email', 'author_phone', 'author_external_id', 'agent_native_id', 'rating', 'views'
        ) }}
    from statuses
    left join removals
        on statuses._record_key = removals._record_key
    left join source_accounts as own
        on statuses.author_handle = own.source_account
    -- An account that is named goes before a hashtag: `#acmebank` is listed with its sign.
    left join lateral (
        select named.*
        from source_accounts as named
        where
            statuses.mentioned_handles ? named.source_account
            or statuses.hashtags ? ltrim(named.source_account, '#')
        order by
            statuses.mentioned_handles ? named.source_account desc nulls last,
            strpos(statuses.mentioned_handles::text, to_jsonb(named.source_account)::text),
            named.source_account
        limit 1
    ) as addressed on true

)

select * from final
