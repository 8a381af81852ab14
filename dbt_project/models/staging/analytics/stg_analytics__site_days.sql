-- One row per day of one of our sites, in its newest version.
{{ config(materialized='incremental', indexes=record_indexes()) }}

with

source as (
    {{ newest_versions('analytics', 'site_days') }}
),

renamed as (

    select
        source._record_key,
        source.payload ->> 'site' as site,
        {{ to_date_or_null("source.payload ->> 'day'") }} as visited_date,
        source.payload -> 'pages' as pages,
        source._extracted_at,
        source._load_id
    from source

)

select * from renamed
