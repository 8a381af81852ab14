-- One row per score given in answer to a survey or a request to rate.
{{
    config(
        materialized='incremental',
        unique_key='source_conversation_id',
        meta={'changed_keys': 'int_conversations_touched'},
        indexes=[{'columns': ['interaction_id'], 'unique': True}, {'columns': ['source_conversation_id']}]
    )
}}
-- depends_on: {{ ref('int_conversations_touched') }}

with

interactions as (

    select
        *,
        lower(source_attributes ->> 'metric') as metric,
        {{ to_number_or_null("(source_attributes ->> 'score')") }} as score,
        {{ to_number_or_null("(source_attributes ->> 'scale_min')") }} as scale_min,
        {{ to_number_or_null("(source_attributes ->> 'scale_max')") }} as scale_max
    from {{ ref('int_interactions_threaded') }}
    where direction = 'inbound' and deleted_at is null

),

parties as (

    select * from {{ ref('int_interaction_parties') }}

),

scales as (

    select * from {{ ref('survey_scales') }}

),

final as (

    select
        interactions.interaction_id,
        interactions.source_conversation_id,
        interactions.conversation_id,
        interactions.source_attributes ->> 'about_conversation_id' as about_conversation_id,
        interactions.source,
        parties.date_key,
        parties.local_date_key,
        interactions.channel_code,
        interactions.market_key as market_code,
        interactions.brand_key as brand_code,
        parties.author_key,
        parties.customer_key,
        parties.customer_id,
        interactions.source_account as survey,
        interactions.metric,
        -- For an undefined scale, it is unknown which scores are good.
        case
            when interactions.score >= scales.positive_from then 'positive'
            when interactions.score <= scales.negative_to then 'negative'
            when scales.metric is not null then 'neutral'
        end as verdict,
        interactions.score,
        interactions.scale_min,
        interactions.scale_max,
        interactions.published_at as answered_at
    from interactions
    inner join parties
        on interactions.interaction_id = parties.interaction_id
    left join scales
        on
            interactions.metric = scales.metric
            and interactions.scale_min = scales.scale_min
            and interactions.scale_max = scales.scale_max
    where interactions.metric is not null and interactions.score is not null

)

select * from final
