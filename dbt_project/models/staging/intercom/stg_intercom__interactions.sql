-- One row per message or note of an Intercom conversation.
with

parts as (

    select * from {{ ref('stg_intercom__conversation_parts') }}

),

source_accounts as (

    select * from {{ ref('source_accounts') }}
    where source = 'intercom'

),

final as (

    select
        'intercom:' || parts._record_key as interaction_id,
        'intercom' as source,
        parts.workspace as source_account,
        parts._record_key as native_id,
        parts.conversation_native_id,
        parts.channel as source_channel,
        'owned' as surface,
        'private' as visibility,
        parts.is_internal,
        case when parts.author_kind in ('agent', 'bot') then 'outbound' else 'inbound' end as direction,
        parts.author_kind as sender_kind,
        parts.author_id as author_native_id,
        parts.author_name,
        case when parts.author_kind = 'customer' then parts.author_email end as author_email,
        -- The reference is of the contact, whoever of the others speaks.
        case when parts.author_kind = 'customer' then parts.contact_external_id end as author_external_id,
        case when parts.author_kind = 'agent' then parts.author_id end as agent_native_id,
        parts.created_at as published_at,
        parts.created_at as available_at,
        parts._extracted_at as extracted_at,
        parts.text_plain,
        source_accounts.market_code,
        source_accounts.brand_code,
        jsonb_strip_nulls(jsonb_build_object(
            'part_type', parts.part_type,
            'is_redacted', nullif(parts.is_redacted, false),
            'claimed_at', nullif(parts.claimed_at, parts.created_at)
        )) as source_attributes,
        {{ nulls_for(
            'in_reply_to_native_id', 'author_handle', 'author_phone', 'author_followers', 'edited_at', 'deleted_at',
            'rating', 'url', 'likes', 'shares', 'views'
        ) }}
    from parts
    left join source_accounts
        on parts.workspace = source_accounts.source_account

)

select * from final
