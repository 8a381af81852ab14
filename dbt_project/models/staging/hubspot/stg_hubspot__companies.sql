-- One row per HubSpot company, in its newest version.
{{ config(materialized='incremental', indexes=record_indexes()) }}

with

source as (
    {{ newest_versions('hubspot', 'companies') }}
),

renamed as (

    select
        source._record_key,
        'hubspot:' || source._record_key as account_id,
        lower(replace({{ blank_to_null('companies.industry') }}, '_', ' ')) as industry,
        source._extracted_at,
        source._load_id
    from source
    cross join lateral jsonb_to_record(source.payload -> 'properties') as companies (industry text)

)

select * from renamed
