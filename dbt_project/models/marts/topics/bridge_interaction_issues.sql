-- One row per serviceable utterance, issue and product that it is about; the weights of an utterance add up to 1.
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
    where is_serviceable

),

texts as (

    select * from {{ ref('stg_enriched__text_classifications') }}

),

products as (

    select * from {{ ref('products') }}

),

-- A person and a source name one issue; a text may raise several.
topics as (

    select
        meanings.interaction_id,
        meanings.source_conversation_id,
        coalesce(found.issue_code, meanings.issue_code) as issue_code,
        coalesce(found.product_code, meanings.product_code) as product_code,
        coalesce(found.weight, 1) as weight,
        coalesce(found.decided_by, meanings.issue_decided_by) as decided_by,
        coalesce(found.decision_id, meanings.issue_decision_id) as decision_id
    from meanings
    left join texts
        on meanings.text_key = texts.text_key and meanings.issue_decided_by in ('rule', 'model')
    left join lateral unnest(
        texts.issue_codes, texts.product_codes, texts.issue_weights, texts.issue_decided_by, texts.issue_decision_ids
    ) as found (issue_code, product_code, weight, decided_by, decision_id) on true

),

final as (

    select
        topics.interaction_id,
        topics.source_conversation_id,
        topics.issue_code,
        topics.product_code,
        coalesce(products.business_unit, 'Unknown') as business_unit,
        topics.weight,
        topics.decided_by,
        topics.decision_id
    from topics
    left join products
        on topics.product_code = products.product_code

)

select * from final
