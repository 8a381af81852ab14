-- One row per message of a web form or chat.
with

messages as (

    select * from {{ ref('stg_forms__messages') }}

),

source_accounts as (

    select * from {{ ref('source_accounts') }}
    where source = 'forms'

),

final as (

    select
        'forms:' || messages._record_key as interaction_id,
        'forms' as source,
        messages.account as source_account,
        messages._record_key as native_id,
        messages.conversation_native_id,
        messages.channel as source_channel,
        'owned' as surface,
        'private' as visibility,
        false as is_internal,
        case when senders.kind in ('agent', 'bot', 'system') then 'outbound' else 'inbound' end as direction,
        senders.kind as sender_kind,
        -- Without a number of their own, people are known by what they left to be reached by.
        coalesce(messages.author_id, messages.author_email, messages.author_phone) as author_native_id,
        messages.author_name,
        messages.author_email,
        messages.author_phone,
        messages.customer_ref as author_external_id,
        case when senders.kind = 'agent' then messages.agent_native_id end as agent_native_id,
        messages.created_at as published_at,
        messages.created_at as available_at,
        messages._extracted_at as extracted_at,
        messages.deleted_at,
        messages.text_plain,
        coalesce(messages.market_code, source_accounts.market_code) as market_code,
        coalesce(messages.brand_code, source_accounts.brand_code) as brand_code,
        -- Ratings are compared from one to five.
        case when messages.rating between 1 and 5 then messages.rating end as rating,
        jsonb_strip_nulls(jsonb_build_object(
            'claimed_at', nullif(messages.claimed_at, messages.created_at)
        )) as source_attributes,
        {{ nulls_for(
            'in_reply_to_native_id', 'author_handle', 'author_followers', 'edited_at', 'url', 'likes', 'shares',
            'views'
        ) }}
    from messages
    left join source_accounts
        on messages.account = source_accounts.source_account
    cross join
        lateral (
            values (
                case
                    when messages.sender in ('customer', 'agent', 'bot', 'system') then messages.sender else 'unknown'
                end
            )
        ) as senders (kind)

)

select * from final
