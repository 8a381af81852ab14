-- One row per review or reply: what the customer said, and what the company answered.
with

reviews as (

    select * from {{ ref('stg_reviews__reviews') }}

),

source_accounts as (

    select * from {{ ref('source_accounts') }}
    where source = 'reviews'

),

final as (

    select
        'reviews:' || reviews._record_key as interaction_id,
        'reviews' as source,
        reviews.account as source_account,
        reviews._record_key as native_id,
        reviews.conversation_native_id,
        case when reviews.is_reply then reviews.conversation_native_id end as in_reply_to_native_id,
        reviews.channel as source_channel,
        -- Said to the company, on the page that stands for it.
        'owned' as surface,
        'public' as visibility,
        false as is_internal,
        case when reviews.is_reply then 'outbound' else 'inbound' end as direction,
        case when reviews.is_reply then 'agent' else 'customer' end as sender_kind,
        -- Names are no ids: a hundred people call themselves Anna.
        case when not reviews.is_reply then reviews.author_id end as author_native_id,
        case when not reviews.is_reply then reviews.author_name end as author_name,
        reviews.said_at as published_at,
        reviews.said_at as available_at,
        reviews._extracted_at as extracted_at,
        reviews.text_plain,
        coalesce(reviews.market_code, source_accounts.market_code) as market_code,
        coalesce(reviews.brand_code, source_accounts.brand_code) as brand_code,
        -- Ratings are compared from one to five, so a score of another scale takes its place between them.
        trim_scale(
            round(1 + 4 * (reviews.score - reviews.scale_min) / (reviews.scale_max - reviews.scale_min), 2)
        ) as rating,
        reviews.url,
        jsonb_strip_nulls(jsonb_build_object(
            'score', reviews.score,
            'scale_min', reviews.scale_min,
            'scale_max', reviews.scale_max,
            'claimed_at', nullif(reviews.claimed_at, reviews.said_at)
        )) as source_attributes,
        {{ nulls_for(
            'author_handle', 'author_email', 'author_phone', 'author_external_id', 'author_followers',
            'agent_native_id', 'edited_at', 'deleted_at', 'likes', 'shares', 'views'
        ) }}
    from reviews
    left join source_accounts
        on reviews.account = source_accounts.source_account

)

select * from final
