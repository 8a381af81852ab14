-- One row per public utterance of a touched conversation made of reply chains, with the loaded utterance
-- that it answers.
{{
    config(
        materialized='table',
        indexes=[{'columns': ['interaction_id'], 'unique': True}, {'columns': ['parent_interaction_id']}]
    )
}}

with

touched as (

    select * from {{ ref('int_conversations_touched') }}

),

rules as (

    select * from {{ ref('conversation_rules') }}
    where thread_rule = 'reply_chain'

),

-- A private message only addresses the company: such a conversation belongs to one customer and has no threads.
private_channels as (

    select
        channel_codes.source,
        channel_codes.source_channel
    from {{ ref('channel_codes') }} as channel_codes
    inner join {{ ref('channels') }} as channels
        on channel_codes.channel_code = channels.channel_code
    where channels.visibility = 'private'

),

interactions as (

    select
        interactions.*,
        touched.source_conversation_id
    from {{ ref('int_interactions') }} as interactions
    inner join touched
        on
            interactions.source = touched.source
            and interactions.conversation_native_id = touched.conversation_native_id
    inner join rules
        on interactions.source = rules.source
    -- Not as an anti-join: the planner would expect one row from it and then compare all with all.
    where
        (
            (interactions.source, interactions.source_channel) in (
                select
                    private_channels.source,
                    private_channels.source_channel
                from private_channels
            )
        ) is not true

),

final as (

    select
        child.interaction_id,
        parent.interaction_id as parent_interaction_id,
        child.author_native_id,
        child.direction = 'inbound' as is_inbound,
        -- Cycles of replies, which only a damaged source can send, need at least one such link.
        coalesce(
            (parent.published_at, parent.interaction_id) >= (child.published_at, child.interaction_id), false
        ) as is_backward
    from interactions as child
    left join interactions as parent
        on
            child.source_conversation_id = parent.source_conversation_id
            and child.in_reply_to_native_id = parent.native_id

)

select * from final
