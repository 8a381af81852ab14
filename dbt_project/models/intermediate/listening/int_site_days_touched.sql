-- One row per day of a site with a new version in a pending load.
{{ config(materialized='table', indexes=[{'columns': ['site_day_key'], 'unique': True}]) }}

with

arrivals as (

    select site_day_key
    from {{ ref('int_page_days') }}
    where _load_id in ({{ pending_load_ids(source('ops', 'pending_loads')) }})

),

final as (

    -- A day arrives with all its pages.
    select distinct site_day_key
    from arrivals

)

select * from final
