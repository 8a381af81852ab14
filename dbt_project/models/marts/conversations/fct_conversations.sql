-- One row per conversation (thread, ticket, call, complaint): its milestones so far, and its clocks.
{{
    config(
        materialized='incremental',
        unique_key='source_conversation_id',
        meta={'changed_keys': 'int_conversations_touched'},
        indexes=[
            {'columns': ['conversation_id'], 'unique': True},
            {'columns': ['source_conversation_id']},
            {'columns': ['is_open']}
        ]
    )
}}
-- depends_on: {{ ref('int_conversations_touched') }}

with

turns as (

    select * from {{ ref('int_conversation_turns') }}

),

replies as (

    select * from {{ ref('int_first_reply_clocks') }}

),

cases as (

    select * from {{ ref('int_case_resolutions') }}

),

conversations as (

    select * from {{ ref('int_conversation_clocks') }}

),

topics as (

    select * from {{ ref('int_conversation_topics') }}

),

final as (

    select
        conversations.conversation_id,
        conversations.source_conversation_id,
        conversations.source,
        (conversations.opened_at at time zone 'UTC')::date as date_key,
        (conversations.opened_at at time zone coalesce(markets.timezone, 'UTC'))::date as local_date_key,
        {% for key in ['channel_code', 'market_code', 'brand_code', 'author_key', 'customer_key'] -%}
            coalesce(turns.{{ key }}, 'unknown') as {{ key }},
        {% endfor -%}
        turns.customer_id,
        coalesce(topics.contact_type_code, 'unknown') as contact_type_code,
        coalesce(topics.product_code, 'unknown') as product_code,
        coalesce(topics.issue_code, 'unknown') as issue_code,
        case
            when replies.first_reply_at is not null then coalesce(replies.first_reply_agent_key, 'unknown')
            else 'not_applicable'
        end as first_reply_agent_key,
        turns.opened_by,
        cases.status,
        cases.priority,
        case
            when replies.conversation_id is null then 'no_customer_message'
            else replies.first_reply_null_reason
        end as first_reply_null_reason,
        coalesce(replies.frt_team_business_null_reason, case when replies.conversation_id is null then 'no_reply' end)
            as frt_team_business_null_reason,
        conversations.calendar_code,
        turns.first_contact_visibility,
        replies.first_reply_visibility,
        {% for count in
            ['inbound', 'outbound', 'customer_message', 'agent_message', 'internal_note', 'agent', 'peer'] -%}
            coalesce(turns.{{ count }}_count, 0) as {{ count }}_count,
        {% endfor -%}
        cases.reopened_count,
        replies.frt_customer_calendar_seconds,
        replies.frt_team_calendar_seconds,
        replies.frt_team_business_seconds,
        {% for clock in ['first_resolution', 'final_resolution'] -%}
            conversations.{{ clock }}_seconds,
            conversations.{{ clock }}_business_seconds,
        {% endfor -%}
        {% for clock in case_clocks() if clock != 'handling' -%}
            conversations.{{ clock }}_calendar_seconds,
            conversations.{{ clock }}_business_seconds,
        {% endfor -%}
        conversations.handling_business_seconds,
        conversations.handoff_count,
        turns.first_customer_sentiment,
        turns.last_customer_sentiment,
        turns.sentiment_change,
        topics.is_serviceable,
        cases.is_open,
        cases.is_resolved,
        coalesce(cases.is_merged, false) as is_merged,
        coalesce(cases.is_deleted, false) as is_deleted,
        moves.moved_to_private_at is not null as is_moved_to_private,
        conversations.opened_at,
        replies.first_customer_message_at,
        replies.first_reply_at,
        moves.moved_to_private_at,
        cases.first_resolved_at,
        cases.last_resolved_at,
        cases.closed_at,
        turns.last_message_at
    from conversations
    left join turns
        on conversations.conversation_id = turns.conversation_id
    left join {{ ref('int_private_moves') }} as moves
        on conversations.conversation_id = moves.conversation_id
    left join replies
        on conversations.conversation_id = replies.conversation_id
    left join cases
        on conversations.conversation_id = cases.source_conversation_id
    left join topics
        on conversations.conversation_id = topics.conversation_id
    left join {{ ref('markets') }} as markets
        on turns.market_code = markets.market_code

)

select * from final
