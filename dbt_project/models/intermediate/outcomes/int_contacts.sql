-- One row per conversation in which a customer asked for something, as far as its own records tell.
{{
    config(
        materialized='incremental',
        unique_key='source_conversation_id',
        meta={'changed_keys': 'int_conversations_touched'},
        indexes=[
            {'columns': ['conversation_id'], 'unique': True},
            {'columns': ['source_conversation_id']},
            {'columns': ['contact_owner_key']},
            {'columns': ['contacted_at']}
        ]
    )
}}
-- depends_on: {{ ref('int_conversations_touched') }}

with

-- A merged case is the same contact twice, and who deletes a case says that it was none.
conversations as (

    select *
    from {{ ref('fct_conversations') }}
    {{ only_changed('int_conversations_touched', 'source_conversation_id') }}

),

peer_answers as (

    select * from {{ ref('int_peer_answers') }}

),

final as (

    select
        conversations.conversation_id,
        conversations.source_conversation_id,
        -- Who is not known to be a customer owns nothing but this conversation.
        coalesce(conversations.customer_id, 'conversation:' || conversations.source_conversation_id)
            as contact_owner_key,
        (conversations.first_customer_message_at at time zone 'UTC')::date as date_key,
        conversations.local_date_key,
        conversations.channel_code,
        conversations.market_code,
        conversations.brand_code,
        conversations.customer_key,
        conversations.customer_id,
        conversations.product_code,
        conversations.issue_code,
        peer_answers.interaction_id as peer_answer_interaction_id,
        conversations.first_customer_sentiment,
        conversations.first_customer_message_at as contacted_at,
        conversations.first_reply_at,
        case
            when conversations.is_resolved is not null then conversations.is_resolved
            when conversations.first_reply_at is not null then true
            when conversations.first_reply_null_reason <> 'not_recorded' then false
        end as is_handled,
        coalesce(conversations.reopened_count, 0) > 0 as is_reopened,
        conversations.agent_message_count > 0 or conversations.first_reply_at is not null as is_answered_by_staff,
        peer_answers.is_thanked,
        peer_answers.is_fixed_by_staff,
        peer_answers.question_views
    from conversations
    left join peer_answers
        on conversations.conversation_id = peer_answers.conversation_id
    where
        conversations.first_customer_message_at is not null
        and conversations.is_serviceable is not false
        and not conversations.is_merged
        and not conversations.is_deleted

)

select * from final
