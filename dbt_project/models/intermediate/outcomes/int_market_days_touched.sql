-- One row per market day whose counts this run must replace.
{{ config(materialized='table', indexes=[{'columns': ['market_code', 'local_date_key'], 'unique': True}]) }}

with

seen as (

    select * from {{ ref('int_market_days_seen') }}

),

final as (

    select
        market_code,
        local_date_key
    from seen
    {% if not flags.FULL_REFRESH -%}
        -- A transform that died was not published, so its successor still finds what it replaced.
        where seen_by_transform > {{ last_published_transform() }}
    {%- endif %}
    group by market_code, local_date_key

)

select * from final
