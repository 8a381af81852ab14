-- One row per brand of the company.
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
