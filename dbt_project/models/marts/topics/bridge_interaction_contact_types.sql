-- One row per inbound utterance and contact type; the weights of an utterance add up to 1.
{{
    config(
        materialized='incremental',
        unique_key='source_conversation_id',
        meta={'changed_keys': 'int_conversations_touched'},
        indexes=[{'columns': ['interaction_id']}, {'columns': ['source_conversation_id']}]
    )
}}
-- depends_on: {{ ref('int_conversations_touched') }}

with

meanings as (

    select * from {{ ref('int_interaction_meanings') }}
    where contact_type_code <> 'not_applicable'

),

texts as (

    select * from {{ ref('stg_enriched__text_classifications') }}

),

spoken as (

    select * from {{ ref('int_interactions_threaded') }}

),

-- A person and a source name one type; a text may have several.
types as (

    select
        meanings.interaction_id,
        meanings.source_conversation_id,
        coalesce(found.contact_type_code, meanings.contact_type_code) as contact_type_code,
        coalesce(found.weight, 1) as weight,
        coalesce(found.decided_by, meanings.contact_type_decided_by) as decided_by,
        coalesce(found.decision_id, meanings.contact_type_decision_id) as decision_id
    from meanings
    left join texts
        on meanings.text_key = texts.text_key and meanings.contact_type_decided_by in ('rule', 'model')
    left join lateral unnest(
        texts.contact_type_codes,
        texts.contact_type_weights,
        texts.contact_type_decided_by,
        texts.contact_type_decision_ids
    ) as found (contact_type_code, weight, decided_by, decision_id) on true

),

final as (

    select
        types.interaction_id,
        types.source_conversation_id,
        spoken.market_key as market_code,
        types.contact_type_code,
        types.weight / sum(types.weight) over (partition by types.interaction_id) as weight,
        types.decided_by,
        types.decision_id
    from types
    inner join spoken
        on types.interaction_id = spoken.interaction_id

)

select * from final
