-- One row per touched conversation that continued in private: in itself, or in its customer's messages elsewhere.
{{ config(materialized='table', indexes=[{'columns': ['conversation_id'], 'unique': True}]) }}

with

interactions as not materialized (

    select
        *,
        thread_sender_kind = 'customer' and direction = 'inbound' and not is_internal as is_question,
        thread_sender_kind = 'agent' and not is_internal as is_reply
    from {{ ref('int_interactions_threaded') }}

),

first_public as (

    select
        conversation_id,
        min(published_at) as first_public_at
    from interactions
    where visibility = 'public'
    group by conversation_id

),

messages as not materialized (

    select messages.*
    from {{ ref('int_interactions') }} as messages
    inner join {{ ref('channel_codes') }} as channel_codes
        on messages.source = channel_codes.source and messages.source_channel = channel_codes.source_channel
    inner join {{ ref('channels') }} as channels
        on channel_codes.channel_code = channels.channel_code
    where
        messages.visibility = 'private'
        and messages.direction = 'inbound'
        and messages.sender_kind = 'customer'
        and not messages.is_internal
        -- A call or mail is another contact, not a move of this one.
        and channels.channel_family = 'social'
        and not {{ is_held_back('messages') }}

),

moves as (

    -- A private message of a peer or bot, such as a comment held as spam, is no move.
    select
        interactions.conversation_id,
        interactions.published_at as moved_at
    from interactions
    inner join first_public
        on
            interactions.conversation_id = first_public.conversation_id
            and interactions.published_at > first_public.first_public_at
    where
        interactions.visibility = 'private'
        and (interactions.is_question or interactions.is_reply)
        and not {{ is_held_back('interactions') }}
    union all
    select
        questions.conversation_id,
        messages.published_at as moved_at
    from interactions as questions
    inner join {{ ref('contact_rules') }} as rules
        on rules.rule_id = 'moved_to_private'
    inner join messages
        on
            questions.source = messages.source
            and questions.author_native_id = messages.author_native_id
            and questions.published_at < messages.published_at
            and questions.published_at + rules.days * interval '1 day' >= messages.published_at
    where questions.is_question and questions.visibility = 'public'

),

final as (

    select
        conversation_id,
        min(moved_at) as moved_to_private_at
    from moves
    group by conversation_id

)

select * from final
