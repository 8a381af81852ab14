-- One row per touched conversation with utterances: who spoke, how often, where and in what mood.
{{ config(materialized='table', indexes=[{'columns': ['conversation_id'], 'unique': True}]) }}

with

interactions as (

    select
        threaded.*,
        parties.author_key,
        parties.agent_key,
        parties.customer_key,
        parties.customer_id,
        sentiments.care_compound,
        threaded.thread_sender_kind = 'customer'
        and threaded.direction = 'inbound'
        and not threaded.is_internal as is_question,
        threaded.thread_sender_kind = 'agent' and not threaded.is_internal as is_reply,
        row_number() over (
            partition by threaded.conversation_id
            order by threaded.published_at, length(threaded.interaction_id), threaded.interaction_id
        ) as turn_number
    from {{ ref('int_interactions_threaded') }} as threaded
    inner join {{ ref('int_interaction_parties') }} as parties
        on threaded.interaction_id = parties.interaction_id
    inner join {{ ref('int_interaction_sentiments') }} as sentiments
        on threaded.interaction_id = sentiments.interaction_id

),

turns as (

    select
        conversation_id,
        min(source_conversation_id) as source_conversation_id,
        min(source) as source,
        (array_agg(channel_code order by turn_number))[1] as channel_code,
        (array_agg(market_key order by turn_number) filter (where market_key <> 'unknown'))[1] as market_code,
        (array_agg(brand_key order by turn_number) filter (where brand_key <> 'unknown'))[1] as brand_code,
        (array_agg(author_key order by turn_number) filter (where is_question))[1] as author_key,
        (array_agg(customer_key order by turn_number) filter (where is_question))[1] as customer_key,
        (array_agg(customer_id order by turn_number) filter (where is_question))[1] as customer_id,
        max(author_followers) filter (where is_question) as author_followers,
        -- An internal note addresses nobody; there may be nothing else.
        coalesce(
            (array_agg(thread_sender_kind order by turn_number) filter (where not is_internal))[1],
            (array_agg(thread_sender_kind order by turn_number))[1]
        ) as opened_by,
        (array_agg(visibility order by turn_number) filter (where is_question))[1] as first_contact_visibility,
        (
            array_agg(care_compound order by turn_number) filter (
                where is_question and care_compound is not null
            )
        )[1]
            as first_customer_sentiment,
        (
            array_agg(care_compound order by turn_number desc) filter (
                where is_question and care_compound is not null
            )
        )[1]
            as last_customer_sentiment,
        count(care_compound) filter (where is_question)::integer as scored_customer_message_count,
        count(*) filter (where direction = 'inbound')::integer as inbound_count,
        count(*) filter (where direction = 'outbound')::integer as outbound_count,
        count(*) filter (where is_question)::integer as customer_message_count,
        count(*) filter (where is_reply)::integer as agent_message_count,
        count(*) filter (where is_internal)::integer as internal_note_count,
        -- By id, because an agent who changes team has several keys.
        count(distinct coalesce(agent_native_id, agent_key)) filter (where agent_key <> 'not_applicable')::integer
            as agent_count,
        count(distinct author_key) filter (where thread_sender_kind = 'peer')::integer as peer_count,
        min(published_at) as first_message_at,
        max(published_at) as last_message_at
    from interactions
    group by conversation_id

),

final as (

    select
        turns.*,
        case
            when turns.scored_customer_message_count > 1
                then
                    round((turns.last_customer_sentiment - turns.first_customer_sentiment)::numeric, 4)
                    ::double precision
        end as sentiment_change
    from turns

)

select * from final
