-- One row per Instagram post or comment, in its newest version.
with

source_accounts as (

    select * from {{ ref('source_accounts') }}
    where source = 'instagram'

),

own_media as not materialized (

    select * from {{ ref('stg_instagram__media') }}

),

tags as (

    select * from {{ ref('stg_instagram__tags') }}

),

media as (

    select * from own_media
    union all
    -- A post that others made together with us may be in both.
    select tags.*
    from tags
    where not exists (
        select
        from own_media
        where own_media.media_id = tags.media_id
    )

),

said as (

    select
        media_id as native_id,
        conversation_native_id,
        null::text as in_reply_to_native_id,
        'post' as source_channel,
        account,
        null::text as author_native_id,
        author_handle,
        text_plain,
        likes,
        url,
        jsonb_strip_nulls(jsonb_build_object('media_type', media_type)) as source_attributes,
        published_at,
        _extracted_at
    from media
    union all
    select
        comment_id,
        conversation_native_id,
        replied_to_id,
        'comment',
        account,
        author_native_id,
        author_handle,
        text_plain,
        likes,
        null,
        jsonb_build_object('is_hidden', is_hidden),
        published_at,
        _extracted_at
    from {{ ref('stg_instagram__comments') }}

),

final as (

    select
        'instagram:' || said.native_id as interaction_id,
        'instagram' as source,
        coalesce(own.source_account, places.source_account) as source_account,
        said.native_id,
        said.conversation_native_id,
        said.in_reply_to_native_id,
        said.source_channel,
        case when own.source_account is null and said.source_channel = 'post' then 'earned' else 'owned' end as surface,
        'public' as visibility,
        false as is_internal,
        case when own.source_account is null then 'inbound' else 'outbound' end as direction,
        case when own.source_account is null then 'customer' else 'agent' end as sender_kind,
        said.author_native_id,
        said.author_handle,
        said.published_at,
        said.published_at as available_at,
        said._extracted_at as extracted_at,
        said.text_plain,
        coalesce(own.market_code, places.market_code) as market_code,
        coalesce(own.brand_code, places.brand_code) as brand_code,
        said.url,
        said.likes,
        said.source_attributes,
        {{ nulls_for(
            'author_name', 'author_email', 'author_phone', 'author_external_id', 'author_followers', 'agent_native_id',
            'edited_at', 'deleted_at', 'rating', 'shares', 'views'
        ) }}
    from said
    left join source_accounts as own
        on said.author_handle = own.source_account
    -- Below whose media it stands, or who is tagged in it.
    left join source_accounts as places
        on said.account = places.source_account

)

select * from final
