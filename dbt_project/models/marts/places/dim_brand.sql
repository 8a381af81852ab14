-- One row per brand of the company.
{{ config(tags=['standing']) }}

with

brands as (

    select * from {{ ref('brands') }}

),

final as (

    select
        brand_code,
        brand
    from brands

    union all

    select
        'unknown',
        'Unknown'

)

select * from final
