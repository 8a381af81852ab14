-- One row per Facebook post, comment or message, in its newest version.
with

source_accounts as (

    select * from {{ ref('source_accounts') }}
    where source = 'facebook'

),

said as (

    select
        post_id as native_id,
        null::text as in_reply_to_native_id,
        'post' as source_channel,
        'public' as visibility,
        to_jsonb(page_id) as page_ids,
        jsonb_build_object() as source_attributes,
        conversation_native_id,
        author_native_id,
        author_name,
        text_plain,
        likes,
        shares,
        url,
        published_at,
        _extracted_at
    from {{ ref('stg_facebook__posts') }}
    union all
    select
        comment_id,
        replied_to_id,
        'comment',
        'public',
        to_jsonb(page_id),
        jsonb_build_object('is_hidden', is_hidden),
        conversation_native_id,
        author_native_id,
        author_name,
        text_plain,
        likes,
        null,
        url,
        published_at,
        _extracted_at
    from {{ ref('stg_facebook__comments') }}
    union all
    select
        message_id,
        null,
        'message',
        'private',
        addressee_ids,
        jsonb_build_object(),
        conversation_native_id,
        author_native_id,
        author_name,
        text_plain,
        null,
        null,
        null,
        published_at,
        _extracted_at
    from {{ ref('stg_facebook__messages') }}

),

final as (

    select
        'facebook:' || said.native_id as interaction_id,
        'facebook' as source,
        coalesce(own.source_account, addressed.source_account) as source_account,
        said.native_id,
        said.conversation_native_id,
        said.in_reply_to_native_id,
        said.source_channel,
        case when own.source_account is null and said.source_channel = 'post' then 'earned' else 'owned' end as surface,
        said.visibility,
        false as is_internal,
        case when own.source_account is null then 'inbound' else 'outbound' end as direction,
        case when own.source_account is null then 'customer' else 'agent' end as sender_kind,
        said.author_native_id,
        said.author_name,
        said.published_at,
        said.published_at as available_at,
        said._extracted_at as extracted_at,
        said.text_plain,
        coalesce(own.market_code, addressed.market_code) as market_code,
        coalesce(own.brand_code, addressed.brand_code) as brand_code,
        said.url,
        said.likes,
        said.shares,
        said.source_attributes,
        -- The time of an edit is not told: a post's `updated_time` moves with every comment too.
        {{ nulls_for(
            'author_handle', 'author_email', 'author_phone', 'author_external_id', 'author_followers',
            'agent_native_id', 'edited_at', 'deleted_at', 'rating', 'views'
        ) }}
    from said
    left join source_accounts as own
        on said.author_native_id = own.source_account
    -- A message may have been sent to two of our Pages.
    left join lateral (
        select named.*
        from source_accounts as named
        where said.page_ids @> to_jsonb(named.source_account)
        order by named.source_account
        limit 1
    ) as addressed on true

)

select * from final
