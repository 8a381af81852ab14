-- One row per conversation and market day on which somebody spoke in it, now or in an earlier version of it.
{{
    config(
        materialized='incremental',
        unique_key='source_conversation_id',
        meta={'changed_keys': 'int_conversations_touched'},
        indexes=[
            {'columns': ['source_conversation_id', 'market_code', 'local_date_key'], 'unique': True},
            {'columns': ['market_code', 'local_date_key']},
            {'columns': ['seen_by_transform']}
        ]
    )
}}

with

touched as (

    select * from {{ ref('int_conversations_touched') }}

),

present as (

    select
        interactions.source_conversation_id,
        interactions.market_key as market_code,
        parties.local_date_key
    from {{ ref('int_interactions_threaded') }} as interactions
    inner join {{ ref('int_interaction_parties') }} as parties
        on interactions.interaction_id = parties.interaction_id
    group by interactions.source_conversation_id, interactions.market_key, parties.local_date_key

),

final as (

    select
        *,
        {{ running_transform() }} as seen_by_transform
    from present
    {% if is_incremental() %}
        union
        -- A day that the conversation left must be counted anew as well, so it is remembered.
        select
            earlier.source_conversation_id,
            earlier.market_code,
            earlier.local_date_key,
            {{ running_transform() }} as seen_by_transform
        from touched
        inner join {{ this }} as earlier
            on touched.source_conversation_id = earlier.source_conversation_id
    {% endif %}

)

select * from final
