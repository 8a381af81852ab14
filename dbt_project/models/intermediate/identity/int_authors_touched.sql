-- One row per author whose conversations this run must replace: their link changed, or its customer did.
{{ config(materialized='table', indexes=[{'columns': ['source', 'author_native_id'], 'unique': True}]) }}

with

links as (

    select * from {{ ref('int_author_customers') }}

),

customers as (

    select * from {{ ref('int_customers_changed') }}

),

final as (

    -- A transform that died after linking authors was not published, so its successor finds them here.
    select
        source,
        author_native_id
    from links
    where linked_by_transform > {{ last_published_transform() }}
    union
    select
        links.source,
        links.author_native_id
    from customers
    inner join links
        on customers.customer_id = links.customer_id

)

select * from final
