-- One row per touched conversation: the first customer message, and the first qualifying reply or why there is none.
{{ config(materialized='table', indexes=[{'columns': ['conversation_id'], 'unique': True}]) }}

with

moments as not materialized (

    select * from {{ ref('int_response_moments') }}

),

rules as (

    select * from {{ ref('conversation_rules') }}

),

conversations as (

    select
        conversation_id,
        split_part(conversation_id, ':', 1) as source,
        {{ first_question('available_at') }} as first_question_available_at,
        min(wait_number) filter (where moment_kind = 'question') as first_wait_number,
        min(occurred_at) filter (where moment_kind = 'question') as first_question_at,
        max(wait_number) filter (where moment_kind = 'question') as last_wait_number
    from moments
    group by conversation_id

),

-- A customer whose case was closed unanswered and who asked again waits again: the last question decides.
last_endings as (

    select
        conversations.conversation_id,
        moments.moment_kind
    from conversations
    inner join moments
        on
            conversations.conversation_id = moments.conversation_id
            and conversations.last_wait_number = moments.wait_number
    where moments.moment_kind <> 'question'

),

-- A reply that ends the first wait or a later one came after the first question; earlier replies answer nothing.
replies as (

    -- The earliest reply of each conversation.
    select distinct on (conversations.conversation_id) moments.*
    from conversations
    inner join moments
        on conversations.conversation_id = moments.conversation_id
    where
        moments.moment_kind = 'reply'
        and moments.wait_number >= conversations.first_wait_number
    order by conversations.conversation_id, moments.occurred_at, moments.wait_number

),

final as (

    select
        conversations.conversation_id,
        agents.agent_key as first_reply_agent_key,
        replies.visibility as first_reply_visibility,
        case
            when replies.conversation_id is not null then null
            when conversations.first_question_at is null then 'no_customer_message'
            when rules.reply_evidence = 'none' then 'not_recorded'
            when last_endings.moment_kind = 'untimed_reply' then 'not_recorded'
            when topics.is_serviceable is false then 'not_serviceable'
            when last_endings.moment_kind is null then 'waiting'
            when last_endings.moment_kind = 'abandonment' then 'abandoned'
            when last_endings.moment_kind = 'merge' then 'merged'
            else 'closed_unanswered'
        end as first_reply_null_reason,
        {{ seconds_between('conversations.first_question_at', 'replies.occurred_at') }}
            as frt_customer_calendar_seconds,
        {{ seconds_between('conversations.first_question_available_at', 'replies.occurred_at') }}
            as frt_team_calendar_seconds,
        conversations.first_question_at as first_customer_message_at,
        conversations.first_question_available_at as first_customer_message_available_at,
        replies.occurred_at as first_reply_at
    from conversations
    left join rules
        on conversations.source = rules.source
    left join replies
        on conversations.conversation_id = replies.conversation_id
    left join last_endings
        on conversations.conversation_id = last_endings.conversation_id
    left join {{ ref('int_conversation_topics') }} as topics
        on conversations.conversation_id = topics.conversation_id
    left join {{ ref('int_agent_versions') }} as agents
        on
            conversations.source || ':' || replies.agent_native_id = agents.agent_id
            and {{ during_version('replies.occurred_at', 'agents') }}

)

select * from final
