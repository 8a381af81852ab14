-- One row per account (a household or company) in the CRM, in its newest version.
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
    {{ newest_versions('crm', 'accounts', crm_version_began_at()) }}
),

renamed as (

    select
        source._record_key,
        accounts.id as account_id,
        {{ blank_to_null('accounts.industry') }} as industry,
        lower({{ blank_to_null('accounts.market') }}) as market_code,
        {{ to_timestamp_or_null('accounts.created_at') }} as created_at,
        {{ to_timestamp_or_null('accounts.updated_at') }} as updated_at,
        source._extracted_at,
        source._load_id
    from source
    cross join lateral jsonb_to_record(source.payload) as accounts (
        id text, name text, industry text, market text, created_at text, updated_at text
    )

)

select * from renamed
