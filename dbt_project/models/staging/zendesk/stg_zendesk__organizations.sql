-- One row per organization of end users, in its newest version.
{{
    config(
        materialized='incremental',
        indexes=[
            {'columns': ['_record_key'], 'unique': True},
            {'columns': ['_load_id']}
        ]
    )
}}

with

source as (
    {{ newest_versions('zendesk', 'organizations') }}
),

renamed as (

    select
        source._record_key,
        organizations.id as organization_id,
        {{ clean_text('organizations.name') }} as organization_name,
        {{ blank_to_null('organizations.external_id') }} as external_id,
        {{ to_timestamp_or_null('organizations.created_at') }} as created_at,
        {{ to_timestamp_or_null('organizations.updated_at') }} as updated_at,
        source._extracted_at,
        source._load_id
    from source
    cross join lateral jsonb_to_record(source.payload) as organizations (
        id text, name text, external_id text, created_at text, updated_at text
    )

)

select * from renamed
