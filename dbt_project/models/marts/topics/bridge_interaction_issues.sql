-- One row per serviceable utterance, issue and product; the weights of an utterance add up to 1.
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

topics as (

    select * from {{ ref('int_interaction_issues') }}

),

spoken as (

    select * from {{ ref('int_interactions_threaded') }}

),

products as (

    select * from {{ ref('products') }}

),

issues as (

    select * from {{ ref('issues') }}

),

final as (

    select
        topics.interaction_id,
        topics.source_conversation_id,
        spoken.market_key as market_code,
        topics.issue_code,
        topics.product_code,
        {{ business_unit() }} as business_unit,
        topics.weight,
        topics.decided_by,
        topics.decision_id
    from topics
    inner join spoken
        on topics.interaction_id = spoken.interaction_id
    left join products
        on topics.product_code = products.product_code
    left join issues
        on topics.issue_code = issues.issue_code

)

select * from final
