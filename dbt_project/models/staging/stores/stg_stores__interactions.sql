-- One row per visit to a store, as one utterance of its visitor: the notes of staff.
with

visits as (

    select * from {{ ref('stg_stores__visits') }}

),

source_accounts as (

    select * from {{ ref('source_accounts') }}
    where source = 'stores'

),

final as (

    select
        'stores:' || visits._record_key as interaction_id,
        'stores' as source,
        visits.store as source_account,
        visits._record_key as native_id,
        visits.conversation_native_id,
        'visit' as source_channel,
        'owned' as surface,
        'private' as visibility,
        false as is_internal,
        'inbound' as direction,
        'customer' as sender_kind,
        visits.customer_ref as author_native_id,
        visits.customer_ref as author_external_id,
        visits.agent_native_id,
        visits.visited_at as published_at,
        visits.visited_at as available_at,
        visits._extracted_at as extracted_at,
        visits.note as text_plain,
        -- One store may serve several brands: what the visit itself says goes first.
        coalesce(visits.market_code, source_accounts.market_code) as market_code,
        coalesce(visits.brand_code, source_accounts.brand_code) as brand_code,
        jsonb_strip_nulls(jsonb_build_object(
            'reason', visits.reason,
            'is_noted_by_staff', true,
            'claimed_at', nullif(visits.claimed_at, visits.visited_at)
        )) as source_attributes,
        {{ nulls_for(
            'in_reply_to_native_id', 'author_handle', 'author_name', 'author_email', 'author_phone', 'author_followers',
            'edited_at', 'deleted_at', 'rating', 'url', 'likes', 'shares', 'views'
        ) }}
    from visits
    left join source_accounts
        on visits.store = source_accounts.source_account

)

select * from final
