-- One row per utterance of a touched conversation, with its thread, ticket, call or complaint.
{{
    config(
        materialized='table',
        indexes=[
            {'columns': ['interaction_id'], 'unique': True},
            {'columns': ['source_conversation_id', 'native_id']},
            {'columns': ['conversation_id']}
        ]
    )
}}

with

touched as (

    select * from {{ ref('int_conversations_touched') }}

),

interactions as (

    select * from {{ ref('int_interactions') }}

),

reply_threads as (

    select * from {{ ref('int_reply_threads') }}

),

channel_codes as (

    select * from {{ ref('channel_codes') }}

),

markets as (

    select * from {{ ref('markets') }}

),

brands as (

    select * from {{ ref('brands') }}

),

final as (

    select
        touched.source_conversation_id,
        coalesce(reply_threads.conversation_id, touched.source_conversation_id) as conversation_id,
        coalesce(channel_codes.channel_code, 'unknown') as channel_code,
        -- Systems may use names of markets and brands that the warehouse does not know.
        coalesce(markets.market_code, 'unknown') as market_key,
        coalesce(brands.brand_code, 'unknown') as brand_key,
        -- An author who joins another customer's thread is a peer there, but a customer in their own thread. Only the
        -- source can tell who wrote a post that was deleted with its author's name, and the replies below it.
        case
            -- No person uses such an account, whatever system it writes in.
            when interactions.sender_kind = 'agent' and automated_agents.agent_native_id is not null then 'bot'
            when interactions.sender_kind <> 'customer' then interactions.sender_kind
            when
                coalesce(
                    interactions.author_native_id <> reply_threads.opener_native_id,
                    interactions.source_attributes ->> 'is_by_submitter' = 'false'
                    and reply_threads.conversation_id = touched.source_conversation_id
                )
                then 'peer'
            -- A reply without a name may be anybody's, so it starts no wait of the opener.
            when
                interactions.author_native_id is null
                and reply_threads.opener_native_id is not null
                and coalesce(interactions.source_attributes ->> 'is_by_submitter' = 'false', true)
                then 'unknown'
            else 'customer'
        end as thread_sender_kind,
        interactions.direction = 'outbound'
        and coalesce(reply_threads.last_customer_native_id <> reply_threads.opener_native_id, false) as is_said_to_peer,
        cleared.text_key as cleared_text_key,
        cleared.rule_ids as cleared_rule_ids,
        interactions.*
    from touched
    inner join interactions
        on
            touched.source = interactions.source
            and touched.conversation_native_id = interactions.conversation_native_id
    left join reply_threads
        on interactions.interaction_id = reply_threads.interaction_id
    left join channel_codes
        on interactions.source = channel_codes.source and interactions.source_channel = channel_codes.source_channel
    left join markets
        on interactions.market_code = markets.market_code
    left join brands
        on interactions.brand_code = brands.brand_code
    left join {{ ref('automated_agents') }} as automated_agents
        on
            interactions.source = automated_agents.source
            and interactions.agent_native_id = automated_agents.agent_native_id
    left join {{ ref('stg_ops__cleared_words') }} as cleared
        on
            interactions.interaction_id = cleared.interaction_id
            and (
                interactions.extracted_at = cleared.extracted_at
                -- An erased person's message is read again without words whenever its count of likes changes.
                or (cleared.is_erased and interactions.text_plain is null)
            )

)

select * from final
