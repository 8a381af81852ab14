-- One row per product that customers speak of, with its line and business unit.
{{ config(tags=['standing']) }}

with

products as (

    select * from {{ ref('products') }}

),

final as (

    select
        product_code,
        product,
        product_line,
        business_unit
    from products

)

select * from final
