-- One row per market, with the region and the whole that it rolls up to.
{{ config(tags=['standing']) }}

with

markets as (

    select * from {{ ref('markets') }}

),

final as (

    select
        market_code,
        market,
        region,
        'Global' as world,
        timezone
    from markets

    union all

    select
        'unknown',
        'Unknown',
        'Unknown',
        'Global',
        'UTC'

)

select * from final
