-- One row per entry of an RSS or Atom feed, in its newest version.
with

entries as (

    select * from {{ ref('stg_feeds__entries') }}

),

source_accounts as (

    select * from {{ ref('source_accounts') }}
    where source = 'feeds'

),

final as (

    select
        'feeds:' || entries.entry_key as interaction_id,
        'feeds' as source,
        own.source_account,
        entries.entry_key as native_id,
        entries.conversation_native_id,
        'entry' as source_channel,
        case when own.source_account is null then 'earned' else 'owned' end as surface,
        'public' as visibility,
        false as is_internal,
        case when own.source_account is null then 'inbound' else 'outbound' end as direction,
        case when own.source_account is null then 'customer' else 'agent' end as sender_kind,
        -- A name is all that a feed tells of an author, and means one person within one feed at most.
        entries.feed_url || ' ' || entries.author_name as author_native_id,
        entries.author_name,
        entries.published_at,
        entries.published_at as available_at,
        entries._extracted_at as extracted_at,
        entries.edited_at,
        entries.text_plain,
        own.market_code,
        own.brand_code,
        entries.url,
        jsonb_strip_nulls(jsonb_build_object('feed_title', entries.feed_title)) as source_attributes,
        {{ nulls_for(
            'in_reply_to_native_id', 'author_handle', 'author_email', 'author_phone', 'author_external_id',
            'author_followers', 'agent_native_id', 'deleted_at', 'rating', 'likes', 'shares', 'views'
        ) }}
    from entries
    left join source_accounts as own
        on entries.feed_host = own.source_account

)

select * from final
