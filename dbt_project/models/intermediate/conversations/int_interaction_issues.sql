-- One row per serviceable utterance of a touched conversation, issue and product.
{{ config(materialized='table', indexes=[{'columns': ['interaction_id']}]) }}

with

meanings as (

    select * from {{ ref('int_interaction_meanings') }}
    where is_serviceable

),

texts as (

    select * from {{ ref('stg_enriched__text_classifications') }}

),

-- A person and a source name one issue; a text may raise several.
final as (

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

)

select * from final
