-- One row per LinkedIn post or comment, in its newest version.
with

source_accounts as (

    select * from {{ ref('source_accounts') }}
    where source = 'linkedin'

),

said as (

    select
        post_id as native_id,
        conversation_native_id,
        null::text as in_reply_to_native_id,
        'post' as source_channel,
        organization_id,
        author_native_id,
        text_plain,
        null::bigint as likes,
        published_at,
        edited_at,
        _extracted_at
    from {{ ref('stg_linkedin__posts') }}
    union all
    select
        comment_id,
        conversation_native_id,
        replied_to_id,
        'comment',
        organization_id,
        author_native_id,
        text_plain,
        likes,
        published_at,
        edited_at,
        _extracted_at
    from {{ ref('stg_linkedin__comments') }}

),

placed as (

    select
        said.*,
        pages.source_account,
        pages.market_code,
        pages.brand_code,
        -- A page that we read is ours, listed or not; so is a listed one that speaks below it.
        own.source_account is not null
        or coalesce(said.author_native_id = 'urn:li:organization:' || said.organization_id, false) as is_ours
    from said
    left join source_accounts as pages
        on said.organization_id = pages.source_account
    left join source_accounts as own
        on said.author_native_id = 'urn:li:organization:' || own.source_account

),

final as (

    select
        'linkedin:' || native_id as interaction_id,
        'linkedin' as source,
        source_account,
        native_id,
        conversation_native_id,
        in_reply_to_native_id,
        source_channel,
        'owned' as surface,
        'public' as visibility,
        false as is_internal,
        case when is_ours then 'outbound' else 'inbound' end as direction,
        case when is_ours then 'agent' else 'customer' end as sender_kind,
        author_native_id,
        published_at,
        published_at as available_at,
        _extracted_at as extracted_at,
        edited_at,
        text_plain,
        market_code,
        brand_code,
        'https://www.linkedin.com/feed/update/' || conversation_native_id as url,
        likes,
        '{}'::jsonb as source_attributes,
        {{ nulls_for(
            'author_handle', 'author_name', 'author_email', 'author_phone', 'author_external_id', 'author_followers',
            'agent_native_id', 'deleted_at', 'rating', 'shares', 'views'
        ) }}
    from placed

)

select * from final
