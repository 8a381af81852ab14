-- One row per message to or from a customer and comment of staff on a ticket.
with

messages as not materialized (

    select * from {{ ref('stg_request_tracker__messages') }}

),

tickets as (

    select * from {{ ref('stg_request_tracker__tickets') }}

),

own_cases as (

    select * from {{ ref('stg_request_tracker__own_cases') }}

),

openings as (

    select
        conversation_native_id,
        interface
    from messages
    where message_type = 'create'

),

source_accounts as (

    select * from {{ ref('source_accounts') }}
    where source = 'request_tracker'

),

final as (

    select
        'request_tracker:' || messages._record_key as interaction_id,
        'request_tracker' as source,
        tickets.queue as source_account,
        messages._record_key as native_id,
        messages.conversation_native_id,
        -- A reply typed into the pages of staff leaves by the channel that the ticket came in by.
        coalesce(openings.interface, messages.interface) as source_channel,
        'owned' as surface,
        'private' as visibility,
        kinds.is_internal,
        case
            when kinds.is_internal or senders.kind in ('agent', 'system') then 'outbound' else 'inbound'
        end as direction,
        senders.kind as sender_kind,
        messages.author_id as author_native_id,
        messages.author_name,
        messages.author_email,
        case when senders.kind = 'agent' then messages.author_id end as agent_native_id,
        messages.created_at as published_at,
        messages.created_at as available_at,
        messages._extracted_at as extracted_at,
        case when tickets.status = 'deleted' then tickets.updated_at end as deleted_at,
        messages.text_plain,
        source_accounts.market_code,
        source_accounts.brand_code,
        jsonb_strip_nulls(jsonb_build_object(
            'interface', messages.interface,
            'file_count', nullif(messages.file_count, 0),
            'claimed_at', nullif(messages.claimed_at, messages.created_at)
        )) as source_attributes,
        {{ nulls_for(
            'in_reply_to_native_id', 'author_handle', 'author_phone', 'author_external_id', 'author_followers',
            'edited_at', 'rating', 'url', 'likes', 'shares', 'views'
        ) }}
    from messages
    left join tickets
        on messages.conversation_native_id = tickets.conversation_native_id
    left join own_cases
        on messages.conversation_native_id = own_cases.conversation_native_id
    left join openings
        on messages.conversation_native_id = openings.conversation_native_id
    left join source_accounts
        on tickets.queue = source_accounts.source_account
    cross join lateral (values (messages.message_type = 'comment')) as kinds (is_internal)
    -- Only staff can comment, whether or not we could ask who they are.
    cross join
        lateral (
            values (
                case
                    when kinds.is_internal and messages.author_kind = 'unknown' then 'agent' else messages.author_kind
                end
            )
        ) as senders (kind)
    where own_cases.conversation_native_id is null

)

select * from final
