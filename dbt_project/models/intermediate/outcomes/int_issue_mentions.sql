-- One row per inbound utterance, issue and product.
{{
    config(
        materialized='incremental',
        unique_key='source_conversation_id',
        meta={'changed_keys': 'int_conversations_touched'},
        indexes=[{'columns': ['source_conversation_id']}, {'columns': ['market_code', 'local_date_key']}]
    )
}}
-- depends_on: {{ ref('int_conversations_touched') }}

with

interactions as (

    select * from {{ ref('int_interactions_threaded') }}
    where direction = 'inbound' and not is_internal

),

parties as (

    select * from {{ ref('int_interaction_parties') }}

),

meanings as (

    select * from {{ ref('int_interaction_meanings') }}

),

topics as (

    select * from {{ ref('int_conversation_topics') }}

),

final as (

    select
        interactions.interaction_id,
        interactions.source_conversation_id,
        interactions.conversation_id,
        interactions.market_key as market_code,
        parties.local_date_key,
        interactions.brand_key as brand_code,
        coalesce(channels.channel_family, 'unknown') as channel_family,
        -- "Any news?" has the topic of its conversation.
        {% for code in ['product_code', 'issue_code'] -%}
            coalesce(
                nullif(issues.{{ code }}, 'unknown'),
                nullif(meanings.{{ code }}, 'unknown'),
                topics.{{ code }},
                'unknown'
            ) as {{ code }},
        {% endfor -%}
        round(coalesce(issues.weight, 1)::numeric, 6) as weight,
        parties.customer_id,
        -- An unknown caller or complainant counts as a different person in each conversation.
        coalesce(nullif(parties.author_key, 'unknown'), interactions.conversation_id) as speaker_key,
        sentiments.sentiment_label,
        meanings.is_serviceable,
        interactions.published_at
    from interactions
    inner join parties
        on interactions.interaction_id = parties.interaction_id
    inner join {{ ref('int_interaction_sentiments') }} as sentiments
        on interactions.interaction_id = sentiments.interaction_id
    inner join meanings
        on interactions.interaction_id = meanings.interaction_id
    left join {{ ref('int_interaction_issues') }} as issues
        on interactions.interaction_id = issues.interaction_id
    left join topics
        on interactions.conversation_id = topics.conversation_id
    left join {{ ref('channels') }} as channels
        on interactions.channel_code = channels.channel_code

)

select * from final
