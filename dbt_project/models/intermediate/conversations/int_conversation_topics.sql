-- One row per touched conversation whose source names a product or an issue.
{{ config(materialized='table', indexes=[{'columns': ['source_conversation_id'], 'unique': True}]) }}

with

interactions as (

    select * from {{ ref('int_interactions_threaded') }}

),

complaint_products as (

    select * from {{ ref('complaint_products') }}

),

complaint_issues as (

    select * from {{ ref('complaint_issues') }}

),

final as (

    select
        interactions.source_conversation_id,
        min(complaint_products.product_code) as product_code,
        min(complaint_issues.issue_code) as issue_code
    from interactions
    left join complaint_products
        on interactions.source_attributes ->> 'product' = complaint_products.complaint_product
    left join complaint_issues
        on interactions.source_attributes ->> 'issue' = complaint_issues.complaint_issue
    where complaint_products.product_code is not null or complaint_issues.issue_code is not null
    group by interactions.source_conversation_id

)

select * from final
