-- One row per e-mail received or sent by one of our addresses.
with

senders as (

    select * from {{ ref('stg_mail__senders') }}

),

source_accounts as (

    select * from {{ ref('source_accounts') }}
    where source = 'mail'

),

final as (

    select
        'mail:' || senders._record_key as interaction_id,
        'mail' as source,
        accounts.source_account,
        senders._record_key as native_id,
        senders.conversation_native_id,
        answered.native_id as in_reply_to_native_id,
        'email' as source_channel,
        'owned' as surface,
        'private' as visibility,
        senders.is_ours and senders.is_to_us_alone as is_internal,
        case when senders.is_ours then 'outbound' else 'inbound' end as direction,
        kinds.sender_kind,
        case when kinds.sender_kind <> 'system' then senders.writer_address end as author_native_id,
        senders.writer_name as author_name,
        case when kinds.sender_kind = 'customer' then senders.writer_address end as author_email,
        -- Of what leaves by an address that many use, nothing says who wrote it.
        case
            when kinds.sender_kind = 'agent' and coalesce(senders.writer_address <> accounts.source_account, true)
                then substr(ops.pseudonym('mail|' || senders.writer_address), 1, 16)
        end as agent_native_id,
        -- A mail is under way for some days at most: any other claim is a wrong clock.
        case
            when senders.claimed_at > senders.received_at - interval '7 days'
                then least(senders.claimed_at, senders.received_at)
            else senders.received_at
        end as published_at,
        senders.received_at as available_at,
        senders._extracted_at as extracted_at,
        coalesce(senders.text_body, senders.subject) as text_plain,
        accounts.market_code,
        accounts.brand_code,
        jsonb_strip_nulls(jsonb_build_object(
            'attachment_count', senders.attachment_count,
            'is_cut', nullif(senders.is_cut, false),
            'claimed_at', nullif(senders.claimed_at, senders.received_at)
        )) as source_attributes,
        {{ nulls_for(
            'author_handle', 'author_phone', 'author_external_id', 'author_followers', 'edited_at', 'deleted_at',
            'rating', 'url', 'likes', 'shares', 'views'
        ) }}
    from senders
    left join source_accounts as accounts
        on senders.our_account = accounts.source_account
    cross join
        lateral (
            values (
                case
                    when senders.is_ours and senders.is_automatic then 'bot'
                    when senders.is_ours then 'agent'
                    when senders.is_automatic or senders.is_delivery_report then 'system'
                    else 'customer'
                end
            )
        ) as kinds (sender_kind)
    left join
        lateral (
            select earlier._record_key as native_id
            from {{ ref('stg_mail__messages') }} as earlier
            where earlier.message_id = senders.answered_message_id
            order by earlier.received_at, earlier._record_key
            limit 1
        ) as answered
        on true

)

select * from final
