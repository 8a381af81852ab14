-- One row per utterance (post, comment, call, complaint) in its current version.
{{
    config(
        materialized='incremental',
        unique_key='source_conversation_id',
        meta={'changed_keys': 'int_conversations_touched'},
        indexes=[
            {'columns': ['interaction_id'], 'unique': True},
            {'columns': ['source_conversation_id']},
            {'columns': ['conversation_id']},
            {'columns': ['date_key']},
            {'columns': ['market_code', 'local_date_key']}
        ]
    )
}}
-- depends_on: {{ ref('int_conversations_touched') }}

with

interactions as not materialized (

    select * from {{ ref('int_interactions_threaded') }}

),

parties as (

    select * from {{ ref('int_interaction_parties') }}

),

sentiments as (

    select * from {{ ref('int_interaction_sentiments') }}

),

meanings as (

    select * from {{ ref('int_interaction_meanings') }}

),

writers as (

    select * from {{ ref('int_private_writers') }}

),

final as (

    select
        interactions.interaction_id,
        interactions.source_conversation_id,
        interactions.conversation_id,
        answered.interaction_id as in_reply_to_interaction_id,
        interactions.source,
        parties.date_key,
        parties.local_date_key,
        interactions.channel_code,
        interactions.market_key as market_code,
        interactions.brand_key as brand_code,
        parties.author_key,
        parties.agent_key,
        parties.customer_key,
        parties.customer_id,
        interactions.direction,
        interactions.thread_sender_kind as sender_kind,
        interactions.visibility,
        interactions.surface,
        meanings.serviceable_reason,
        meanings.contact_type_code,
        meanings.issue_code,
        meanings.product_code,
        meanings.decided_by,
        meanings.decision_id,
        sentiments.language,
        sentiments.sentiment_label,
        sentiments.sentiment_source,
        sentiments.sentiment_unscored_reason,
        case when interactions.deleted_at is null then ops.mask_text(interactions.text_plain, writers.names) end
            as text_masked,
        meanings.decision_weight,
        sentiments.sentiment_compound,
        sentiments.sentiment_positive,
        sentiments.sentiment_neutral,
        sentiments.sentiment_negative,
        sentiments.care_compound,
        interactions.rating,
        interactions.likes,
        interactions.shares,
        interactions.views,
        case
            when
                interactions.thread_sender_kind = 'agent'
                and not interactions.is_internal
                and answered.thread_sender_kind in ('customer', 'peer')
                then {{ seconds_between('answered.published_at', 'interactions.published_at') }}
        end as reply_seconds,
        interactions.is_internal,
        interactions.is_said_to_peer,
        {% for flag in ['is_serviceable', 'is_direct', 'is_peer_answer'] + (risk_flags() | list) -%}
            meanings.{{ flag }},
        {% endfor -%}
        interactions.deleted_at is not null as is_deleted,
        interactions.edited_at is not null as is_edited,
        interactions.published_at,
        interactions.available_at,
        interactions.extracted_at,
        interactions.edited_at,
        interactions.deleted_at
    from interactions
    inner join parties
        on interactions.interaction_id = parties.interaction_id
    inner join sentiments
        on interactions.interaction_id = sentiments.interaction_id
    inner join meanings
        on interactions.interaction_id = meanings.interaction_id
    left join writers
        on interactions.source_conversation_id = writers.source_conversation_id
    left join interactions as answered
        on
            interactions.source_conversation_id = answered.source_conversation_id
            and interactions.in_reply_to_native_id = answered.native_id

)

select * from final
