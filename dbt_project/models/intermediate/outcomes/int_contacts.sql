-- One row per conversation in which a customer asked for something, from its own records alone.
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

turns as (

    select * from {{ ref('int_conversation_turns') }}

),

replies as (

    select * from {{ ref('int_first_replies') }}

),

cases as (

    select * from {{ ref('int_case_resolutions') }}

),

topics as (

    select * from {{ ref('int_conversation_topics') }}

),

peer_answers as (

    select * from {{ ref('int_peer_answers') }}

),

markets as (

    select * from {{ ref('markets') }}

),

final as (

    select
        turns.conversation_id,
        turns.source_conversation_id,
        -- An author who is not known to be a customer only owns this conversation.
        coalesce(turns.customer_id, 'conversation:' || turns.source_conversation_id) as contact_owner_key,
        (replies.first_customer_message_at at time zone 'UTC')::date as date_key,
        (replies.first_customer_message_at at time zone coalesce(markets.timezone, 'UTC'))::date as local_date_key,
        turns.channel_code,
        coalesce(turns.market_code, 'unknown') as market_code,
        coalesce(turns.brand_code, 'unknown') as brand_code,
        coalesce(turns.customer_key, 'unknown') as customer_key,
        turns.customer_id,
        coalesce(topics.product_code, 'unknown') as product_code,
        coalesce(topics.issue_code, 'unknown') as issue_code,
        {{ business_unit() }} as business_unit,
        peer_answers.interaction_id as peer_answer_interaction_id,
        turns.first_customer_sentiment,
        replies.first_customer_message_at as contacted_at,
        cases.first_reopened_at,
        -- A contact that was resolved and reopened counts as handled: the moment of the return decides whether it was
        -- in time.
        case
            when cases.is_resolved is not null then cases.is_resolved or cases.first_reopened_at is not null
            when replies.first_reply_at is not null then true
            when replies.first_reply_null_reason <> 'not_recorded' then false
        end as is_handled,
        turns.agent_message_count > 0 or replies.first_reply_at is not null as is_answered_by_staff,
        coalesce(topics.product_code, 'unknown') = 'unknown' and issues.business_unit is not null
            as is_business_unit_by_issue,
        peer_answers.is_thanked,
        peer_answers.is_fixed_by_staff,
        peer_answers.question_views
    from turns
    inner join replies
        on turns.conversation_id = replies.conversation_id
    left join cases
        on turns.conversation_id = cases.source_conversation_id
    left join topics
        on turns.conversation_id = topics.conversation_id
    left join peer_answers
        on turns.conversation_id = peer_answers.conversation_id
    left join {{ ref('products') }} as products
        on topics.product_code = products.product_code
    left join {{ ref('issues') }} as issues
        on topics.issue_code = issues.issue_code
    left join markets
        on turns.market_code = markets.market_code
    -- A merged case is the same contact twice, a deleted case is declared to be none, and surveys are our own request.
    where
        turns.channel_code <> 'survey'
        and replies.first_customer_message_at is not null
        and topics.is_serviceable is not false
        and cases.is_merged is not true
        and cases.is_deleted is not true

)

select * from final
