-- One row per utterance of a touched conversation, with what is known of its meaning without its text.
with

interactions as not materialized (

    select * from {{ ref('int_interactions_threaded') }}

),

channels as (

    select * from {{ ref('channels') }}

),

rules as (

    select * from {{ ref('conversation_rules') }}

),

complaint_products as (

    select * from {{ ref('complaint_products') }}

),

complaint_issues as (

    select * from {{ ref('complaint_issues') }}

),

final as (

    select
        interactions.interaction_id,
        interactions.source_conversation_id,
        interactions.conversation_id,
        interactions.direction = 'inbound' as is_inbound,
        interactions.visibility = 'public' as is_public,
        {{ text_key_of('interactions') }} as text_key,
        case
            when interactions.is_internal then 'internal_note'
            when interactions.thread_sender_kind in ('bot', 'system') then interactions.thread_sender_kind
            when
                interactions.direction = 'outbound'
                and interactions.visibility = 'public'
                and interactions.in_reply_to_native_id is null
                and not channels.is_service_channel
                then 'own_post'
            when interactions.direction = 'outbound' then 'outbound'
            when {{ is_repost('interactions') }} then 'repost'
            when interactions.thread_sender_kind = 'peer' then 'peer'
            -- Reviews and surveys with stars or scores but without words need no answer, even if the score is off its
            -- scale; a call or a form does, however it was rated.
            when
                coalesce(interactions.text_plain, '') = ''
                and interactions.cleared_text_key is null
                and not coalesce(channels.is_service_channel, false)
                and (interactions.rating is not null or interactions.source_attributes ->> 'metric' is not null)
                then 'bare_rating'
        end as context_reason,
        coalesce(channels.is_service_channel, false) as is_service_channel,
        -- A repost of somebody else's words addresses nobody.
        interactions.direction = 'inbound'
        and not {{ is_repost('interactions') }}
        and (
            interactions.surface = 'owned'
            or (interactions.source_account is not null and interactions.source_attributes ->> 'is_found' is null)
            or coalesce(answered.direction = 'outbound', false)
        ) as is_direct,
        interactions.thread_sender_kind = 'peer'
        and interactions.direction = 'inbound'
        and coalesce(answered.thread_sender_kind = 'customer', false) as is_reply_to_asker,
        interactions.thread_sender_kind = 'customer'
        and interactions.direction = 'inbound'
        and coalesce(answered.conversation_id = interactions.conversation_id, false) as is_follow_up,
        case when interactions.thread_sender_kind = 'customer' then rules.contact_type_code end as source_type_code,
        complaint_products.product_code as source_product_code,
        complaint_issues.issue_code as source_issue_code
    from interactions
    left join channels
        on interactions.channel_code = channels.channel_code
    left join rules
        on interactions.source = rules.source
    left join complaint_products
        on interactions.source_attributes ->> 'product' = complaint_products.complaint_product
    left join complaint_issues
        on interactions.source_attributes ->> 'issue' = complaint_issues.complaint_issue
    left join interactions as answered
        on
            interactions.source_conversation_id = answered.source_conversation_id
            and interactions.in_reply_to_native_id = answered.native_id

)

select * from final
